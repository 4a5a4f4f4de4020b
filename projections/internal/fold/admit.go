package fold

import (
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/viewdb"
)

// repeated returns the second coming of an id: ignored where it says the same.
func (w *batch) repeated(e events.Event, first uint64, row *item.EventRow) error {
	same, err := sameAs(w.tx, e, first)
	if err != nil {
		return err
	}
	if !same {
		return item.Fault("/id", "is the id of event %d, which says something else", first)
	}
	row.Kind = item.EventRepeated
	return nil
}

// sameAs reports whether an event says what the stored event at a sequence says.
func sameAs(tx *viewdb.Tx, e events.Event, seq uint64) (bool, error) {
	stored, err := storedEvent(tx, seq)
	if err != nil {
		return false, err
	}
	stored.Summit, stored.Extensions = e.Summit, e.Extensions // the views keep neither
	return events.Same(e, stored)
}

// storedEvent puts an event together again from the views.
func storedEvent(tx *viewdb.Tx, seq uint64) (events.Event, error) {
	row, err := item.ReadEvent(tx, seq)
	if err != nil {
		return events.Event{}, err
	}
	first, err := item.ReadItem(tx, row.Fact, row.Fact)
	if err != nil {
		return events.Event{}, err
	}
	if row.Kind == item.EventFact {
		return events.Event{ID: first.ID, Source: first.Desk, Type: first.Type, Subject: first.Entity, Time: first.Time, Data: first.Data}, nil
	}
	var a item.AmendmentRow
	if err := json.Unmarshal(tx.Get(item.TableAmendments, keys.Pair(row.Fact, seq)), &a); err != nil {
		return events.Event{}, fmt.Errorf("read amendment %d: %w", seq, err)
	}
	data, err := events.ReadData(a.Shown.Type, a.Data)
	if err != nil {
		return events.Event{}, fmt.Errorf("read amendment %d: %w", seq, err)
	}
	return events.Event{ID: a.Shown.ID, Source: a.Shown.Desk, Type: a.Shown.Type, Subject: first.Entity, Time: a.Time, Data: data}, nil
}

func (w *batch) fold(rec store.Record, it *item.Item, row *item.EventRow) error {
	e := rec.Event
	id, err := uuid.Parse(e.ID)
	if err != nil {
		return item.Fault("/id", "is no UUID")
	}
	if first, taken := item.Find(w.tx, e.ID); taken {
		return w.repeated(e, first, row)
	}
	if err := w.admissible(e, rec.Seq); err != nil {
		return err
	}
	if _, amends := e.Amends(); amends {
		err = w.foldAmendment(e, rec.Seq, row)
	} else {
		err = w.foldFact(it, rec.Seq, row)
	}
	if err != nil {
		return err
	}
	about, err := w.entity(e.Subject)
	if err != nil {
		return err
	}
	if about.Last = rec.Seq; row.Kind == item.EventFact {
		about.Facts++
	}
	return w.tx.Add(item.TableIDs, id[:], keys.Seq(rec.Seq))
}

// admissible holds an event against the life of the summit.
func (w *batch) admissible(e events.Event, seq uint64) error {
	opens := e.Type == events.TypeSummitOpened
	switch {
	case opens && seq > 1:
		return item.Fault("/type", "the summit is open already")
	case !opens && seq == 1:
		return item.Fault("/type", "the first event of a log must be %s", events.TypeSummitOpened)
	}
	if _, amends := e.Amends(); amends {
		return nil
	}
	if !item.Closed(w.tx, e.Summit, seq-1) {
		return nil
	}
	return item.Fault("/type", "the summit is closed: only amendments can be recorded")
}
