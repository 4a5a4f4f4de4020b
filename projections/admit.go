package projections

import (
	"errors"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Find gives the sequence of the event with an id.
func (e *Engine) Find(id string) (seq uint64, found bool, err error) {
	err = e.view(func(r *reader) error {
		seq, found = findID(r.tx, id)
		return nil
	})
	return seq, found, err
}

// Try folds events after what is served and takes all of it back: it says
// whether they could stand there, one after the other. The error is an
// *Inadmissible where one could not stand.
func (e *Engine) Try(list []events.Event) error {
	var hand uint64
	err := e.try(list, &hand)
	switch bug := (*PanicError)(nil); {
	case errors.Is(err, errTakenBack):
		return nil
	case errors.As(err, &bug):
		return inadmissible(int(hand), err)
	}
	return err
}

// try keeps in hand which event of the list is being folded.
func (e *Engine) try(list []events.Event, hand *uint64) (err error) {
	defer caught(hand, &err)
	f, done, err := e.use()
	if err != nil {
		return err
	}
	defer done()
	return f.Update(func(tx *viewdb.Tx) error {
		at, err := readCursor(tx)
		if err != nil {
			return err
		}
		w, err := newWriter(tx, at, newRecent())
		if err != nil {
			return err
		}
		w.strict = true
		for i, ev := range list {
			*hand = uint64(i)
			if err := w.step(prepare(store.Record{Seq: at.Seq + 1 + *hand, Event: ev})); err != nil {
				return inadmissible(i, err)
			}
			if err := tx.LetGo(); err != nil {
				return err
			}
		}
		return errTakenBack
	})
}

var errTakenBack = errors.New("taken back")

// Inadmissible says which event of a list cannot stand, and why.
type Inadmissible struct {
	Index  int
	Faults events.Faults
}

func (i *Inadmissible) Error() string { return i.Faults.Error() }

func inadmissible(i int, err error) error {
	var faults events.Faults
	if !errors.As(err, &faults) {
		faults = events.Faults{{Detail: "this program fails on it: " + err.Error()}}
	}
	return &Inadmissible{Index: i, Faults: faults}
}

// Closed says whether the summit is closed, as far as is served.
func (e *Engine) Closed() (bool, error) {
	var closed bool
	err := e.view(func(r *reader) error {
		closed = isClosed(r.tx, r.summit, r.head.Seq)
		return nil
	})
	return closed, err
}

// LastOn is the sequence of the last event on an entity; 0 where there is none.
func (e *Engine) LastOn(entity events.Entity) (uint64, error) {
	var seq uint64
	err := e.view(func(r *reader) error {
		if v := r.tx.Get(tableEntities, []byte(entity.String())); v != nil {
			seq = seqOf(v)
		}
		return nil
	})
	return seq, err
}

// isClosed says whether a summit was closed as known at a position.
func isClosed(tx *viewdb.Tx, summit string, known uint64) bool {
	entity := events.Entity{Kind: events.KindSummit, ID: summit}
	list := slotList(entity.String(), slotClosed)
	if known == 0 || tx.Get(tableSlots, []byte(list)) == nil {
		return false
	}
	for range (walk{list: list, known: known}).postings(tx) {
		return true
	}
	return false
}
