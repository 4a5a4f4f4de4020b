package fold

import (
	"cmp"
	"slices"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/posting"
)

// Announcements are in order by when they were made: their own time, else the
// latest time of the entity's announcements before them in the log; then by seq.
// One without any was made at noKey, before all others.

// planLists are the lists of the announcements of an entity.
func (w *batch) planLists(entity events.Entity) []string {
	var lists []string
	for class := range w.noted(item.PlanList(entity.String(), "")) {
		lists = append(lists, item.PlanList(entity.String(), class))
	}
	return lists
}

// announce finds the place of an announcement among those of its entity.
func (w *batch) announce(it *item.Item, seq uint64) error {
	it.Announced = posting.NoKey
	if !it.StandsAnnounced() {
		return nil
	}
	if at, own := it.MadeAt(); own {
		it.Announced = at
		return nil
	}
	for _, list := range w.planLists(it.Entity) {
		for p := range (posting.Walk{List: list, Known: seq, Desc: true}).Places(w.tx) {
			if p.Fact < it.Seq {
				it.Announced = max(it.Announced, p.Key)
				break
			}
		}
	}
	return nil
}

// reannounce finds the places of the announcements of an entity anew where one
// of them that has a time came to hold, or holds no longer: others may have
// followed it. It reports whether it did.
func (w *batch) reannounce(before, after *item.Item, seq uint64) (bool, error) {
	if _, own := after.MadeAt(); !own || before.StandsAnnounced() == after.StandsAnnounced() {
		return false, nil
	}
	var all []posting.Place
	for _, list := range w.planLists(after.Entity) {
		for p := range (posting.Walk{List: list, Known: seq}).Places(w.tx) {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b posting.Place) int { return cmp.Compare(a.Fact, b.Fact) })
	latest := int64(posting.NoKey)
	for _, p := range all {
		it, err := w.latest(p.Fact)
		if err != nil {
			return false, err
		}
		if at, own := it.MadeAt(); own {
			latest = max(latest, at)
		} else if p.Key != latest {
			if err := w.move(it, latest, seq); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// move puts an announcement at another place.
func (w *batch) move(it *item.Item, to int64, seq uint64) error {
	next := it.Clone()
	next.Announced = to
	var row item.EventRow // the keys of announcements are in no window
	if err := w.post(it, next, seq, &row); err != nil {
		return err
	}
	return w.putItem(next, seq)
}
