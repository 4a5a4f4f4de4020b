package projections

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/viewdb"
)

// writer folds events into the tables within one transaction. It is a pure
// function of the log: no clock, no randomness, no network.
type writer struct {
	tx    *viewdb.Tx
	epoch string
	last  eventRow

	hand     *item // the version of a fact that is not written yet; nil between events
	strict   bool  // whether what comes in is asked to be recorded, and is not in the log yet
	recent   *recent
	slots    map[string]bool   // lists and members that are noted
	entities map[string]uint64 // last event on each entity, not yet written
	aside    []Aside           // events that were quarantined
	touched  bool              // whether rows may have been put for the event in hand
}

func newWriter(tx *viewdb.Tx, at cursor, known *recent) (*writer, error) {
	last, err := readEvent(tx, at.Seq)
	if err != nil {
		return nil, err
	}
	return &writer{tx: tx, epoch: at.Epoch, last: last, recent: known, slots: map[string]bool{}, entities: map[string]uint64{}}, nil
}

// Apply folds the next event of the log. One that cannot stand is quarantined.
// The error is that of an event for which rows were put already: the transaction
// must then be taken back.
func (w *writer) Apply(e Event) error {
	if e.Seq == 1 {
		w.epoch = events.EpochOf(e.Raw)
	}
	err, faults := e.Failed, events.Faults{}
	switch {
	case e.Err != nil:
		return w.quarantine(e.Seq, store.ReasonOf(e.Err), e.Err.Error())
	case errors.As(err, &faults):
		return w.quarantine(e.Seq, Refused, faults.Error())
	case err != nil:
		return w.quarantine(e.Seq, Failed, failedWords)
	}
	it, prepared := e.Prepared.(*item)
	if !prepared {
		it = itemOf(e.Record)
	}
	err = w.step(e.Record, it)
	if errors.As(err, &faults) && !w.touched {
		return w.quarantine(e.Seq, Refused, faults.Error())
	}
	return err
}

// step folds one event. The error is an events.Faults where the event cannot
// stand; nothing has then been put, unless touched says so.
func (w *writer) step(rec store.Record, it *item) error {
	w.touched = false
	row := w.nextRow(rec.Seq)
	row.known = max(row.known, rec.Event.Recorded.UnixNano())
	if err := w.fold(rec, it, &row); err != nil {
		return err
	}
	return w.putRow(rec.Seq, row)
}

func (w *writer) putRow(seq uint64, row eventRow) error {
	w.last = row
	return w.tx.Add(tableEvents, seqKey(seq), row.encode())
}

// nextRow carries on what runs along the log. Knowledge time is moved by events
// that stand alone.
func (w *writer) nextRow(seq uint64) eventRow {
	row := w.last
	row.fact, row.kind = 0, eventFact
	if segmentOf(seq) != segmentOf(max(seq-1, 1)) || seq == 1 {
		row.low, row.high = math.MaxInt64, math.MinInt64
	}
	return row
}

