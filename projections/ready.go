package projections

import (
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/merkle"
)

// ready is an event with what can be worked out from it alone, before the
// transaction it goes into.
type ready struct {
	store.Record
	leaf   merkle.Hash
	item   *item // nil where it is no fact
	failed error // why the program cannot fold it
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

// write writes a fact down: most of what it costs. One that cannot be written
// is marked.
func (r *ready) write(epoch string) {
	if r.item != nil {
		r.failed = r.tryWrite(epoch)
	}
}

func (r *ready) tryWrite(epoch string) (err error) {
	defer caught(&r.Seq, &err)
	return r.item.write(epoch)
}

// mark prepares an event again that the fold failed on: what a fold that was
// taken back has noted in its item must not stay.
func (r ready) mark(seq uint64, why error) ready {
	next := prepare(r.Record)
	if next.failed = r.failed; r.Seq == seq {
		next.failed = why
	}
	return next
}
