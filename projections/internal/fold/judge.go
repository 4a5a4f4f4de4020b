package fold

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/projections/internal/posting"
	"github.com/summit-timeline/summit/projections/internal/rules"
	"github.com/summit-timeline/summit/store/viewdb"
)

// judge updates the contradictions that an item takes part in, and
// those of its neighbours that it may explain away or bring out.
func (w *batch) judge(before, after *item.Item, seq uint64) error {
	if !judged(after) && (before == nil || !judged(before) && !w.contradicted(after.Seq)) {
		return nil
	}
	around, err := w.around(after, seq)
	if err != nil {
		return err
	}
	added, err := w.judgeItem(after, around, seq, 0)
	if err != nil {
		return err
	}
	again := around.all()
	if before != nil {
		were, err := w.around(before, seq)
		if err != nil {
			return err
		}
		again = append(again, were.all()...)
	}
	seen := map[uint64]bool{after.Seq: true}
	for _, x := range again {
		if seen[x.Seq] || before == nil && !rules.Completes(after.Claim(), x) && !w.contradicted(x.Seq) {
			continue // a further fact brings out no contradiction between others
		}
		seen[x.Seq] = true
		if added, err = w.judgeAgain(x.Seq, seq, added); err != nil {
			return err
		}
	}
	return nil
}

// judgeAgain judges a fact that another one may no longer contradict, or may contradict now.
func (w *batch) judgeAgain(fact, seq uint64, added uint16) (uint16, error) {
	it, err := w.latest(fact)
	if err != nil {
		return added, err
	}
	around, err := w.around(it, seq)
	if err != nil {
		return added, err
	}
	return w.judgeItem(it, around, seq, added)
}

// surroundings are the facts that a fact is compared with.
type surroundings struct {
	near []*rules.Claim // of the same entity, next to it in time
	afar []*rules.Claim // of other entities
	self *rules.Claim
}

func (s surroundings) all() []*rules.Claim { return slices.Concat(s.near, s.afar) }

// around finds the facts that an item is compared with.
func (w *batch) around(it *item.Item, seq uint64) (s surroundings, err error) {
	if s.near, err = w.neighbours(it, seq); err != nil {
		return s, err
	}
	if s.afar, err = w.elsewhere(it, seq); err != nil {
		return s, err
	}
	s.near, s.afar = once(s.near), once(s.afar)
	s.self, err = w.claimOf(it, seq)
	return s, err
}

// once leaves out what a list has already: a stance that several share is beside
// another in the slot of each.
func once(list []*rules.Claim) []*rules.Claim {
	for i := len(list) - 1; i > 0; i-- {
		if slices.ContainsFunc(list[:i], func(x *rules.Claim) bool { return x.Seq == list[i].Seq }) {
			list = slices.Delete(list, i, i+1)
		}
	}
	return list
}

// judged reports whether a fact can make any difference to the contradictions.
func judged(it *item.Item) bool { return rules.Concern(it.Claim()) || rules.Bears(it.Claim()) }

// contradicted reports whether a fact ever took part in a contradiction.
func (w *batch) contradicted(fact uint64) bool {
	for range w.tx.Scan(item.TableConflictsOf, viewdb.Range{From: keys.Seq(fact), To: keys.Seq(fact + 1)}) {
		return true
	}
	return false
}

// judgeItem ends the contradictions of an item that no longer are, and adds
// those that are new, numbered on from those added at this sequence already.
func (w *batch) judgeItem(it *item.Item, around surroundings, seq uint64, added uint16) (uint16, error) {
	found, err := w.endConflicts(it.Seq, seq, findings(it, around))
	if err != nil {
		return added, err
	}
	for _, c := range found {
		if err := w.addConflict(seq, added, c); err != nil {
			return added, err
		}
		added++
	}
	return added, nil
}

// findings applies the rules to an item and what is around it.
func findings(it *item.Item, around surroundings) []rules.Conflict {
	if it.Retracted || it.Hidden() {
		return nil
	}
	return rules.Find(around.self, around.near, around.afar)
}

// neighbours returns the facts next to an item in the slots that bear on it.
func (w *batch) neighbours(it *item.Item, seq uint64) ([]*rules.Claim, error) {
	var list []*rules.Claim
	if it.CallsOff() {
		if last, err := w.lastPlan(it, seq); err != nil || last == nil || last.Seq != it.Seq {
			return nil, err
		}
	}
	seen := map[string]bool{}
	for _, p := range it.Bearings() {
		for _, slot := range slotsBeside(it, p.List) {
			if seen[slot] {
				continue
			}
			seen[slot] = true
			for _, desc := range []bool{true, false} {
				var err error
				if list, err = w.side(list, slot, posting.Place{Key: p.Key, Fact: it.Seq}, desc, seq); err != nil {
					return nil, err
				}
			}
		}
	}
	return w.callingOff(list, it, seq)
}

// callingOff adds to the neighbours of a beginning the announcement that the meeting is
// called off, if that is the last word.
func (w *batch) callingOff(list []*rules.Claim, it *item.Item, seq uint64) ([]*rules.Claim, error) {
	if it.Type != events.TypeMeetingStarted {
		return list, nil
	}
	last, err := w.lastPlan(it, seq)
	if last != nil && last.CallsOff() {
		list = append(list, last.Claim())
	}
	return list, err
}