func (w *writer) fold(rec store.Record, it *item, row *eventRow) error {
	e := rec.Event
	id, err := uuid.Parse(e.ID)
	if err != nil {
		return fault("/id", "is no UUID")
	}
	if first, taken := findID(w.tx, e.ID); taken {
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
	w.entities[e.Subject.String()] = rec.Seq
	return w.tx.Add(tableIDs, id[:], seqKey(rec.Seq))
}

// admissible holds an event against the life of the summit.
func (w *writer) admissible(e events.Event, seq uint64) error {
	opens := e.Type == events.TypeSummitOpened
	switch {
	case opens && seq > 1:
		return fault("/type", "the summit is open already")
	case !opens && seq == 1:
		return fault("/type", "the first event of a log must be %s", events.TypeSummitOpened)
	}
	if _, amends := e.Amends(); amends {
		return nil
	}
	if !isClosed(w.tx, e.Summit, seq-1) {
		return nil
	}
	return fault("/type", "the summit is closed: only amendments can be recorded")
}

func (w *writer) foldFact(it *item, seq uint64, row *eventRow) error {
	w.touched = true
	w.hand = it
	defer func() { w.hand = nil }()
	row.fact = seq
	if !it.hidden() {
		row.facts++
	}
	if w.strict {
		if err := w.checkOwed(it, seq); err != nil {
			return err
		}
	}
	if err := w.announce(it, seq); err != nil {
		return err
	}
	if err := w.post(nil, it, seq, row); err != nil {
		return err
	}
	if err := w.settlePlans(nil, it, seq, false); err != nil {
		return err
	}
	if err := w.putItem(it, seq); err != nil {
		return err
	}
	return w.judge(nil, it, seq)
}

func (w *writer) foldAmendment(e events.Event, seq uint64, row *eventRow) error {
	before, after, err := w.amend(seq, e)
	if err != nil {
		return err
	}
	w.touched = true
	w.hand = after
	defer func() { w.hand = nil }()
	row.fact, row.kind = before.seq, eventAmendment
	row.amendments++
	shown, err := shown(e, seq, before, after)
	if err != nil {
		return err
	}
	b, err := json.Marshal(shown, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("encode amendment: %w", err)
	}
	if err := w.tx.Put(tableAmendments, pairKey(before.seq, seq), b); err != nil {
		return err
	}
	if err := w.announce(after, seq); err != nil {
		return err
	}
	if err := w.post(before, after, seq, row); err != nil {
		return err
	}
	moved, err := w.reannounce(before, after, seq)
	if err != nil {
		return err
	}
	if err := w.settlePlans(before, after, seq, moved); err != nil {
		return err
	}
	if err := w.putItem(after, seq); err != nil {
		return err
	}
	return w.judge(before, after, seq)
}

// post moves a fact between the lists of the index.
func (w *writer) post(before, after *item, seq uint64, row *eventRow) error {
	var was map[posting]bool
	if before != nil {
		was = map[posting]bool{}
		for _, p := range before.postings() {
			was[p] = true
		}
	}
	all := after.postings()
	for i, p := range all {
		if was[p] || slices.Contains(all[:i], p) {
			delete(was, p)
			continue
		}
		if err := w.enter(p, after, before == nil, seq, row); err != nil {
			return err
		}
	}
	row.reach = max(row.reach, reachOf(after.moment()))
	if err := w.noteMembers(after, seq); err != nil {
		return err
	}
	for p := range was {
		if err := endPosting(w.tx, p, after.seq, seq); err != nil {
			return err
		}
		if end, ok := w.recent.ends.Peek(p.list); ok {
			end.leave(place{p.key, after.seq})
		}
	}
	return nil
}

// enter puts a fact into a list; fresh says that it was never in one.
func (w *writer) enter(p posting, it *item, fresh bool, seq uint64, row *eventRow) error {
	put := addPosting
	if fresh {
		put = newPosting
	}
	if err := put(w.tx, p, it.seq, seq); err != nil {
		return err
	}
	if hasPrefix(p.list, listSlot) || hasPrefix(p.list, listPlan) {
		if err := w.note(p.list, seq); err != nil {
			return err
		}
	}
	if end, ok := w.recent.ends.Peek(p.list); ok {
		end.enter(place{p.key, it.seq})
	}
	if p.key != noKey && !hasPrefix(p.list, listPlan) {
		row.low, row.high = min(row.low, p.key), max(row.high, p.key)
	}
	return nil
}

// note remembers since when there is a list, or a member of data in a slot.
func (w *writer) note(name string, seq uint64) error {
	if w.slots[name] {
		return nil
	}
	w.slots[name] = true
	if w.tx.Get(tableSlots, []byte(name)) != nil {
		return nil
	}
	return w.tx.Put(tableSlots, []byte(name), seqKey(seq))
}

// noteMembers remembers which members of data an item was the first to give.
func (w *writer) noteMembers(it *item, seq uint64) error {
	slot := slotOf(it.data)
	if slot == "" || it.hidden() {
		return nil
	}
	if _, err := it.tells(""); err != nil {
		return err
	}
	for _, name := range it.told {
		if err := w.note(listMember+it.entity.String()+"/"+slot+"/"+name, seq); err != nil {
			return err
		}
	}
	if party, delegate := partyOf(it.data); delegate {
		return w.note(partyNote(party, it.entity.ID), seq)
	}
	return nil
}

// exists reports whether a list was ever noted.
func (w *writer) exists(list string) bool {
	return w.slots[list] || w.tx.Get(tableSlots, []byte(list)) != nil
}

func (w *writer) putItem(it *item, seq uint64) error {
	if err := w.call(it, seq); err != nil {
		return err
	}
	b, err := it.encode(w.epoch)
	if err != nil {
		return err
	}
	if err := w.keepDeadline(it, seq); err != nil {
		return err
	}
	w.recent.items.Add(it.seq, it)
	return w.tx.Put(tableFacts, pairKey(it.seq, seq), b)
}

// latest is the newest version of a fact. It must not be changed, but cloned.
func (w *writer) latest(fact uint64) (*item, error) {
	if w.hand != nil && w.hand.seq == fact {
		return w.hand, nil
	}
	if it, ok := w.recent.items.Get(fact); ok {
		return it, nil
	}
	it, err := latestItem(w.tx, fact)
	if err == nil {
		w.recent.items.Add(it.seq, it)
	}
	return it, err
}

// Finish writes what was kept for the end of the transaction.
func (w *writer) Finish() (Outcome, error) {
	for entity, seq := range w.entities {
		if err := w.tx.Put(tableEntities, []byte(entity), seqKey(seq)); err != nil {
			return Outcome{}, err
		}
	}
	return Outcome{Known: time.Unix(0, w.last.known).UTC(), Aside: w.aside}, nil
}
