package fold

import (
	"strings"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/posting"
)

// checkDenied refuses a statement that denies what is not in the log; at is where it
// says so.
func (w *batch) checkDenied(it *item.Item, at string) error {
	id := item.DeniedBy(it.Data)
	if id == "" {
		return nil
	}
	_, known, err := w.denied(it)
	if err != nil || known {
		return err
	}
	return item.Fault(at, "%s is not a fact in the log of this summit: give the id of the fact that is denied", id)
}

// checkDeniedAnew refuses an amendment that leaves a statement that denies what is not in
// the log.
func (w *batch) checkDeniedAnew(before, after *item.Item, e events.Event) error {
	if item.DeniedBy(before.Data) == item.DeniedBy(after.Data) {
		return nil
	}
	at := "/data/target" // an amendment of an amendment brings it back
	if a, _ := e.Amends(); e.Type == events.TypeFactCorrected && strings.EqualFold(a.TargetID(), before.ID) {
		at = "/data/patch/denies"
	}
	return w.checkDenied(after, at)
}

// denied finds the fact that a statement denies.
func (w *batch) denied(it *item.Item) (fact uint64, known bool, err error) {
	return item.FindFact(w.tx, item.DeniedBy(it.Data))
}

// deny brings up to date whether the facts that a statement denies, or denied, are
// disputed by it.
func (w *batch) deny(before, after *item.Item, seq uint64) error {
	for _, it := range []*item.Item{before, after} {
		if it == nil || item.DeniedBy(it.Data) == "" {
			continue
		}
		fact, known, err := w.denied(it)
		if err != nil {
			return err
		}
		if !known || fact == after.Seq {
			continue
		}
		if err := w.dispute(fact, item.DeniedBy(it.Data), seq); err != nil {
			return err
		}
	}
	return nil
}

// dispute writes whether a fact is denied.
func (w *batch) dispute(fact uint64, id string, seq uint64) error {
	it, err := w.latest(fact)
	if err != nil {
		return err
	}
	stands := w.isDenied(id, seq)
	if stands == it.Denied {
		return nil
	}
	next := it.Clone()
	next.Denied = stands
	return w.putItem(next, seq)
}

// isDenied reports whether a standing statement denies a fact, even one that was recorded
// before the fact came in.
func (w *batch) isDenied(id string, seq uint64) bool {
	list := item.ListDenial + id
	if !w.exists(list) {
		return false
	}
	for range (posting.Walk{List: list, Known: seq}).Places(w.tx) {
		return true
	}
	return false
}

// deniers returns the statements that deny a fact.
func (w *batch) deniers(it *item.Item, seq uint64) ([]*item.Item, error) {
	list := item.ListDenial + it.ID
	if it.Entity.Kind == events.KindSummit || !w.exists(list) {
		return nil, nil
	}
	var all []*item.Item
	for p := range (posting.Walk{List: list, Known: seq}).Places(w.tx) {
		d, err := w.latest(p.Fact)
		if err != nil {
			return nil, err
		}
		if all = append(all, d); len(all) == posting.Neighbours {
			break
		}
	}
	return all, nil
}
