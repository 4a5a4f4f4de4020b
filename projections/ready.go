package projections

import (
	"fmt"

	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/merkle"
)

// ready is an event with what can be worked out from it alone, before the
// transaction it goes into.
type ready struct {
	store.Record
	leaf merkle.Hash
	item *item // nil where it is no fact
}

func prepare(rec store.Record) ready {
	r := ready{Record: rec, leaf: merkle.LeafHash(rec.Raw)}
	if rec.Err != nil {
		return r
	}
	if _, amends := rec.Event.Amends(); !amends {
		r.item = newItem(rec.Seq, rec.Event)
	}
	return r
}

// write writes a fact down: most of what it costs.
func (r ready) write(epoch string) error {
	if r.item == nil {
		return nil
	}
	if err := r.item.write(epoch); err != nil {
		return fmt.Errorf("prepare event %d: %w", r.Seq, err)
	}
	return nil
}
