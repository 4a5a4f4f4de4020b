package fold

import (
	"strings"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/posting"
)

// A group is the announcements of one class for one entity, in the order in
// which they were made. The last plan that was not retracted is current, those
// before it are superseded; a plan is met once an actual fact of its class
// stands, or once it is called off.
type group struct {
	entity events.Entity
	class  string
}

func (g group) list() string { return item.PlanList(g.entity.String(), g.class) }

// slot returns where the actual facts of a group are, or "" if its announcements are
// no plans.
func (g group) slot() string {
	if aspect, ok := strings.CutPrefix(g.class, events.TypeSitePrepared+"/"); ok {
		return item.SlotAspect + aspect
	}
	switch kind, _, _ := strings.Cut(g.class, "."); events.Kind(kind) {
	case item.ClassSchedule, events.KindMeeting:
		return item.SlotRun
	case events.KindAircraft, events.KindVehicle, "delegate", events.KindDelegation:
		return item.SlotMove
	case events.KindDocument, events.KindMeasure:
		return item.SlotStage
	case events.KindIncident:
		return item.SlotReport
	case events.KindSite:
		return item.SlotState
	}
	return ""
}

// groupsOf returns the groups that an item bears on, as a plan or as an actual.
func groupsOf(it *item.Item) []group {
	class := item.PlanClass(it)
	if class == "" || item.SlotOf(it.Data) == "" {
		return nil
	}
	groups := []group{{it.Entity, class}}
	if item.SlotOf(it.Data) == item.SlotRun && class != item.ClassSchedule {
		groups = append(groups, group{it.Entity, item.ClassSchedule})
	}
	return groups
}

// meets reports whether an actual item is what the plans of a group wait for.
func (g group) meets(it *item.Item) bool {
	return g.class == item.ClassSchedule || item.PlanClass(it) == g.class
}

func (g group) has(it *item.Item) bool {
	return it.Announces() && !it.Retracted && item.PlanClass(it) == g.class
}

// settlePlans updates which plan of a group is current and whether
// it is met, after an item came or changed. The item itself is not written.
// moved is whether other announcements of the entity changed places.
func (w *batch) settlePlans(before, after *item.Item, seq uint64, moved bool) error {
	after.Superseded, after.Met, after.Due = false, false, 0 // it may be a plan no longer
	groups := groupsOf(after)
	if before != nil && item.PlanClass(before) != item.PlanClass(after) {
		groups = append(groups, groupsOf(before)...)
	}
	if moved {
		groups = nil
		for class := range w.noted(item.PlanList(after.Entity.String(), "")) {
			groups = append(groups, group{after.Entity, class})
		}
	}
	for _, g := range groups {
		if g.slot() == "" || !w.exists(g.list()) {
			continue
		}
		if err := w.settleGroup(g, after, seq, moved); err != nil {
			return err
		}
	}
	return nil
}

// settleGroup goes back from the last announcement of a group to the first
// before the current plan that stands as it should: all before that are
// superseded already, unless they changed places.
func (w *batch) settleGroup(g group, changed *item.Item, seq uint64, moved bool) error {
	if g.has(changed) {
		changed.Superseded = true
	}
	replaced, calledOff := false, false
	for p := range (posting.Walk{List: g.list(), Known: seq, Desc: true}).Places(w.tx) {
		it, err := w.latest(p.Fact)
		if err != nil {
			return err
		}
		as := fate{superseded: replaced, met: calledOff}
		if !calledOff {
			if as.met, err = w.isMet(g, it, seq); err != nil {
				return err
			}
		}
		if !replaced && !it.CallsOff() {
			if as.due, err = w.dueOf(g, p, seq); err != nil {
				return err
			}
		}
		settled, err := w.settleMember(it, changed, as, seq)
		if err != nil {
			return err
		}
		if settled && replaced && !moved {
			break
		}
		if it.CallsOff() {
			calledOff = true
		} else {
			replaced = true
		}
	}
	return nil
}

// fate is how a plan stands among the others.
type fate struct {
	superseded, met bool
	due             int64
}

// settleMember makes a plan stand as it should. It reports whether it did
// already.
func (w *batch) settleMember(it, changed *item.Item, as fate, seq uint64) (bool, error) {
	if it == changed {
		it.Superseded, it.Met, it.Due = as.superseded, as.met, as.due
		return false, nil
	}
	next := it.Clone()
	next.Superseded, next.Met, next.Due = as.superseded, as.met, as.due
	if it.Superseded == next.Superseded && it.Met == next.Met && it.OverdueAt() == next.OverdueAt() {
		return true, nil
	}
	return false, w.putItem(next, seq)
}

// dueOf returns the instant after which a plan is overdue, in Unix nanoseconds; 0 means
// none. A plan that does not say when keeps to the time of the one before it.
func (w *batch) dueOf(g group, at posting.Place, seq uint64) (int64, error) {
	for p := range (posting.Walk{List: g.list(), Known: seq, From: &at, Desc: true}).Places(w.tx) {
		it, err := w.latest(p.Fact)
		if err != nil {
			return 0, err
		}
		if told, err := it.Gives("when"); err != nil || told && !it.CallsOff() {
			return it.Passed(), err
		}
	}
	return 0, nil
}

// isMet looks for a standing actual of the group that a plan waits for, latest first. A
// meeting that has begun is under way whatever is announced.
func (w *batch) isMet(g group, plan *item.Item, seq uint64) (bool, error) {
	for p := range (posting.Walk{List: item.SlotList(g.entity.String(), g.slot()), Known: seq, Desc: true}).Places(w.tx) {
		it, err := w.latest(p.Fact)
		if err != nil {
			return false, err
		}
		if g.meets(it) && (g.class == item.ClassSchedule || it.MeetsPlan(plan)) {
			return true, nil
		}
	}
	return false, nil
}
