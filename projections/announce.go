package projections

import (
	"cmp"
	"slices"

	"github.com/summit-timeline/summit/events"
)

// Announcements are in order by when they were made: their own time, else the
// latest time of the entity's announcements before them in the log; then by seq.
// One without any was made at noKey, before all others.

// planLists are the lists of the announcements of an entity.
func (w *writer) planLists(entity events.Entity) []string {
	var lists []string
	for class := range w.noted(planList(entity.String(), "")) {
		lists = append(lists, planList(entity.String(), class))
	}
	return lists
}

// announce finds the place of an announcement among those of its entity.
func (w *writer) announce(it *item, seq uint64) error {
	it.announced = noKey
	if !it.standsAnnounced() {
		return nil
	}
	if at, own := it.madeAt(); own {
		it.announced = at
		return nil
	}
	for _, list := range w.planLists(it.entity) {
		for p := range (walk{list: list, known: seq, desc: true}).postings(w.tx) {
			if p.fact < it.seq {
				it.announced = max(it.announced, p.key)
				break
			}
		}
	}
	return nil
}

// reannounce finds the places of the announcements of an entity anew where one
// of them that has a time came to hold, or holds no longer: others may have
// followed it. It reports whether it did.
func (w *writer) reannounce(before, after *item, seq uint64) (bool, error) {
	if _, own := after.madeAt(); !own || before.standsAnnounced() == after.standsAnnounced() {
		return false, nil
	}
	var all []place
	for _, list := range w.planLists(after.entity) {
		for p := range (walk{list: list, known: seq}).postings(w.tx) {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b place) int { return cmp.Compare(a.fact, b.fact) })
	latest := int64(noKey)
	for _, p := range all {
		it, err := w.latest(p.fact)
		if err != nil {
			return false, err
		}
		if at, own := it.madeAt(); own {
			latest = max(latest, at)
		} else if p.key != latest {
			if err := w.move(it, latest, seq); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// move puts an announcement at another place.
func (w *writer) move(it *item, to int64, seq uint64) error {
	next := it.clone()
	next.announced = to
	var row eventRow // the keys of announcements are in no window
	if err := w.post(it, next, seq, &row); err != nil {
		return err
	}
	return w.putItem(next, seq)
}
