package projections

import (
	"bytes"
	"context"
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
// depend on.
func (e *Engine) Overdue(now time.Time) int64 {
	var last int64
	_ = e.view(func(r *reader) error { // a file that cannot be read fails the answer itself
		last = r.overdue(now)
		return nil
	})
	return last
}

func (r *reader) overdue(now time.Time) int64 {
	past := viewdb.Range{To: keys.Seq(keys.Ordered(now.UnixNano())), Reverse: true}
	k, _, ok := r.Tx.Cursor(item.TableDue, past).Next()
	if !ok {
		return 0
	}
	return keys.Signed(keys.Uint64(bytes.Clone(k)))
}
