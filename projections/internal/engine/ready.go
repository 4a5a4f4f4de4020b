package engine

import (
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/merkle"
)

func eventOf(rec store.Record) Event { return Event{Record: rec, leaf: merkle.LeafHash(rec.Raw)} }

// prepare has the fold work out most of what an event costs. One that it fails on
// is marked.
func (e *Event) prepare(fold Fold, epoch string) { e.Failed = e.tryPrepare(fold, epoch) }

func (e *Event) tryPrepare(fold Fold, epoch string) (err error) {
	defer Caught(&e.Seq, &err)
	e.Prepared, err = fold.Prepare(epoch, e.Record)
	return err
}

// mark begins an event again in a batch that failed: what a fold that was taken
// back has noted in what was prepared must not stay. why is set for the event that
// is to blame.
func (e Event) mark(seq uint64, why error) Event {
	e.Prepared = nil
	if e.Seq == seq {
		e.Failed = why
	}
	return e
}
