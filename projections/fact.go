package projections

import (
	"context"
	"time"

	"github.com/summit-timeline/summit/store/viewdb"
)

// Fact reads one item and the sequences of every event that touches it. The id
// may be that of an amendment: the item is then the fact it amends.
func (e *Engine) Fact(_ context.Context, id string, at Reading, now time.Time) (FactAnswer, error) {
	var answer FactAnswer
	err := e.view(func(r *reader) (err error) {
		answer, err = r.fact(id, at, now)
		return err
	})
	return answer, err
}

func (r *reader) fact(id string, at Reading, now time.Time) (FactAnswer, error) {
	seq, ok := findID(r.tx, id)
	if !ok || seq > at.Seq {
		return FactAnswer{}, ErrNotFound
	}
	event, err := readEvent(r.tx, seq)
	if err != nil {
		return FactAnswer{}, err
	}
	row, err := readRow(r.tx, event.fact, at.Seq)
	if err != nil {
		return FactAnswer{}, err
	}
	judge, err := r.judge(at, now)
	if err != nil {
		return FactAnswer{}, err
	}
	answer := FactAnswer{Stamp: r.stamp(at), History: []uint64{event.fact}}
	if answer.Item, err = r.assemble(event.fact, row, at.Seq, judge); err != nil {
		return FactAnswer{}, err
	}
	for k := range r.tx.Scan(tableAmendments, viewdb.Range{From: pairKey(event.fact, 0), To: pairKey(event.fact, at.Seq+1)}) {
		answer.History = append(answer.History, seqOf(k[8:]))
	}
	return answer, nil
}

// Conflicts lists the contradictions that stand at a position.
func (e *Engine) Conflicts(ctx context.Context, at Reading) ([]Conflict, Stamp, error) {
	var list []Conflict
	var stamp Stamp
	err := e.view(func(r *reader) (err error) {
		stamp = r.stamp(at)
		list, err = conflictsAt(ctx, r.tx, at.Seq)
		return err
	})
	return list, stamp, err
}
