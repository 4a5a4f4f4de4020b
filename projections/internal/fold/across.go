package fold

import (
	"slices"
	"strings"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/posting"
	"github.com/summit-timeline/summit/projections/internal/rules"
)

// elsewhere returns the facts about other entities that an item is compared with: what
// it denies and what denies it, the moves of what somebody is aboard of, and the
// meetings of the people who meet.
func (w *batch) elsewhere(it *item.Item, seq uint64) ([]*rules.Claim, error) {
	list, err := w.denials(it, seq)
	if err != nil {
		return nil, err
	}
	switch it.Entity.Kind {
	case events.KindMeeting:
		return w.meetings(list, it, seq)
	case events.KindPerson, events.KindDelegation:
		for carrier := range events.Aboard(it.Data, it.Entity) {
			if list, err = w.moves(list, carrier, it, seq); err != nil {
				return nil, err
			}
		}
	case events.KindAircraft, events.KindVehicle:
		return w.passengers(list, it, seq)
	}
	return list, nil
}

func (w *batch) denials(it *item.Item, seq uint64) ([]*rules.Claim, error) {
	var list []*rules.Claim
	if item.DeniedBy(it.Data) != "" {
		fact, known, err := w.denied(it)
		if err != nil {
			return nil, err
		}
		if known && fact != it.Seq {
			target, err := w.latest(fact)
			if err != nil {
				return nil, err
			}
			if !target.Retracted {
				list = append(list, target.Claim())
			}
		}
	}
	deniers, err := w.deniers(it, seq)
	for _, d := range deniers {
		list = append(list, d.Claim())
	}
	return list, err
}

// mostAcross bounds how many other entities a fact is compared with.
const mostAcross = 32

// moves adds the moves of a carrier that are next to an item in time.
func (w *batch) moves(list []*rules.Claim, carrier string, it *item.Item, seq uint64) ([]*rules.Claim, error) {
	slot := item.SlotList(carrier, item.SlotMove)
	if !w.exists(slot) {
		return list, nil
	}
	for _, p := range it.Bearings() {
		if !strings.HasPrefix(p.List, item.ListSlot) {
			continue
		}
		for _, desc := range []bool{true, false} {
			var err error
			if list, err = w.side(list, slot, posting.Place{Key: p.Key, Fact: it.Seq}, desc, seq); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// passengers adds the moves of who was ever said to be aboard a carrier.
func (w *batch) passengers(list []*rules.Claim, it *item.Item, seq uint64) ([]*rules.Claim, error) {
	n := 0
	for passenger := range w.noted(item.ListAboard + it.Entity.String() + "/") {
		var err error
		if list, err = w.moves(list, passenger, it, seq); err != nil {
			return nil, err
		}
		if n++; n == mostAcross {
			break
		}
	}
	return list, nil
}

// meetings adds how far the other meetings are of those who take part in one.
func (w *batch) meetings(list []*rules.Claim, it *item.Item, seq uint64) ([]*rules.Claim, error) {
	people, err := w.people(it, seq)
	if err != nil {
		return nil, err
	}
	own := it.Entity.String()
	var others []string
	for _, person := range people {
		note := item.ListAttends + events.NameKey(person) + "/"
		for meeting := range w.noted(note) {
			if meeting != own && !slices.Contains(others, meeting) && len(others) < mostAcross {
				others = append(others, meeting)
			}
		}
	}
	for _, meeting := range others {
		end := w.endOf(item.SlotList(meeting, item.SlotRun), seq)
		for _, p := range end.Places {
			other, err := w.latest(p.Fact)
			if err != nil {
				return nil, err
			}
			claim, err := w.claimOf(other, seq)
			if err != nil {
				return nil, err
			}
			list = append(list, claim)
		}
	}
	return list, nil
}

// claimOf returns the claim of an item, with the people who take part if it is about
// a meeting.
func (w *batch) claimOf(it *item.Item, seq uint64) (*rules.Claim, error) {
	claim := it.Claim()
	if it.Type != events.TypeMeetingStarted {
		return claim, nil
	}
	people, err := w.people(it, seq)
	if err != nil {
		return nil, err
	}
	with := *claim
	with.People, with.Venue = people, claim.Place
	if claim.Place == nil {
		// whatever was recorded first: contradictions do not depend on the order
		giver, err := w.giver(&item.Item{Entity: it.Entity, Seq: item.AnySeq}, "place", seq)
		if err != nil {
			return nil, err
		}
		if giver != nil {
			with.Venue = events.PlaceOf(giver.Data)
		}
	}
	return &with, nil
}

// people returns who takes part in the meeting of an item: as it says itself, else as
// the last fact of the meeting does that says so.
func (w *batch) people(it *item.Item, seq uint64) ([]string, error) {
	if names, told := events.Gathers(it.Data); told {
		return names, nil
	}
	actual, announced := w.listsGiving(it.Entity, "participants")
	for _, lists := range [][]string{actual, announced} {
		last, err := w.lastWho(lists, seq)
		if err != nil {
			return nil, err
		}
		if last != nil {
			names, _ := events.Gathers(last.Data)
			return names, nil
		}
	}
	return nil, nil
}

// lastWho returns the last fact of some lists that says who takes part, or nil if none
// does.
func (w *batch) lastWho(lists []string, seq uint64) (last *item.Item, err error) {
	var at posting.Place
	for _, list := range lists {
		for p := range (posting.Walk{List: list, Known: seq, Desc: true}).Places(w.tx) {
			if last != nil && posting.Less(p, at) {
				break
			}
			it, err := w.latest(p.Fact)
			if err != nil {
				return nil, err
			}
			if _, told := events.Gathers(it.Data); told {
				last, at = it, p
				break
			}
		}
	}
	return last, nil
}

// noteAttends remembers who was ever said to take part in what meeting.
func (w *batch) noteAttends(it *item.Item, seq uint64) error {
	for _, person := range events.Participants(it.Data) {
		if err := w.note(item.ListAttends+events.NameKey(person)+"/"+it.Entity.String(), seq); err != nil {
			return err
		}
	}
	return nil
}
