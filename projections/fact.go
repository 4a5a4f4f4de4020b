package projections

import (
	"context"
	"time"

	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Fact reads one item and the sequences of every event that touches it. The id
// may be that of an amendment: the item is then the fact it amends.
func (e *Engine) Fact(ctx context.Context, id string, at AsOf, now time.Time) (FactAnswer, error) {
	var answer FactAnswer
	err := e.view(func(r *reader) (err error) {
		answer, err = r.fact(ctx, id, at, now)
		return err
	})
	return answer, err
}

func (r *reader) fact(ctx context.Context, id string, at AsOf, now time.Time) (FactAnswer, error) {
	seq, ok := item.Find(r.Tx, id)
	if !ok || seq > at.Seq {
		return FactAnswer{}, ErrNotFound
	}
	event, err := item.ReadEvent(r.Tx, seq)
	if err != nil {
		return FactAnswer{}, err
	}
	row, err := item.ReadRow(r.Tx, event.Fact, at.Seq)
	if err != nil {
		return FactAnswer{}, err
	}
	present, err := r.Present(at, now)
	if err != nil {
		return FactAnswer{}, err
	}
	answer := FactAnswer{Stamp: r.Stamp(at), History: []uint64{event.Fact}}
	if err := ctx.Err(); err != nil {
		return FactAnswer{}, err
	}
	if answer.Item, err = r.assemble(r.Teller(at.Language, at.Seq), event.Fact, row, present); err != nil {
		return FactAnswer{}, err
	}
	for k := range r.Tx.Scan(item.TableAmendments, viewdb.Range{From: keys.Pair(event.Fact, 0), To: keys.Pair(event.Fact, at.Seq+1)}) {
		answer.History = append(answer.History, keys.Uint64(k[8:]))
	}
	return answer, ctx.Err()
}

// Conflicts lists the contradictions that stand at a position.
func (e *Engine) Conflicts(ctx context.Context, at AsOf) ([]Conflict, Stamp, error) {
	var list []Conflict
	var stamp Stamp
	err := e.view(func(r *reader) (err error) {
		stamp = r.Stamp(at)
		tell := r.Teller(at.Language, at.Seq)
		list, err = item.ConflictsAt(ctx, r.Tx, at.Seq, tell.In, tell.Called)
		return err
	})
	return list, stamp, err
}
