package fold

import (
	"slices"
	"strings"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/posting"
)

// checkOwed compares a new fact with those before it: what it leaves out although
// its type needs it, an earlier fact of its entity must have given.
func (w *batch) checkOwed(it *item.Item, seq uint64) error {
	var missing []string
	for _, name := range events.Owed(it.Data) {
		giver, err := w.giver(it, name, seq)
		if err != nil {
			return err
		}
		if giver == nil {
			missing = append(missing, name)
		}
	}
	if missing == nil {
		return nil
	}
	return events.OwedFaults(it.Entity, missing)
}

// giver returns the last fact of an item's entity that gives a member of data, of those
// recorded earlier, or nil if none does. What is actual goes before what was announced.
func (w *batch) giver(of *item.Item, name string, seq uint64) (*item.Item, error) {
	actual, announced := w.listsGiving(of.Entity, name)
	for _, lists := range [][]string{actual, announced} {
		var found *item.Item
		var at posting.Place
		for _, list := range lists {
			it, p, err := w.lastGiver(list, name, of, seq)
			if err != nil {
				return nil, err
			}
			if it != nil && (found == nil || posting.Less(at, p)) {
				found, at = it, p
			}
		}
		if found != nil {
			return found, nil
		}
	}
	return nil, nil
}

// lastGiver goes back in a list to the last fact that gives a member, of those
// recorded earlier than another.
func (w *batch) lastGiver(list, name string, than *item.Item, seq uint64) (*item.Item, posting.Place, error) {
	for p := range (posting.Walk{List: list, Known: seq, Desc: true}).Places(w.tx) {
		if p.Fact >= than.Seq {
			continue
		}
		it, err := w.latest(p.Fact)
		if err != nil {
			return nil, p, err
		}
		told, err := it.Gives(name)
		if err != nil || told && !slices.Contains(events.TakenBack(it.Data), name) {
			return it, p, err
		}
	}
	return nil, posting.Place{}, nil
}

// listsGiving returns the lists of an entity in slots that were ever given a member.
func (w *batch) listsGiving(entity events.Entity, name string) (actual, announced []string) {
	slots := map[string]bool{}
	for rest := range w.noted(item.ListMember + entity.String() + "/") {
		if slot, ok := strings.CutSuffix(rest, "/"+name); ok {
			slots[slot] = true
			if w.exists(item.SlotList(entity.String(), slot)) {
				actual = append(actual, item.SlotList(entity.String(), slot))
			}
		}
	}
	for class := range w.noted(item.PlanList(entity.String(), "")) {
		slot := group{entity, class}.slot()
		if slot == "" {
			slot = class // announcements of what cannot be planned stand by their slot
		}
		if slots[slot] {
			announced = append(announced, item.PlanList(entity.String(), class))
		}
	}
	return actual, announced
}
