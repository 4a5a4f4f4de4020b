package fold

import (
	"cmp"
	"slices"
	"strings"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/projections/internal/posting"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Announcements are in order by when they were made: their own time, else the
// latest time of the entity's announcements before them in the log; then by seq.
// One without any was made at [posting.NoKey], before all others.

// planLists returns the lists of the announcements of an entity.
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

// reannounce finds the places of the announcements of an entity again where one
// of them that has a time came to hold, or holds no longer: others may have
// followed it. It reports whether it did.
func (w *batch) reannounce(before, after *item.Item, seq uint64) (bool, error) {
	if _, own := after.MadeAt(); !own || before == nil || before.StandsAnnounced() == after.StandsAnnounced() {
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

// post moves a fact between the lists of the index.
func (w *batch) post(before, after *item.Item, seq uint64, row *item.EventRow) error {
	var was map[posting.Posting]bool
	if before != nil {
		was = map[posting.Posting]bool{}
		for _, p := range before.Postings() {
			was[p] = true
		}
	}
	all := after.Postings()
	for i, p := range all {
		if was[p] || slices.Contains(all[:i], p) {
			delete(was, p)
			continue
		}
		if err := w.enter(p, after, before == nil, seq, row); err != nil {
			return err
		}
	}
	row.Reach = max(row.Reach, item.ReachOf(after.Moment()))
	if err := w.noteMembers(after, seq); err != nil {
		return err
	}
	for p := range was {
		if err := posting.Remove(w.tx, p, after.Seq, seq); err != nil {
			return err
		}
		if end, ok := w.recent.ends.Peek(p.List); ok {
			end.Remove(posting.Place{Key: p.Key, Fact: after.Seq})
		}
	}
	return nil
}

// enter puts a fact into a list; fresh is whether it was never in one.
func (w *batch) enter(p posting.Posting, it *item.Item, fresh bool, seq uint64, row *item.EventRow) error {
	put := posting.Add
	if fresh {
		put = posting.AddNew
	}
	if err := put(w.tx, p, it.Seq, seq); err != nil {
		return err
	}
	if strings.HasPrefix(p.List, item.ListSlot) || strings.HasPrefix(p.List, item.ListPlan) || strings.HasPrefix(p.List, item.ListDenial) {
		if err := w.note(p.List, seq); err != nil {
			return err
		}
	}
	if end, ok := w.recent.ends.Peek(p.List); ok {
		end.Add(posting.Place{Key: p.Key, Fact: it.Seq})
	}
	if p.Key != posting.NoKey && !strings.HasPrefix(p.List, item.ListPlan) {
		row.Low, row.High = min(row.Low, p.Key), max(row.High, p.Key)
	}
	return nil
}

// note remembers since when there is a list, or a member of data in a slot.
func (w *batch) note(name string, seq uint64) error {
	if w.slots[name] {
		return nil
	}
	w.slots[name] = true
	if w.tx.Get(item.TableSlots, []byte(name)) != nil {
		return nil
	}
	return w.tx.Put(item.TableSlots, []byte(name), keys.Seq(seq))
}

// noteMembers remembers which members of data an item was the first to give.
func (w *batch) noteMembers(it *item.Item, seq uint64) error {
	slots := item.SlotsOf(it.Data)
	if slots == nil || it.Hidden() {
		return nil
	}
	if _, err := it.Gives(""); err != nil {
		return err
	}
	for _, slot := range slots {
		for _, name := range it.Given {
			if err := w.note(item.ListMember+it.Entity.String()+"/"+slot+"/"+name, seq); err != nil {
				return err
			}
		}
	}
	if err := w.noteAboard(it, seq); err != nil {
		return err
	}
	if err := w.noteAttends(it, seq); err != nil {
		return err
	}
	if party, delegate := item.PartyOf(it.Data); delegate {
		return w.note(item.PartyNote(party, it.Entity.ID), seq)
	}
	return nil
}

// noteAboard remembers who was ever said to be aboard what.
func (w *batch) noteAboard(it *item.Item, seq uint64) error {
	for carrier, passengers := range events.Aboard(it.Data, it.Entity) {
		for _, p := range passengers {
			if err := w.note(item.ListAboard+carrier+"/"+p, seq); err != nil {
				return err
			}
			if err := w.note(item.ListCarrier+p+"/"+carrier, seq); err != nil {
				return err
			}
		}
	}
	return nil
}

// exists reports whether a list was ever noted.
func (w *batch) exists(list string) bool {
	return w.slots[list] || w.tx.Get(item.TableSlots, []byte(list)) != nil
}

// noted goes through the names that are noted under a prefix that ends with a
// slash, without it.
func (w *batch) noted(prefix string) func(yield func(string) bool) {
	to := []byte(prefix)
	to[len(to)-1]++
	return func(yield func(string) bool) {
		for k := range w.tx.Scan(item.TableSlots, viewdb.Range{From: []byte(prefix), To: to}) {
			if !yield(string(k[len(prefix):])) {
				return
			}
		}
	}
}
