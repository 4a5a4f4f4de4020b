package projections

import (
	"github.com/summit-timeline/summit/events"
)

// A group is the plans of one class for one entity. The last recorded that was
// not retracted is current, the others are superseded; a group is met once an
// actual fact of its class stands.
type group struct {
	entity events.Entity
	class  string
	slot   string // where the actuals are
}

func (g group) name() string { return g.entity.String() + "/" + g.class }
func (g group) list() string { return listPlan + g.name() }

func planGroup(it *item) string { return group{entity: it.entity, class: planClass(it)}.name() }

// groupsOf are the groups that an item bears on, as a plan or as an actual.
func groupsOf(it *item) []group {
	class := planClass(it)
	if class == "" {
		return nil
	}
	slot := slotOf(it.data)
	if class == classSchedule {
		slot = slotRun
	}
	groups := []group{{it.entity, class, slot}}
	if slot == slotRun && class != classSchedule {
		groups = append(groups, group{it.entity, classSchedule, slotRun})
	}
	return groups
}

// meets says whether an actual item is what the plans of a group wait for.
func (g group) meets(it *item) bool {
	if g.class == classSchedule {
		return slotOf(it.data) == slotRun
	}
	return planClass(it) == g.class
}

// settlePlans brings up to date which plan of a group is current and whether
// it is met, after an item came or changed. The item itself is not written.
func (w *writer) settlePlans(before, after *item, seq uint64) error {
	after.superseded, after.met = false, false // it may be a plan no longer
	groups := groupsOf(after)
	if before != nil && planClass(before) != planClass(after) {
		groups = append(groups, groupsOf(before)...)
	}
	for _, g := range groups {
		if !w.recent.plans[g.name()] {
			continue
		}
		if err := w.settleGroup(g, after, seq); err != nil {
			return err
		}
	}
	return nil
}

// settleGroup looks at the two last plans of a group: all before them are
// superseded already.
func (w *writer) settleGroup(g group, changed *item, seq uint64) error {
	met, err := w.isMet(g, changed, seq)
	if err != nil {
		return err
	}
	if isPlanOf(g, changed) {
		changed.superseded, changed.met = true, met
	}
	rank := 0
	for p, err := range (walk{list: g.list(), known: seq, desc: true, row: &w.wide}).postings(w.tx) {
		if err != nil {
			return err
		}
		if err := w.settleMember(p.fact, changed, rank > 0, met, seq); err != nil {
			return err
		}
		if rank++; rank == 2 {
			break
		}
	}
	return nil
}

func isPlanOf(g group, it *item) bool {
	return it.moment().Phase != events.PhaseActual && planClass(it) == g.class && !it.retracted
}

func (w *writer) settleMember(fact uint64, changed *item, superseded, met bool, seq uint64) error {
	if fact == changed.seq {
		changed.superseded, changed.met = superseded, met
		return nil
	}
	it, err := w.latest(fact)
	if err != nil {
		return err
	}
	if it.superseded == superseded && it.met == met {
		return nil
	}
	next := it.clone()
	next.superseded, next.met = superseded, met
	return w.putItem(next, seq)
}

// isMet looks for a standing actual of the group, latest first.
func (w *writer) isMet(g group, changed *item, seq uint64) (bool, error) {
	for p, err := range (walk{list: slotList(g.entity.String(), g.slot), known: seq, desc: true, row: &w.wide}).postings(w.tx) {
		if err != nil {
			return false, err
		}
		it := changed
		if p.fact != changed.seq {
			if it, err = w.latest(p.fact); err != nil {
				return false, err
			}
		}
		if g.meets(it) {
			return true, nil
		}
	}
	return false, nil
}
