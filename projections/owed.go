package projections

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/viewdb"
)

// checkOwed holds a new fact against those before it: what it leaves out though
// its type needs it, an earlier fact of its entity must have given.
func (w *writer) checkOwed(it *item, seq uint64) error {
	var missing []string
	for _, name := range events.Owed(it.data) {
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
	return events.OwedFaults(it.entity, missing)
}

// call finds what earlier facts call the entity of a fact that leaves its name
// out and has a headline generated.
func (w *writer) call(it *item, seq uint64) error {
	if it.data.Base().Headline != "" || slotOf(it.data) == "" {
		return nil
	}
	for _, name := range events.Owed(it.data) {
		if name != "title" && name != "name" {
			continue
		}
		giver, err := w.giver(it, name, seq)
		if err != nil {
			return err
		}
		called := ""
		if giver != nil {
			if called, err = textOf(giver.data, name); err != nil {
				return err
			}
		}
		if called != it.called {
			it.called, it.written = called, nil
		}
	}
	return nil
}

func textOf(p events.Payload, name string) (text string, err error) {
	data, err := events.EncodeData(p)
	if err != nil {
		return "", err
	}
	v, err := member(data, name)
	if err != nil {
		return "", err
	}
	return text, json.Unmarshal(v, &text)
}

// giver is the last fact of an item's entity that gives a member of data, of those
// recorded earlier; nil where none does. What is actual goes before what was announced.
func (w *writer) giver(of *item, name string, seq uint64) (*item, error) {
	actual, announced := w.listsGiving(of.entity, name)
	for _, lists := range [][]string{actual, announced} {
		var found *item
		var at place
		for _, list := range lists {
			it, p, err := w.lastGiver(list, name, of, seq)
			if err != nil {
				return nil, err
			}
			if it != nil && (found == nil || less(at, p)) {
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
func (w *writer) lastGiver(list, name string, than *item, seq uint64) (*item, place, error) {
	for p := range (walk{list: list, known: seq, desc: true}).postings(w.tx) {
		if p.fact >= than.seq {
			continue
		}
		it, err := w.latest(p.fact)
		if err != nil {
			return nil, p, err
		}
		told, err := it.tells(name)
		if err != nil || told && !slices.Contains(events.TakenBack(it.data), name) {
			return it, p, err
		}
	}
	return nil, place{}, nil
}

// listsGiving are the lists of an entity in slots that were ever given a member.
func (w *writer) listsGiving(entity events.Entity, name string) (actual, announced []string) {
	slots := map[string]bool{}
	for rest := range w.noted(listMember + entity.String() + "/") {
		if slot, ok := strings.CutSuffix(rest, "/"+name); ok {
			slots[slot] = true
			if w.exists(slotList(entity.String(), slot)) {
				actual = append(actual, slotList(entity.String(), slot))
			}
		}
	}
	for class := range w.noted(planList(entity.String(), "")) {
		slot := group{entity, class}.slot()
		if slot == "" {
			slot = class // announcements of what cannot be planned stand by their slot
		}
		if slots[slot] {
			announced = append(announced, planList(entity.String(), class))
		}
	}
	return actual, announced
}

// noted goes through the names that are noted under a prefix that ends with a
// slash, without it.
func (w *writer) noted(prefix string) func(yield func(string) bool) {
	to := []byte(prefix)
	to[len(to)-1]++
	return func(yield func(string) bool) {
		for k := range w.tx.Scan(tableSlots, viewdb.Range{From: []byte(prefix), To: to}) {
			if !yield(string(k[len(prefix):])) {
				return
			}
		}
	}
}
