package projections

import (
	"context"
	"math"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Find returns the sequence of the event with an id.
func (e *Engine) Find(id string) (seq uint64, found bool, err error) {
	err = e.view(func(r *reader) error {
		seq, found = item.Find(r.Tx, id)
		return nil
	})
	return seq, found, err
}

// Closed reports whether the summit is closed, as far as is served.
func (e *Engine) Closed() (bool, error) {
	var closed bool
	err := e.view(func(r *reader) error {
		closed = item.Closed(r.Tx, r.Summit, r.Head.Seq)
		return nil
	})
	return closed, err
}

// LastOn returns the sequence of the last event on an entity, or 0 if there is none.
func (e *Engine) LastOn(entity events.Entity) (uint64, error) {
	var seq uint64
	err := e.view(func(r *reader) error {
		if v := r.Tx.Get(item.TableEntities, []byte(entity.String())); v != nil {
			seq = keys.Uint64(v)
		}
		return nil
	})
	return seq, err
}

// Seqs finds the sequences of events by their ids. An id that the log does not
// have is left out.
func (e *Engine) Seqs(ctx context.Context, ids []string) (map[string]uint64, error) {
	seqs := make(map[string]uint64, len(ids))
	err := e.view(func(r *reader) error {
		for n, id := range ids {
			if n%1024 == 1023 && ctx.Err() != nil {
				return ctx.Err()
			}
			if seq, ok := item.Find(r.Tx, id); ok {
				seqs[id] = seq
			}
		}
		return nil
	})
	return seqs, err
}

// Overdue returns the last instant before now at which a current plan became overdue,
// in Unix nanoseconds, or 0: together with the head, all that the latest answers
// depend on. It is kept until the next such instant, or the next event.
func (e *Engine) Overdue(now time.Time) int64 {
	if d := e.due.Load(); d != nil && d.holds(e.Head(), e.Version(), now.UnixNano()) {
		return d.last
	}
	var d dueTimes
	if err := e.view(func(r *reader) error { d = r.due(now); return nil }); err != nil {
		return 0 // a file that cannot be read fails the answer itself
	}
	e.due.Store(&d)
	return d.last
}

// dueTimes are the instants about a present at which current plans become overdue.
type dueTimes struct {
	head    events.Position
	version int // of the views
	last    int64
	next    int64 // at the earliest
}

// holds reports whether the instants are those about a present.
func (d *dueTimes) holds(head events.Position, version int, now int64) bool {
	return d.head == head && d.version == version && d.last < now && now <= d.next
}

func (r *reader) due(now time.Time) dueTimes {
	d := dueTimes{head: r.Head.Position(), version: r.Head.Version, last: r.overdue(now), next: math.MaxInt64}
	if k, _, ok := r.Tx.Cursor(item.TableDue, viewdb.Range{From: keys.Seq(keys.Ordered(now.UnixNano()))}).Next(); ok {
		d.next = keys.Signed(keys.Uint64(k))
	}
	return d
}

func (r *reader) overdue(now time.Time) int64 {
	past := viewdb.Range{To: keys.Seq(keys.Ordered(now.UnixNano())), Reverse: true}
	k, _, ok := r.Tx.Cursor(item.TableDue, past).Next()
	if !ok {
		return 0
	}
	return keys.Signed(keys.Uint64(k))
}
