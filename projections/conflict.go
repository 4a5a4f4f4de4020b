package projections

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/viewdb"
)

// judge brings the contradictions that an item takes part in up to date, and
// those of its neighbours that it may explain away or bring out.
func (w *writer) judge(before, after *item, seq uint64) error {
	if !rulesConcern(after) && (before == nil || !rulesConcern(before)) {
		return nil
	}
	near, err := w.neighbours(after, seq)
	if err != nil {
		return err
	}
	added, err := w.judgeItem(after, near, seq, 0)
	if err != nil {
		return err
	}
	if before != nil {
		beside, err := w.neighbours(before, seq)
		if err != nil {
			return err
		}
		near = append(near, beside...)
	}
	for _, x := range near {
		if before == nil && !w.contradicted(x.seq) {
			continue // a further fact brings out no contradiction between others
		}
		it, err := w.latest(x.seq)
		if err != nil {
			return err
		}
		theirs, err := w.neighbours(it, seq)
		if err != nil {
			return err
		}
		if added, err = w.judgeItem(it, theirs, seq, added); err != nil {
			return err
		}
	}
	return nil
}

func rulesConcern(it *item) bool { return concern(it.claim()) }

// contradicted says whether a fact ever took part in a contradiction.
func (w *writer) contradicted(fact uint64) bool {
	for range w.tx.Scan(tableConflictsOf, viewdb.Range{From: seqKey(fact), To: seqKey(fact + 1)}) {
		return true
	}
	return false
}

// judgeItem ends the contradictions of an item that no longer are, and adds
// those that are new, numbered on from those added at this sequence already.
func (w *writer) judgeItem(it *item, near []*claim, seq uint64, added uint16) (uint16, error) {
	found, err := w.endConflicts(it.seq, seq, findings(it, near))
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

// findings applies the rules to an item and its neighbours.
func findings(it *item, near []*claim) []Conflict {
	if it.retracted || it.hidden() {
		return nil
	}
	return contradictions(it.claim(), near)
}

// neighbours are the facts next to an item in the slots that bear on it.
func (w *writer) neighbours(it *item, seq uint64) ([]*claim, error) {
	var list []*claim
	p, bears := it.bearing()
	if !bears || !hasPrefix(p.list, listSlot) {
		return nil, nil
	}
	for _, slot := range slotsBeside(it, p.list) {
		for _, desc := range []bool{true, false} {
			var err error
			if list, err = w.side(list, slot, place{key: p.key, fact: it.seq}, desc, seq); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// slotsBeside are the lists in which the neighbours of a fact stand: its own,
// and for aircraft the tracks beside the moves.
func slotsBeside(it *item, own string) []string {
	if it.entity.Kind != events.KindAircraft {
		return []string{own}
	}
	return []string{slotList(it.entity.String(), slotMove), slotList(it.entity.String(), slotTrack)}
}

// side adds the facts of a list on one side of a place, the nearest first.
func (w *writer) side(near []*claim, list string, from place, desc bool, seq uint64) ([]*claim, error) {
	end, err := w.endOf(list, seq)
	if err != nil {
		return nil, err
	}
	add := func(p place) error {
		it, err := w.latest(p.fact)
		if err == nil {
			near = append(near, it.claim())
		}
		return err
	}
	if places, reaches := end.beside(from, desc); reaches {
		for _, p := range places {
			if err := add(p); err != nil {
				return nil, err
			}
		}
		return near, nil
	}
	most := len(near) + neighbourhood
	for p := range (walk{list: list, known: seq, from: &from, desc: desc}).postings(w.tx) {
		if p.fact == from.fact {
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

func (w *writer) addConflict(seq uint64, ordinal uint16, c Conflict) error {
	b, err := json.Marshal(c, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("encode conflict: %w", err)
	}
	key := binary.BigEndian.AppendUint16(seqKey(seq), ordinal)
	if err := w.tx.Put(tableConflicts, key, append(seqKey(0), b...)); err != nil {
		return err
	}
	for _, id := range c.Facts {
		if fact, ok := findID(w.tx, id); ok {
			if err := w.tx.Put(tableConflictsOf, append(seqKey(fact), key...), nil); err != nil {
				return err
			}
			continue
		}
		// the fact in hand has its id written last
		if err := w.tx.Put(tableConflictsOf, append(seqKey(seq), key...), nil); err != nil {
			return err
		}
	}
	return nil
}

// endConflicts ends those of a fact that were not found again, and gives back
// those that are new.
func (w *writer) endConflicts(fact, seq uint64, found []Conflict) ([]Conflict, error) {
	still := map[string]bool{}
	for _, c := range found {
		b, err := json.Marshal(c, json.Deterministic(true))
		if err != nil {
			return nil, fmt.Errorf("encode conflict: %w", err)
		}
		still[string(b)] = true
	}
	var ended [][]byte
	for k := range w.tx.Scan(tableConflictsOf, viewdb.Range{From: seqKey(fact), To: seqKey(fact + 1)}) {
		ended = append(ended, append([]byte(nil), k[8:]...))
	}
	stands := map[string]bool{}
	for _, key := range ended {
		v := w.tx.Get(tableConflicts, key)
		if seqOf(v) != 0 {
			continue
		}
		if still[string(v[8:])] {
			stands[string(v[8:])] = true
			continue
		}
		if err := w.tx.Put(tableConflicts, key, append(seqKey(seq), v[8:]...)); err != nil {
			return nil, err
		}
		if err := w.tx.Put(tableEnded, append(seqKey(seq), key...), nil); err != nil {
			return nil, err
		}
	}
	var added []Conflict
	for _, c := range found {
		b, _ := json.Marshal(c, json.Deterministic(true))
		if !stands[string(b)] {
			added = append(added, c)
		}
	}
	return added, nil
}

// endOf is the end of a list, read once and then kept up to date.
func (w *writer) endOf(list string, seq uint64) (*listEnd, error) {
	if end, ok := w.recent.ends.Get(list); ok {
		return end, nil
	}
	end := &listEnd{whole: true}
	if w.slots[list] || w.tx.Get(tableSlots, []byte(list)) != nil {
		for p := range (walk{list: list, known: seq, desc: true}).postings(w.tx) {
			if len(end.places) == endKept {
				end.whole = false
				break
			}
			end.places = append(end.places, p)
		}
		slices.Reverse(end.places)
	}
	w.recent.ends.Add(list, end)
	return end, nil
}