// lastPlan returns the last word on the schedule of the meeting that an item is about;
// nil if there is none.
func (w *batch) lastPlan(it *item.Item, seq uint64) (*item.Item, error) {
	plans := item.PlanList(it.Entity.String(), item.ClassSchedule)
	if !w.exists(plans) {
		return nil, nil
	}
	for p := range (posting.Walk{List: plans, Known: seq, Desc: true}).Places(w.tx) {
		return w.latest(p.Fact)
	}
	return nil, nil
}

// slotsBeside returns the lists in which the neighbours of a fact stand: that of its
// slot, for aircraft the tracks beside the moves, and for the plans of a meeting how
// far it is.
func slotsBeside(it *item.Item, own string) []string {
	entity := it.Entity.String()
	switch {
	case strings.HasPrefix(own, item.ListPlan) && it.Entity.Kind == events.KindMeeting:
		return []string{item.SlotList(entity, item.SlotRun)}
	case !strings.HasPrefix(own, item.ListSlot):
		return nil
	case it.Entity.Kind == events.KindAircraft:
		return []string{item.SlotList(entity, item.SlotMove), item.SlotList(entity, item.SlotTrack)}
	}
	return []string{own}
}

// side adds the facts of a list on one side of a place, the nearest first.
func (w *batch) side(near []*rules.Claim, list string, from posting.Place, desc bool, seq uint64) ([]*rules.Claim, error) {
	end := w.endOf(list, seq)
	add := func(p posting.Place) error {
		it, err := w.latest(p.Fact)
		if err == nil {
			near = append(near, it.Claim())
		}
		return err
	}
	if places, reaches := end.Beside(from, desc); reaches {
		for _, p := range places {
			if err := add(p); err != nil {
				return nil, err
			}
		}
		return near, nil
	}
	most := len(near) + posting.Neighbours
	for p := range (posting.Walk{List: list, Known: seq, From: &from, Desc: desc}).Places(w.tx) {
		if p.Fact == from.Fact {
			continue
		}
		if err := add(p); err != nil {
			return nil, err
		}
		if len(near) == most {
			break
		}
	}
	return near, nil
}

// A conflictRow is the sequence at which it ended (0 while it stands), then
// the conflict as JSON.

func (w *batch) addConflict(seq uint64, ordinal uint16, c rules.Conflict) error {
	b, err := json.Marshal(c, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("encode conflict: %w", err)
	}
	key := binary.BigEndian.AppendUint16(keys.Seq(seq), ordinal)
	if err := w.tx.Put(item.TableConflicts, key, append(keys.Seq(0), b...)); err != nil {
		return err
	}
	for _, id := range c.Facts {
		if fact, ok := item.Find(w.tx, id); ok {
			if err := w.tx.Put(item.TableConflictsOf, append(keys.Seq(fact), key...), nil); err != nil {
				return err
			}
			continue
		}
		// the fact in hand has its id written last
		if err := w.tx.Put(item.TableConflictsOf, append(keys.Seq(seq), key...), nil); err != nil {
			return err
		}
	}
	return nil
}

// endConflicts ends those of a fact that were not found again, and returns
// those that are new.
func (w *batch) endConflicts(fact, seq uint64, found []rules.Conflict) ([]rules.Conflict, error) {
	still := map[string]bool{}
	for _, c := range found {
		b, err := json.Marshal(c, json.Deterministic(true))
		if err != nil {
			return nil, fmt.Errorf("encode conflict: %w", err)
		}
		still[string(b)] = true
	}
	var ended [][]byte
	for k := range w.tx.Scan(item.TableConflictsOf, viewdb.Range{From: keys.Seq(fact), To: keys.Seq(fact + 1)}) {
		ended = append(ended, append([]byte(nil), k[8:]...))
	}
	stands := map[string]bool{}
	for _, key := range ended {
		v := w.tx.Get(item.TableConflicts, key)
		if keys.Uint64(v) != 0 {
			continue
		}
		if still[string(v[8:])] {
			stands[string(v[8:])] = true
			continue
		}
		if err := w.tx.Put(item.TableConflicts, key, append(keys.Seq(seq), v[8:]...)); err != nil {
			return nil, err
		}
		if err := w.tx.Put(item.TableEnded, append(keys.Seq(seq), key...), nil); err != nil {
			return nil, err
		}
	}
	var added []rules.Conflict
	for _, c := range found {
		b, _ := json.Marshal(c, json.Deterministic(true))
		if !stands[string(b)] {
			added = append(added, c)
		}
	}
	return added, nil
}

// endOf returns the end of a list, read once and then kept up to date.
func (w *batch) endOf(list string, seq uint64) *posting.Tail {
	if end, ok := w.recent.ends.Get(list); ok {
		return end
	}
	end := &posting.Tail{Whole: true}
	if w.slots[list] || w.tx.Get(item.TableSlots, []byte(list)) != nil {
		for p := range (posting.Walk{List: list, Known: seq, Desc: true}).Places(w.tx) {
			if len(end.Places) == posting.TailLength {
				end.Whole = false
				break
			}
			end.Places = append(end.Places, p)
		}
		slices.Reverse(end.Places)
	}
	w.recent.ends.Add(list, end)
	return end
}
