package projections

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/viewdb"
)

// writer folds events into the tables within one transaction. It is a pure
// function of the log: no clock, no randomness, no network.
type writer struct {
	tx   *viewdb.Tx
	tree *merkle.Tree
	at   cursor
	last eventRow

	hand     *item // the version of a fact that is not written yet; nil between events
	strict   bool  // whether what comes in is asked to be recorded, and is not in the log yet
	recent   *recent
	slots    map[string]bool   // lists and members that are noted
	entities map[string]uint64 // last event on each entity, not yet written
	aside    []Quarantined     // events that were quarantined
	touched  bool              // whether rows may have been put for the event in hand
}

func newWriter(tx *viewdb.Tx, at cursor, known *recent) (*writer, error) {
	tree, err := merkle.OpenTree(int64(at.Seq), tileStore{tx})
	if err != nil {
		return nil, fmt.Errorf("open the tree: %w", err)
	}
	last, err := readEvent(tx, at.Seq)
	if err != nil {
		return nil, err
	}
	return &writer{
		tx: tx, tree: tree, at: at, last: last,
		recent: known, slots: map[string]bool{}, entities: map[string]uint64{},
	}, nil
}

// apply folds the next event of the log. One that cannot stand is quarantined.
// The error is an *eventError where the event is to blame and rows were put
// for it already: the transaction must then be taken back.
func (w *writer) apply(rec ready) error {
	if rec.Seq != w.at.Seq+1 {
		return &store.GapError{Want: w.at.Seq + 1, Got: rec.Seq}
	}
	w.tree.Append(rec.leaf)
	if rec.Seq == 1 {
		w.at.Epoch = events.EpochOf(rec.Raw)
	}
	w.at.Seq, w.at.Leaf = rec.Seq, rec.leaf[:]
	err, faults := rec.failed, events.Faults{}
	switch {
	case rec.Err != nil:
		return w.quarantine(rec.Seq, store.ReasonOf(rec.Err), rec.Err.Error())
	case errors.As(err, &faults):
		return w.quarantine(rec.Seq, Refused, faults.Error())
	case err != nil:
		return w.quarantine(rec.Seq, Failed, failedWords)
	}
	err = w.step(rec)
	if errors.As(err, &faults) && !w.touched {
		return w.quarantine(rec.Seq, Refused, faults.Error())
	}
	if err != nil {
		return &eventError{rec.Seq, err}
	}
	return nil
}

// step folds one event. The error is an events.Faults where the event cannot
// stand; nothing has then been put, unless touched says so.
func (w *writer) step(rec ready) error {
	w.touched = false
	row := w.nextRow(rec.Seq)
	row.known = max(row.known, rec.Event.Recorded.UnixNano())
	if err := w.fold(rec, &row); err != nil {
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

func (w *writer) fold(rec ready, row *eventRow) error {
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
		err = w.foldFact(rec.item, rec.Seq, row)
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

// partyNote is the name under which it is noted that a person was a delegate of
// a party, as a fact has it that need not stand.
func partyNote(party, person string) string { return listParty + party + "/" + person }

// partyOf is the party that a fact puts a person under, "" where it names none;
// false where the fact is not about a delegate.
func partyOf(p events.Payload) (party string, delegate bool) {
	switch d := p.(type) {
	case *events.DelegateArrived:
		return d.Party, true
	case *events.DelegateDeparted:
		return d.Party, true
	}
	return "", false
}

// exists reports whether a list was ever noted.
func (w *writer) exists(list string) bool {
	return w.slots[list] || w.tx.Get(tableSlots, []byte(list)) != nil
}

func (w *writer) putItem(it *item, seq uint64) error {
	if err := w.call(it, seq); err != nil {
		return err
	}
	b, err := it.encode(w.at.Epoch)
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

// finish writes what was kept for the end of the transaction.
func (w *writer) finish() (cursor, error) {
	for entity, seq := range w.entities {
		if err := w.tx.Put(tableEntities, []byte(entity), seqKey(seq)); err != nil {
			return cursor{}, err
		}
	}
	if err := w.tree.Flush(); err != nil {
		return cursor{}, fmt.Errorf("write the tree: %w", err)
	}
	root, err := w.tree.Root()
	if err != nil {
		return cursor{}, fmt.Errorf("root of the tree: %w", err)
	}
	w.at.Root = root[:]
	return w.at, w.at.write(w.tx)
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
