package projections

import (
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/viewdb"
)

// The lists. Those of the timeline hold every item; those of slots hold what
// may decide a state; those of plans hold the announcements for one thing, in
// the order in which they were made; that of deadlines holds what was ever a
// current plan, by the instant at which it was to become overdue.
const (
	listTimed         = "t" // items with a time, by time
	listUntimed       = "u" // items without, by seq
	listOpen          = "o" // items of which one end is open, by time
	listEntity        = "e/"
	listUntimedEntity = "f/"
	listRecorded      = "r/" // items of an entity, by seq
	listSlot          = "s/"
	listPlan          = "p/"
	listDeadline      = "x"
	listMember        = "m/" // no list: notes that a slot was ever given a member of data
	listParty         = "d/" // no list: notes that a person was ever a delegate of a party
)

// postings are the lists an item is in.
func (it *item) postings() []posting {
	var list []posting
	m := it.moment()
	t, timed := m.Key()
	if !it.hidden() {
		list = it.timelinePostings(m, t.UnixNano(), timed)
	}
	if p, bears := it.standingPosting(m, t.UnixNano(), timed); bears {
		list = append(list, p)
	}
	return list
}

// bearing is where an item stands among those that decide a state or replace
// each other; false where it bears on nothing.
func (it *item) bearing() (posting, bool) {
	m := it.moment()
	t, timed := m.Key()
	return it.standingPosting(m, t.UnixNano(), timed)
}

func (it *item) standingPosting(m events.Moment, key int64, timed bool) (posting, bool) {
	if it.retracted {
		return posting{}, false
	}
	if it.announces() {
		class := listClass(it)
		return posting{list: planList(it.entity.String(), class), key: it.announced}, class != ""
	}
	if slot := slotOf(it.data); slot != "" {
		if !timed || m.Phase != events.PhaseActual {
			key = it.recorded.UnixNano() // it had happened when it was recorded
		}
		return posting{list: slotList(it.entity.String(), slot), key: key}, true
	}
	return posting{}, false
}

func (it *item) timelinePostings(m events.Moment, key int64, timed bool) []posting {
	entity := it.entity.String()
	list := []posting{{listRecorded + entity, noKey}}
	if !timed {
		return append(list, posting{listUntimed, noKey}, posting{listUntimedEntity + entity, noKey})
	}
	list = append(list, posting{listTimed, key}, posting{listEntity + entity, key})
	if _, _, a, b := m.Bounds(); !a || !b {
		list = append(list, posting{listOpen, key})
	}
	return list
}

// keyed reports whether the keys of a list are times: they are within the bounds
// that the row of an event has of its segment.
func keyed(list string) bool {
	return list != listUntimed && list != listDeadline &&
		!hasPrefix(list, listUntimedEntity) && !hasPrefix(list, listRecorded) && !hasPrefix(list, listPlan)
}

// walkOf is a walk through a whole list as known at a position. within is the
// span of that position, or nil where it is not known.
func walkOf(list string, known uint64, within *span) walk {
	w := walk{list: list, known: known}
	if keyed(list) {
		w.within = within
	}
	return w
}

// spanAt reads the span of a position.
func spanAt(tx *viewdb.Tx, known uint64) (*span, error) {
	row, err := readEvent(tx, known)
	if err != nil {
		return nil, err
	}
	return &row.span, nil
}

func hasPrefix(s, p string) bool { return len(s) >= len(p) && s[:len(p)] == p }

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

func slotList(entity, slot string) string { return listSlot + entity + "/" + slot }

// reachOf is how far a moment's closed interval reaches from the instant by
// which it is put in order.
func reachOf(m events.Moment) int64 {
	earliest, latest, a, b := m.Bounds()
	key, timed := m.Key()
	if !timed || !a || !b {
		return 0
	}
	return int64(max(key.Sub(earliest), latest.Sub(key)))
}
