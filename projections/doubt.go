package projections

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/store"
)

// Kind is in which way a log is not what it was.
type Kind string

// The kinds of doubt.
const (
	Vanished   Kind = "vanished"      // its stream is gone
	Replaced   Kind = "replaced"      // its stream was deleted and made again
	Trimmed    Kind = "trimmed"       // its beginning is gone
	RolledBack Kind = "rolled back"   // its end is gone
	Forked     Kind = "forked"        // from some event on it tells another story
	Altered    Kind = "altered"       // an event has other bytes
	Gap        Kind = "gap"           // an event is missing
	Settings   Kind = "settings"      // its stream may forget: its settings were changed
	Unsound    Kind = "views altered" // the log is sound, the tree in the view file is not
)

// DoubtError says that the log is not what it was when the views were made.
type DoubtError struct {
	Kind   Kind   `json:"kind"`
	Seq    uint64 `json:"seq"` // the first position known to be wrong
	Reason string `json:"reason"`
}

func (d *DoubtError) Error() string {
	return fmt.Sprintf("the log is in doubt at %d (%s): %s", d.Seq, d.Kind, d.Reason)
}

func doubt(kind Kind, seq uint64, format string, args ...any) *DoubtError {
	return &DoubtError{Kind: kind, Seq: seq, Reason: fmt.Sprintf(format, args...)}
}

// doubtOf is the doubt that an error of the log amounts to; nil where it is of
// another kind.
func doubtOf(err error) *DoubtError {
	var d *DoubtError
	var gap *store.GapError
	var replaced *store.ReplacedError
	switch {
	case errors.As(err, &d):
		return d
	case errors.As(err, &gap):
		return doubt(Gap, gap.Want, "%v", gap)
	case errors.As(err, &replaced):
		return doubt(Replaced, 1, "%v", replaced)
	case errors.Is(err, store.ErrNotFound):
		return doubt(Vanished, 1, "its stream is gone")
	}
	return nil
}

// Doubt puts the log in doubt: the views go on being served as they are, and
// nothing is added to them. The first doubt stays. It is written down beside
// the view file, so that the next start looks there again; the file itself and
// the log are evidence and are left alone.
func (e *Engine) Doubt(d *DoubtError) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.doubt != nil {
		return
	}
	e.doubt = d
	e.logger.Error("the log is in doubt: no facts are taken, the views are served as they were", "summit", e.log.Summit(),
		"position", e.head.position().String(), "kind", string(d.Kind), "at", d.Seq, "reason", d.Reason, "try", "summit doctor")
	if err := writeDoubt(e.doubtPath(), d); err != nil {
		e.logger.Error("the doubt could not be written down", "summit", e.log.Summit(), "error", err)
	}
	if e.halt != nil {
		e.halt()
	}
	e.wake()
}

func (e *Engine) doubtPath() string { return e.path + ".doubt" }

func writeDoubt(path string, d *DoubtError) error {
	b, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.WriteFile(path, append(b, '\n'), 0o600)
}

func readDoubt(path string) (*DoubtError, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil //nolint:nilnil // there was no doubt
	}
	if err != nil {
		return nil, fmt.Errorf("read the doubt: %w", err)
	}
	var d DoubtError
	if err := json.Unmarshal(b, &d); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return &d, nil
}

// lookAgain looks where the last run found the log in doubt: what is found by
// reading the whole log must not be forgotten by a restart. The doubt is lifted
// where the event is right again, and where the views were made anew.
func (e *Engine) lookAgain(ctx context.Context) error {
	was, err := readDoubt(e.doubtPath())
	if err != nil || was == nil {
		return err
	}
	if head, _ := e.seen(); head > 0 {
		switch was.Kind {
		case Unsound:
			return was
		case Altered, Gap, Forked:
			if err := e.sameLeaf(ctx, was.Seq); doubtOf(err) != nil {
				return was
			} else if err != nil {
				return err
			}
		}
	}
	e.logger.Warn("the log was in doubt and is right there now", "summit", e.log.Summit(), "kind", string(was.Kind), "at", was.Seq)
	return removeFile(e.doubtPath())
}
