package projections

import (
	"strings"

	"github.com/summit-timeline/summit/events"
)

// A group is the announcements of one class for one entity, in the order in
// which they were made. The last plan that was not retracted is current, those
// before it are superseded; a plan is met once an actual fact of its class
// stands, or once it is called off.
type group struct {
	entity events.Entity
	class  string
}

func (g group) list() string { return planList(g.entity.String(), g.class) }

// slot is where the actual facts of a group are; "" where its announcements are
// no plans.
func (g group) slot() string {
	if aspect, ok := strings.CutPrefix(g.class, events.TypeSitePrepared+"/"); ok {
		return slotAspect + aspect
	}
	switch kind, _, _ := strings.Cut(g.class, "."); events.Kind(kind) {
	case classSchedule, events.KindMeeting:
		return slotRun
	case events.KindAircraft, "delegate", events.KindDelegation:
		return slotMove
	}
	return ""
}

// groupsOf are the groups that an item bears on, as a plan or as an actual.
func groupsOf(it *item) []group {
	class := planClass(it)
	if class == "" || slotOf(it.data) == "" {
		return nil
	}
	groups := []group{{it.entity, class}}
	if slotOf(it.data) == slotRun && class != classSchedule {
		groups = append(groups, group{it.entity, classSchedule})
	}
	return groups
}

// meets says whether an actual item is what the plans of a group wait for.
func (g group) meets(it *item) bool {
	return g.class == classSchedule || planClass(it) == g.class
}

func (g group) has(it *item) bool {
	return it.announces() && !it.retracted && planClass(it) == g.class
}

// settlePlans brings up to date which plan of a group is current and whether
// it is met, after an item came or changed. The item itself is not written.
// moved says that other announcements of the entity changed places.
func (w *writer) settlePlans(before, after *item, seq uint64, moved bool) error {
	after.superseded, after.met, after.due = false, false, 0 // it may be a plan no longer
	groups := groupsOf(after)
	if before != nil && planClass(before) != planClass(after) {
		groups = append(groups, groupsOf(before)...)
	}
	if moved {
		groups = nil
		for class := range w.noted(planList(after.entity.String(), "")) {
			groups = append(groups, group{after.entity, class})
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
func (w *writer) settleGroup(g group, changed *item, seq uint64, moved bool) error {
	met, err := w.isMet(g, seq)
	if err != nil {
		return err
	}
	if g.has(changed) {
		changed.superseded, changed.met = true, met
	}
	replaced := false
	for p := range (walk{list: g.list(), known: seq, desc: true}).postings(w.tx) {
		it, err := w.latest(p.fact)
		if err != nil {
			return err
		}
		as := fate{superseded: replaced, met: met}
		if !replaced && !it.callsOff() {
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
		if it.callsOff() {
			met = true
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
func (w *writer) settleMember(it, changed *item, as fate, seq uint64) (bool, error) {
	if it == changed {
		it.superseded, it.met, it.due = as.superseded, as.met, as.due
		return false, nil
	}
	next := it.clone()
	next.superseded, next.met, next.due = as.superseded, as.met, as.due
	if it.superseded == next.superseded && it.met == next.met && it.overdueAt() == next.overdueAt() {
		return true, nil
	}
	return false, w.putItem(next, seq)
}

// dueOf is the instant after which a plan is overdue, in Unix nanoseconds; 0 is
// none. A plan that does not say when keeps to the time of the one before it.
func (w *writer) dueOf(g group, at place, seq uint64) (int64, error) {
	for p := range (walk{list: g.list(), known: seq, from: &at, desc: true}).postings(w.tx) {
		it, err := w.latest(p.fact)
		if err != nil {
			return 0, err
		}
		if told, err := it.tells("when"); err != nil || told && !it.callsOff() {
			return it.passed(), err
		}
	}
	return 0, nil
}

// isMet looks for a standing actual of the group, latest first.
func (w *writer) isMet(g group, seq uint64) (bool, error) {
	for p := range (walk{list: slotList(g.entity.String(), g.slot()), known: seq, desc: true}).postings(w.tx) {
		it, err := w.latest(p.fact)
		if err != nil {
			return false, err
		}
		if g.meets(it) {
			return true, nil
		}
	}
	return false, nil
}
