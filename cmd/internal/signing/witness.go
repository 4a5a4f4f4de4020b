package signing

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/store/durable"
	"github.com/summit-timeline/summit/store/merkle"
)

// WitnessOptions of a witness.
type WitnessOptions struct {
	LogKey string // verifier key of the log that is watched
	Key    string // the witness's secret key
	Dir    string // where the last cosigned head is kept; made where there is none
	Clock  func() time.Time
}

// Witness cosigns the heads of one log. It cosigns a head only after a proof that
// the head continues the last one it cosigned, and stores the head first. It sees
// no events. Two readers who trust the same witness cannot have been shown two
// histories.
type Witness struct {
	o    WitnessOptions
	log  note.Verifier
	own  note.Verifier
	path string

	mu   sync.Mutex // guards what follows, and the file
	last *Head
}

// Head is a cosigned head.
type Head struct {
	merkle.Checkpoint
	Note []byte // with the log's signature and the witness's
	Line []byte // the witness's signature alone
}

// SplitError is returned when a log has shown two heads of which neither
// continues the other. It holds both as evidence.
type SplitError struct {
	Seen, Shown []byte // as signed notes
	Reason      string
}

func (e *SplitError) Error() string {
	return fmt.Sprintf("the log shows a split view: %s\n--- seen before\n%s--- shown now\n%s", e.Reason, e.Seen, e.Shown)
}

// OldSizeError is returned when a proof begins at another head than the last
// cosigned one.
type OldSizeError struct{ Old, Last int64 }

func (e *OldSizeError) Error() string {
	return fmt.Sprintf("the proof begins at %d, and the last cosigned head has %d", e.Old, e.Last)
}

// ErrUnknownLog is returned for a head of another log.
var ErrUnknownLog = class.New(class.Absent, "the head belongs to another log than the one watched")

// OpenWitness opens a witness, and reads the last head that it cosigned.
func OpenWitness(o WitnessOptions) (*Witness, error) {
	w := &Witness{o: o}
	var err error
	if w.log, err = merkle.ParseVerifier(o.LogKey); err != nil {
		return nil, fmt.Errorf("open witness: %w", err)
	}
	own, err := w.Key()
	if err != nil {
		return nil, fmt.Errorf("open witness: %w", err)
	}
	if w.own, err = merkle.ParseVerifier(own); err != nil {
		return nil, fmt.Errorf("open witness: %w", err)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("open witness: %w", err)
	}
	w.path = filepath.Join(o.Dir, url.PathEscape(w.log.Name()))
	text, err := os.ReadFile(w.path)
	if errors.Is(err, os.ErrNotExist) {
		return w, nil
	}
	if err == nil {
		w.last, err = w.remembered(text)
	}
	if err != nil {
		return nil, fmt.Errorf("open witness: its state in %s cannot be used: %w", w.path, err)
	}
	return w, nil
}

// remembered reads a stored head. It returns an error if the witness has not
// cosigned it.
func (w *Witness) remembered(text []byte) (*Head, error) {
	c, n, err := merkle.Open(text, w.log, w.own)
	if err != nil {
		return nil, err
	}
	for _, s := range n.Sigs {
		if s.Name == w.own.Name() && s.Hash == w.own.KeyHash() {
			return &Head{Checkpoint: c, Note: text, Line: fmt.Appendf(nil, "— %s %s\n", s.Name, s.Base64)}, nil
		}
	}
	return nil, errors.New("this witness has not cosigned it")
}

// Key returns the verifier key of the cosignatures.
func (w *Witness) Key() (string, error) {
	vkey, err := merkle.VerifierKey(w.o.Key)
	if err != nil {
		return "", err
	}
	return merkle.CosignerKey(vkey)
}

// Last returns the last cosigned head; false if there is none yet.
func (w *Witness) Last() (Head, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last == nil {
		return Head{}, false
	}
	return *w.last, true
}

// Add cosigns a head that the log has signed and that continues the last one.
// The proof begins at old, which must be the size of the last head, or 0 if
// there is none. It returns a *SplitError if the log shows another history.
func (w *Witness) Add(old int64, proof []merkle.Hash, text []byte) (Head, error) {
	c, _, err := merkle.Open(text, w.log)
	if err != nil {
		return Head{}, err
	}
	if c.Origin != w.log.Name() {
		return Head{}, fmt.Errorf("%w: it is of %q", ErrUnknownLog, c.Origin)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.continues(c, old, proof, text); err != nil {
		return Head{}, err
	}
	cosigner, err := merkle.NewCosigner(w.o.Key, w.o.Clock().Unix())
	if err != nil {
		return Head{}, err
	}
	h := Head{Checkpoint: c}
	if h.Note, h.Line, err = merkle.Cosign(text, w.log, cosigner); err != nil {
		return Head{}, err
	}
	if err := durable.WriteFile(w.path, h.Note, 0o600); err != nil {
		return Head{}, fmt.Errorf("remember the head: %w", err)
	}
	w.last = &h
	return h, nil
}

func (w *Witness) continues(c merkle.Checkpoint, old int64, proof []merkle.Hash, text []byte) error {
	var last merkle.Checkpoint
	if w.last != nil {
		last = w.last.Checkpoint
	}
	if old != last.Size {
		return &OldSizeError{old, last.Size}
	}
	if w.last == nil || last.Size == 0 {
		if len(proof) > 0 {
			return errors.New("it has a proof, but there is no earlier head")
		}
		return nil
	}
	split := func(reason string) error { return &SplitError{Seen: w.last.Note, Shown: text, Reason: reason} }
	switch {
	case c.Size < last.Size:
		return split(fmt.Sprintf("it went back from %d events to %d", last.Size, c.Size))
	case c.Size == last.Size && c.Root != last.Root:
		return split(fmt.Sprintf("two heads of %d events", c.Size))
	}
	if err := merkle.VerifyConsistency(proof, last.Size, c.Size, last.Root, c.Root); err != nil {
		return split(err.Error())
	}
	return nil
}
