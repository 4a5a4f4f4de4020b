package fold

import (
	"errors"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/projections/internal/engine"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Try folds events after a cursor, one after the other, as events that are
// asked to be recorded. The error is an *Inadmissible where one cannot stand. The
// transaction must be rolled back.
func Try(tx *viewdb.Tx, at engine.Cursor, list []events.Event) (err error) {
	var hand uint64
	defer func() {
		if bug := (*engine.PanicError)(nil); errors.As(err, &bug) {
			err = inadmissible(int(hand), err)
		}
	}()
	defer engine.Caught(&hand, &err)
	w, err := newBatch(tx, at, newRecent())
	if err != nil {
		return err
	}
	w.proposed = true
	for i, ev := range list {
		hand = uint64(i)
		rec := store.Record{Seq: at.Seq + 1 + hand, Event: ev}
		if err := w.step(rec, itemOf(rec)); err != nil {
			return inadmissible(i, err)
		}
	}
	return nil
}

// Inadmissible reports which event of a list cannot stand, and why.
type Inadmissible struct {
	Index  int
	Faults events.Faults
}

func (i *Inadmissible) Error() string { return i.Faults.Error() }

func inadmissible(i int, err error) error {
	var faults events.Faults
	if !errors.As(err, &faults) {
		faults = events.Faults{{Detail: "this version of the program cannot process it: " + err.Error()}}
	}
	return &Inadmissible{Index: i, Faults: faults}
}

// Class returns class.Invalid: the event cannot stand where it would be appended.
func (*Inadmissible) Class() class.Class { return class.Invalid }
