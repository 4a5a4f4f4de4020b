package projections

import "github.com/summit-timeline/summit/events"

// classSchedule is the class of what is announced about a meeting as a whole.
const classSchedule = "schedule"

// announces reports whether a fact tells what is to be, not what was: it is what
// [events.Announces] says, or an estimate.
func (it *item) announces() bool {
	return !it.hidden() && (events.Announces(it.data) || events.PhaseOf(it.data) != events.PhaseActual)
}

// callsOff reports whether a fact ends a plan without making another.
func (it *item) callsOff() bool {
	_, off := it.data.(*events.MeetingCancelled)
	return off
}

// planClass is the sort of plan that an item can be: two plans of one class
// for one entity replace each other, and an actual of that class meets them.
// "" where it is no plan whatever its phase.
func planClass(it *item) string {
	switch d := it.data.(type) {
	case *events.MeetingScheduled, *events.MeetingRescheduled, *events.MeetingCancelled:
		return classSchedule
	case *events.SitePrepared:
		return it.typ + "/" + d.Aspect
	case *events.AgendaSet, *events.PositionStated, *events.StatementMade, *events.NoteAdded,
		*events.SummitOpened, *events.SummitClosed, *events.AircraftTracked:
		return ""
	}
	return it.typ
}

// listClass names the list in which an announcement stands: that of its class
// of plans, else that of the slot it bears on. "" where it bears on nothing.
func listClass(it *item) string {
	if class := planClass(it); class != "" {
		return class
	}
	return slotOf(it.data)
}

func planList(entity, class string) string { return listPlan + entity + "/" + class }

// passed is the instant after which the planned time is past; 0 where it is not
// known.
func (it *item) passed() int64 {
	if w := it.data.Base().When; w != nil {
		if t, known := w.Passed(); known {
			return t.UnixNano()
		}
	}
	return 0
}

// madeAt is when an announcement says it was made. A time after it was recorded
// is none.
func (it *item) madeAt() (int64, bool) {
	at, made := events.Event{Data: it.data, Time: it.time, Recorded: it.recorded}.Announced()
	if !made {
		return noKey, false
	}
	return at.UnixNano(), true
}

// standsAnnounced reports whether an item is an announcement that holds.
func (it *item) standsAnnounced() bool {
	return !it.retracted && it.announces() && listClass(it) != ""
}
