package item

import (
	"strings"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/posting"
	"github.com/summit-timeline/summit/store/viewdb"
)

// The lists. Those of the timeline hold every item; those of slots hold what
// may decide a state; those of plans hold the announcements for one thing, in
// the order in which they were made; that of deadlines holds what was ever a
// current plan, by the instant at which it was to become overdue.
const (
	ListTimed         = "t" // items with a time, by time
	ListUntimed       = "u" // items without, by seq
	ListOpen          = "o" // items of which one end is open, by time
	ListEntity        = "e/"
	ListUntimedEntity = "f/"
	ListRecorded      = "r/" // items of an entity, by seq
	ListSlot          = "s/"
	ListPlan          = "p/"
	ListDeadline      = "x"
	ListDenial        = "n/" // statements that deny a fact, by seq
	ListAboard        = "b/" // no list: notes that somebody was ever said to be aboard something
	ListAttends       = "a/" // no list: notes that a person was ever said to take part in a meeting
	ListCarrier       = "c/" // no list: the same, by who is aboard
	ListMember        = "m/" // no list: notes that a slot was ever given a member of data
	listParty         = "d/" // no list: notes that a person was ever a delegate of a party
)

// Postings returns the lists an item is in.
func (it *Item) Postings() []posting.Posting {
	var list []posting.Posting
	m := it.Moment()
	t, timed := m.Key()
	if !it.Hidden() {
		list = it.timelinePostings(m, t.UnixNano(), timed)
	}
	return append(list, it.standingPostings(m, t.UnixNano(), timed)...)
}

// Bearings returns where an item stands among those that decide a state or replace
// each other.
func (it *Item) Bearings() []posting.Posting {
	m := it.Moment()
	t, timed := m.Key()
	return it.standingPostings(m, t.UnixNano(), timed)
}

func (it *Item) standingPostings(m events.Moment, key int64, timed bool) (list []posting.Posting) {
	if it.Retracted {
		return nil
	}
	if denied := DeniedBy(it.Data); denied != "" {
		list = append(list, posting.Posting{List: ListDenial + denied, Key: posting.NoKey})
	}
	if it.Announces() {
		for _, class := range ListClasses(it) {
			list = append(list, posting.Posting{List: PlanList(it.Entity.String(), class), Key: it.Announced})
		}
		return list
	}
	if !timed || m.Phase != events.PhaseActual {
		key = it.recorded.UnixNano() // it had happened when it was recorded
	}
	for _, slot := range SlotsOf(it.Data) {
		list = append(list, posting.Posting{List: SlotList(it.Entity.String(), slot), Key: key})
	}
	return list
}

// DeniedBy returns the id of the fact that a payload denies, or "" if it denies none.
func DeniedBy(p events.Payload) string {
	if d, states := p.(*events.StatementMade); states {
		return strings.ToLower(d.Denies)
	}
	return ""
}

func (it *Item) timelinePostings(m events.Moment, key int64, timed bool) []posting.Posting {
	entity := it.Entity.String()
	list := []posting.Posting{{List: ListRecorded + entity, Key: posting.NoKey}}
	if !timed {
		return append(list, posting.Posting{List: ListUntimed, Key: posting.NoKey}, posting.Posting{List: ListUntimedEntity + entity, Key: posting.NoKey})
	}
	list = append(list, posting.Posting{List: ListTimed, Key: key}, posting.Posting{List: ListEntity + entity, Key: key})
	if _, _, a, b := m.Bounds(); !a || !b {
		list = append(list, posting.Posting{List: ListOpen, Key: key})
	}
	return list
}

// keyed reports whether the keys of a list are times: they are within the bounds
// that the row of an event has of its segment.
func keyed(list string) bool {
	return list != ListUntimed && list != ListDeadline && !strings.HasPrefix(list, ListDenial) &&
		!strings.HasPrefix(list, ListUntimedEntity) && !strings.HasPrefix(list, ListRecorded) && !strings.HasPrefix(list, ListPlan)
}

// Walk returns a walk through a whole list as known at a position. within is the
// span of that position, or nil if it is not known.
func Walk(list string, known uint64, within *posting.Span) posting.Walk {
	w := posting.Walk{List: list, Known: known}
	if keyed(list) {
		w.Within = within
	}
	return w
}

// SpanAt reads the span of a position.
func SpanAt(tx *viewdb.Tx, known uint64) (*posting.Span, error) {
	row, err := ReadEvent(tx, known)
	if err != nil {
		return nil, err
	}
	return &row.Span, nil
}

// PartyNote returns the name under which it is noted that a person was a delegate of
// a party, as a fact has it that need not stand.
func PartyNote(party, person string) string { return listParty + party + "/" + person }

// PartyOf returns the party that a fact puts a person under, or "" if it names none;
// false where the fact is not about a delegate.
func PartyOf(p events.Payload) (party string, delegate bool) {
	switch d := p.(type) {
	case *events.DelegateArrived:
		return d.Party, true
	case *events.DelegateDeparted:
		return d.Party, true
	}
	return "", false
}

// SlotList names the list of the facts of an entity in a slot.
func SlotList(entity, slot string) string { return ListSlot + entity + "/" + slot }

// ReachOf returns how far a moment's closed interval reaches from the instant by
// which it is put in order.
func ReachOf(m events.Moment) int64 {
	earliest, latest, a, b := m.Bounds()
	key, timed := m.Key()
	if !timed || !a || !b {
		return 0
	}
	return int64(max(key.Sub(earliest), latest.Sub(key)))
}
