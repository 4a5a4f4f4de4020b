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

// repeated handles an id that occurs again: it is ignored if its content is the same.
func (w *batch) repeated(e events.Event, first uint64, row *item.EventRow) error {
	same, err := sameAs(w.tx, e, first)
	if err != nil {
		return err
	}
	if !same {
		return item.Fault("/id", "is already the id of event %d, which has different content", first)
	}
	row.Kind = item.EventRepeated
	return nil
}

// sameAs reports whether an event has the same content as the stored event at a sequence.
func sameAs(tx *viewdb.Tx, e events.Event, seq uint64) (bool, error) {
	stored, old, err := storedEvent(tx, seq)
	if err != nil {
		return false, err
	}
	stored.Summit = e.Summit // the views keep none: it is that of the log
	if stored.Extensions == nil && old {
		stored.Extensions = e.Extensions
	}
	return events.Same(e, stored)
}

// storedEvent rebuilds an event from the views. old reports whether its row is of a
// version that kept no extensions.
func storedEvent(tx *viewdb.Tx, seq uint64) (e events.Event, old bool, err error) {
	event, err := item.ReadEvent(tx, seq)
	if err != nil {
		return e, false, err
	}
	row, err := item.ReadRow(tx, event.Fact, event.Fact)
	if err != nil {
		return e, false, err
	}
	first, err := row.Item()
	if err != nil {
		return e, false, err
	}
	if event.Kind == item.EventFact {
		return events.Event{ID: first.ID, Source: first.Desk, Type: first.Type, Subject: first.Entity, Time: first.Time, Extensions: first.Extensions(), Data: first.Data}, !row.Extends(), nil
	}
	var a item.AmendmentRow
	if err := json.Unmarshal(tx.Get(item.TableAmendments, keys.Pair(event.Fact, seq)), &a); err != nil {
		return e, false, fmt.Errorf("read amendment %d: %w", seq, err)
	}
	data, err := events.ReadData(a.Shown.Type, a.Data)
	if err != nil {
		return e, false, fmt.Errorf("read amendment %d: %w", seq, err)
	}
	extensions, err := events.ReadExtensions(a.Extensions)
	if err != nil {
		return e, false, err
	}
	return events.Event{ID: a.Shown.ID, Source: a.Shown.Desk, Type: a.Shown.Type, Subject: first.Entity, Time: a.Time, Extensions: extensions, Data: data}, a.Message == "", nil
}

func (w *batch) fold(rec store.Record, it *item.Item, row *item.EventRow) error {
	e := rec.Event
	id, err := uuid.Parse(e.ID)
	if err != nil {
		return item.Fault("/id", "is not a UUID")
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

// admissible checks an event against the state of the summit: opened once, and not closed.
func (w *batch) admissible(e events.Event, seq uint64) error {
	opens := e.Type == events.TypeSummitOpened
	switch {
	case opens && seq > 1:
		return item.Fault("/type", "the summit is already open")
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
