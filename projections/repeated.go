package projections

import (
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/viewdb"
)

// repeated is the second coming of an id: ignored where it says the same.
func (w *writer) repeated(e events.Event, first uint64, row *eventRow) error {
	same, err := sameAs(w.tx, e, first)
	if err != nil {
		return err
	}
	if !same {
		return fault("/id", "is the id of event %d, which says something else", first)
	}
	row.kind = eventRepeated
	return nil
}

// sameAs says whether an event says what the stored event at a sequence says.
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
	row, err := readEvent(tx, seq)
	if err != nil {
		return events.Event{}, err
	}
	first, err := readItem(tx, row.fact, row.fact)
	if err != nil {
		return events.Event{}, err
	}
	if row.kind == eventFact {
		return events.Event{ID: first.id, Source: first.desk, Type: first.typ, Subject: first.entity, Time: first.time, Data: first.data}, nil
	}
	var a amendmentRow
	if err := json.Unmarshal(tx.Get(tableAmendments, pairKey(row.fact, seq)), &a); err != nil {
		return events.Event{}, fmt.Errorf("read amendment %d: %w", seq, err)
	}
	data, err := events.ReadData(a.Shown.Type, a.Data)
	if err != nil {
		return events.Event{}, fmt.Errorf("read amendment %d: %w", seq, err)
	}
	return events.Event{ID: a.Shown.ID, Source: a.Shown.Desk, Type: a.Shown.Type, Subject: first.entity, Time: a.Time, Data: data}, nil
}
