package summits

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/store"
)

// Outcome is what came of recording an event.
type Outcome struct {
	ID      string
	Seq     uint64
	Outcome store.Outcome
}

// expected is what a caller expects of the log.
type expected struct {
	match *events.Position // up to which it has seen the entities of its amendments
	last  *uint64          // sequence that the log ends at
}

type lastKey struct{}

// ExpectLast has what is recorded in a context expect the log to end at a
// sequence: else it is a *LastError.
func ExpectLast(ctx context.Context, seq uint64) context.Context {
	return context.WithValue(ctx, lastKey{}, &seq)
}

// LastError reports that the log does not end where a caller expects. It is an
// ErrMoved.
type LastError struct{ Expected, Last uint64 }

func (e *LastError) Error() string { return fmt.Sprintf("wrong last sequence: %d", e.Last) }

// Is reports whether target is ErrMoved.
func (*LastError) Is(target error) bool { return target == ErrMoved }

// The errors of recording, besides those of the store.
var (
	ErrClosed  = class.New(class.Conflict, "the summit is closed: only amendments can be recorded")
	ErrMoved   = class.New(class.Moved, "the entity has changed since the position in If-Match: read it again")
	ErrInDoubt = class.New(class.Broken, "the log is in doubt: no facts can be recorded until it is restored")
)

// request is one caller's events: all of them or none.
type request struct {
	ctx    context.Context
	events []events.Event
	expect expected
	reply  chan answer

	outcomes []Outcome
	fresh    []int       // which of the events are to be appended
	after    uint64      // the sequence that they were admitted to follow
	stamp    time.Time   // when that was
	holds    time.Time   // until when they may be appended with it
	doubtful []time.Time // the stamps of those appends that were not answered
}

type answer struct {
	outcomes []Outcome
	err      error
}

// recordWait is how long the broker may be out of reach, or others be quicker,
// before a caller is told so: it may ask again, with the same ids.
const recordWait = 20 * time.Second

var errSlow = errors.New("the events could not be appended in time: send them again with the same ids")

// Record appends events, all of them or none. match, where given, is the
// position up to which the caller has seen the entities of its amendments.
func (r *recorder) Record(ctx context.Context, list []events.Event, match *events.Position) ([]Outcome, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, recordWait, errSlow)
	defer cancel()
	q := &request{ctx: ctx, events: append([]events.Event(nil), list...), expect: expected{match: match}, reply: make(chan answer, 1)}
	q.expect.last, _ = ctx.Value(lastKey{}).(*uint64)
	select {
	case r.requests <- q:
		r.serveOnce()
	case <-r.stopped:
		return nil, errStopped
	case <-ctx.Done():
		return nil, q.gone()
	}
	select {
	case a := <-q.reply:
		return a.outcomes, a.err
	case <-r.stopped:
		return q.late()
	case <-ctx.Done():
		return nil, q.gone()
	}
}

func (q *request) gone() error {
	return fmt.Errorf("record: %w: %w", store.ErrUnavailable, errors.Join(q.ctx.Err(), context.Cause(q.ctx)))
}

// errStopped is the error of a server that stops.
var errStopped = fmt.Errorf("record: the server is stopping: %w", store.ErrUnavailable)

// late takes the answer that came just before the recorder stopped, if any.
func (q *request) late() ([]Outcome, error) {
	select {
	case a := <-q.reply:
		return a.outcomes, a.err
	default:
		return nil, errStopped
	}
}

// needsViews requests need views that are at the head.
func (q *request) needsViews() bool {
	if q.expect != (expected{}) {
		return true
	}
	for _, e := range q.events {
		if needsViews(e) || len(events.Owed(e.Data)) > 0 { // what it leaves out must have been given
			return true
		}
	}
	return false
}

// lone reports whether the request has one event: nothing has to be appended with it.
func (q *request) lone() bool { return len(q.events) == 1 }

func needsViews(e events.Event) bool {
	_, amends := e.Amends()
	return amends || e.Subject.Kind == events.KindSummit
}

func (q *request) repeats(taken map[string]bool) bool {
	for _, e := range q.events {
		if taken[e.ID] {
			return true
		}
	}
	return false
}

// outcome distinguishes an event that is there since an append of this request was not
// answered from one that was there before.
func (q *request) outcome(recorded events.Instant) store.Outcome {
	for _, t := range q.doubtful {
		if t.Equal(recorded.Time) {
			return store.Created
		}
	}
	return store.Duplicate
}
