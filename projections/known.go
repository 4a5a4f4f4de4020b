package projections

import (
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/projections/internal/item"
)

// ErrNotFound is returned for a fact that does not exist, or did not yet.
var ErrNotFound = class.New(class.Absent, "no such fact")

// AheadError is returned for a position that the views do not have. Whether the
// log has it is for the caller to ask.
type AheadError struct{ Asked, Head events.Position }

func (a *AheadError) Error() string {
	return fmt.Sprintf("position %s is in the future: the last is %s", a.Asked, a.Head)
}

// Settled is how long ago an instant must be for what was known then to stand
// for ever: a server stamps again what it has not appended within a second, and
// a publish that arrives later than its stamp allows does not land.
const Settled = 2 * time.Second

// Latest reads all that is served. No plan is judged against the present: it
// stands as of the last position.
func (e *Engine) Latest() AsOf { return AsOf{Seq: e.Head().Seq} }

// Resolve turns a reader's words for a moment of knowledge into a reading: an
// instant in RFC 3339, @seq, or a position. "" is now, and an instant that is
// not settled yet is answered as of the last position. The error is an
// *AheadError for a position that is not served, else a *ParamError.
func (e *Engine) Resolve(known string, now time.Time) (AsOf, error) {
	if known == "" {
		return AsOf{Seq: e.Head().Seq, Now: now}, nil
	}
	if strings.HasPrefix(known, "@") {
		n, err := strconv.ParseUint(known[1:], 10, 63)
		if err != nil {
			return AsOf{}, &ParamError{Name: "known", Detail: fmt.Sprintf("%q is not a sequence number: expected @ and a number, such as @12", known)}
		}
		return e.pin(events.Position{Epoch: e.Head().Epoch, Seq: n})
	}
	if t, err := events.ParseInstant(known); err == nil {
		return e.resolveInstant(t.Time, now)
	}
	p, err := events.ParsePosition(known)
	if err != nil {
		return AsOf{}, &ParamError{Name: "known", Detail: fmt.Sprintf("%q cannot be read: expected an RFC 3339 time with an offset, @ and a sequence number such as @12, or a position such as 3f9a1c20-27", known)}
	}
	return e.pin(p)
}

func (e *Engine) pin(p events.Position) (AsOf, error) {
	head := e.Head()
	if p.Epoch != head.Epoch {
		return AsOf{}, &ParamError{Name: "known", Detail: fmt.Sprintf("position %s belongs to another history: the epoch of this one is %s", p, head.Epoch)}
	}
	if p.Seq > head.Seq { // answers have a position from its commit on, and Head a moment later
		err := e.view(func(r *reader) error { head = r.Head.Position(); return nil })
		if err != nil {
			return AsOf{}, err
		}
	}
	if p.Seq > head.Seq {
		return AsOf{}, &AheadError{Asked: p, Head: head}
	}
	return AsOf{Seq: p.Seq, Pinned: true}, nil
}

// resolveInstant finds the last event that was known at an instant.
func (e *Engine) resolveInstant(t, now time.Time) (AsOf, error) {
	if t.After(now) {
		return AsOf{}, &ParamError{Name: "known", Detail: fmt.Sprintf("%s is in the future: it is %s", t.Format(time.RFC3339), now.UTC().Format(time.RFC3339))}
	}
	if now.Sub(t) < Settled {
		return AsOf{Seq: e.Head().Seq, Pinned: true}, nil
	}
	var seq uint64
	err := e.view(func(r *reader) error {
		var failed error
		n := sort.Search(int(r.Head.Seq), func(i int) bool {
			row, err := item.ReadEvent(r.Tx, uint64(i)+1)
			failed = errors.Join(failed, err)
			return row.Known > t.UnixNano()
		})
		seq = uint64(n)
		return failed
	})
	return AsOf{Seq: seq, Pinned: true}, err
}

// Passed reports whether the views hold an event that became known after an
// instant: then they hold all that was known then.
func (e *Engine) Passed(t time.Time) (bool, error) {
	var passed bool
	err := e.view(func(r *reader) error {
		row, err := item.ReadEvent(r.Tx, r.Head.Seq)
		passed = row.Known > t.UnixNano()
		return err
	})
	return passed, err
}

// Complete reports whether nothing is missing from what is read at a position.
func (e *Engine) Complete(at AsOf) (bool, error) {
	var complete bool
	err := e.view(func(r *reader) error { complete = r.Stamp(at).Complete; return nil })
	return complete, err
}

// KnowledgeTime returns when the log came to hold an event: the running maximum of
// recordedtime.
func (e *Engine) KnowledgeTime(seq uint64) (time.Time, error) {
	var t time.Time
	err := e.view(func(r *reader) error {
		row, err := item.ReadEvent(r.Tx, seq)
		t = time.Unix(0, row.Known).UTC()
		return err
	})
	return t, err
}

// Class returns class.Malformed: no event has that position.
func (*AheadError) Class() class.Class { return class.Malformed }
