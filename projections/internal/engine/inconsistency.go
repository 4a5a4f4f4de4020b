package engine

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/durable"
)

// InconsistencyKind is in which way a log is not what it was.
type InconsistencyKind string

// The kinds of doubt.
const (
	Vanished   InconsistencyKind = "vanished"      // its stream is gone
	Replaced   InconsistencyKind = "replaced"      // its stream was deleted and made again
	Trimmed    InconsistencyKind = "trimmed"       // its beginning is gone
	RolledBack InconsistencyKind = "rolled back"   // its end is gone
	Forked     InconsistencyKind = "forked"        // from some event on it is another log
	Altered    InconsistencyKind = "altered"       // an event has other bytes
	Gap        InconsistencyKind = "gap"           // an event is missing
	Settings   InconsistencyKind = "settings"      // its stream may forget: its settings were changed
	Unsound    InconsistencyKind = "views altered" // the log is sound, the tree in the view file is not
)

// InconsistencyError reports that the log is not what it was when the views were made.
type InconsistencyError struct {
	Kind   InconsistencyKind `json:"kind"`
	Seq    uint64            `json:"seq"` // the first position known to be wrong
	Reason string            `json:"reason"`
}

func (d *InconsistencyError) Error() string {
	return fmt.Sprintf("the log is in doubt at %d (%s): %s", d.Seq, d.Kind, d.Reason)
}

func inconsistent(kind InconsistencyKind, seq uint64, format string, args ...any) *InconsistencyError {
	return &InconsistencyError{Kind: kind, Seq: seq, Reason: fmt.Sprintf(format, args...)}
}

// inconsistencyIn returns the doubt that an error of the log amounts to, or nil if it is of
// another kind.
func inconsistencyIn(err error) *InconsistencyError {
	var d *InconsistencyError
	var gap *store.GapError
	var replaced *store.ReplacedError
	switch {
	case errors.As(err, &d):
		return d
	case errors.As(err, &gap):
		return inconsistent(Gap, gap.Want, "%v", gap)
	case errors.As(err, &replaced):
		return inconsistent(Replaced, 1, "%v", replaced)
	case errors.Is(err, store.ErrNotFound):
		return inconsistent(Vanished, 1, "its stream is gone")
	}
	return nil
}

// Doubt puts the log in doubt: the views go on being served as they are, and
// nothing is added to them. The first doubt stays. It is written down beside
// the view file, so that the next start looks there again; the file itself and
// the log are evidence and are left alone.
func (e *Engine) Doubt(d *InconsistencyError) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.inconsistency != nil {
		return
	}
	e.inconsistency = d
	e.logger.Error("the log is in doubt: no facts are accepted, the views are served as they were", "summit", e.log.Summit(),
		"position", e.head.Position().String(), "kind", string(d.Kind), "at", d.Seq, "reason", d.Reason, "try", "summit doctor")
	if err := e.keepInconsistency(d); err != nil {
		e.logger.Error("the inconsistency could not be saved", "summit", e.log.Summit(), "error", err)
	}
	if e.halt != nil {
		e.halt()
	}
	e.wake()
}

// suffixInconsistency is that of the files in which doubts are written down.
const suffixInconsistency = ".doubt"

// missingFiles is after how many names that are not there no more doubts are
// looked for: some may have been lifted before others. The folder is not read for
// them, for it may hold the files of ten thousand summits.
const missingFiles = 8

// inconsistencyFiles returns the files of the doubts there were, the first one first.
func inconsistencyFiles(views string) (list []string) {
	last := 0
	for n := 1; n <= last+missingFiles; n++ {
		if path := inconsistencyPath(views, n); exists(path) {
			list, last = append(list, path), n
		}
	}
	return list
}

// inconsistencyPath returns where the nth doubt is written down.
func inconsistencyPath(views string, n int) string {
	if n == 1 {
		return views + suffixInconsistency
	}
	return fmt.Sprintf("%s%s-%d", views, suffixInconsistency, n)
}

// keepInconsistency writes a doubt down, whole or not at all. What is there is evidence
// and is not written over.
func (e *Engine) keepInconsistency(d *InconsistencyError) error {
	b, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("write an inconsistency: %w", err)
	}
	n := 1
	for ; exists(inconsistencyPath(e.path, n)); n++ {
		if was, err := readInconsistency(inconsistencyPath(e.path, n)); err == nil && *was == *d {
			return nil // it was found before
		}
	}
	path := inconsistencyPath(e.path, n)
	return durable.WriteFile(path, append(b, '\n'), 0o600)
}

func readInconsistency(path string) (*InconsistencyError, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read an inconsistency: %w", err)
	}
	var d InconsistencyError
	if err := json.Unmarshal(b, &d); err != nil {
		return nil, &EvidenceError{Path: path, Err: err}
	}
	if d.Kind == "" {
		return nil, &EvidenceError{Path: path, Err: errors.New("it has no kind of inconsistency")}
	}
	return &d, nil
}

// EvidenceError reports that a doubt was written down and cannot be read.
type EvidenceError struct {
	Path string
	Err  error
}

func (e *EvidenceError) Error() string {
	return fmt.Sprintf("%s records that the log was in doubt, but cannot be read (%v): the whole log is being read again; if it is found sound, move the file aside", e.Path, e.Err)
}

func (e *EvidenceError) Unwrap() error { return e.Err }

// lookAgain looks where the last run found the log in doubt: what is found by
// reading the whole log must not be forgotten by a restart. The doubt is lifted
// where the event is right again, and where the views were rebuilt.
func (e *Engine) lookAgain(ctx context.Context) error {
	for _, path := range inconsistencyFiles(e.path) {
		was, err := readInconsistency(path)
		if evidence := (*EvidenceError)(nil); errors.As(err, &evidence) {
			e.noteEvidence(evidence)
			continue
		}
		if err != nil {
			return err
		}
		if err := e.stillStands(ctx, was); err != nil {
			return err
		}
		e.logger.Warn("the log was in doubt and is sound again", "summit", e.log.Summit(), "kind", string(was.Kind), "at", was.Seq)
		if err := removeFile(path); err != nil {
			return fmt.Errorf("clear an inconsistency: %w", err)
		}
	}
	return nil
}

// stillStands returns the doubt where the log is still as it was found.
func (e *Engine) stillStands(ctx context.Context, was *InconsistencyError) error {
	if head, _ := e.seen(); head == 0 {
		return nil
	}
	switch was.Kind {
	case Unsound:
		return was
	case Altered, Gap, Forked:
		if err := e.sameLeaf(ctx, was.Seq); inconsistencyIn(err) != nil {
			return was
		} else if err != nil {
			return err
		}
	}
	return nil
}

// noteEvidence remembers evidence that cannot be read, and says so once.
func (e *Engine) noteEvidence(evidence *EvidenceError) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.evidence == nil {
		e.logger.Error("evidence cannot be read", "summit", e.log.Summit(), "error", evidence, "try", "summit audit "+e.log.Summit())
	}
	e.evidence = evidence
}

// Class returns class.Broken: the log must be restored.
func (*InconsistencyError) Class() class.Class { return class.Broken }

// Class returns class.Broken: an operator must look at the evidence.
func (*EvidenceError) Class() class.Class { return class.Broken }
