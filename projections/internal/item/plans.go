package item

import (
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/posting"
)

// ClassSchedule is the class of what is announced about a meeting as a whole.
const ClassSchedule = "schedule"

// Announces reports whether a fact says what is to be, not what was: it is what
// [events.Announces] says, or an estimate.
func (it *Item) Announces() bool {
	return !it.Hidden() && (events.Announces(it.Data) || events.PhaseOf(it.Data) != events.PhaseActual)
}

// CallsOff reports whether a fact ends a plan without making another.
func (it *Item) CallsOff() bool {
	_, off := it.Data.(*events.MeetingCancelled)
	return off
}

// PlanClass returns the sort of plan that an item can be: two plans of one class
// for one entity replace each other, and an actual of that class meets them.
// "" if it is not a plan whatever its phase.
func PlanClass(it *Item) string {
	switch d := it.Data.(type) {
	case *events.MeetingScheduled, *events.MeetingRescheduled, *events.MeetingCancelled:
		return ClassSchedule
	case *events.SitePrepared:
		return it.Type + "/" + d.Aspect
	case *events.AgendaSet, *events.PositionStated, *events.StatementMade, *events.NoteAdded,
		*events.SummitOpened, *events.SummitClosed, *events.AircraftTracked:
		return ""
	}
	return it.Type
}

// ListClass names the list in which an announcement stands: that of its class
// of plans, else that of the slot it bears on. "" where it bears on nothing.
func ListClass(it *Item) string {
	if class := PlanClass(it); class != "" {
		return class
	}
	return SlotOf(it.Data)
}

// ListClasses names the lists in which an announcement stands: a stance that several
// share is in that of each.
func ListClasses(it *Item) []string {
	switch class := PlanClass(it); {
	case class != "":
		return []string{class}
	default:
		return SlotsOf(it.Data)
	}
}

// PlanList names the list of the announcements of a class for an entity.
func PlanList(entity, class string) string { return ListPlan + entity + "/" + class }

// Passed returns the instant after which the planned time is past, or 0 if it is not
// known.
func (it *Item) Passed() int64 {
	if w := it.Data.Base().When; w != nil {
		if t, known := w.Passed(); known {
			return t.UnixNano()
		}
	}
	return 0
}

// MadeAt returns when an announcement says it was made. A time after it was recorded
// is none.
func (it *Item) MadeAt() (int64, bool) {
	at, made := events.Event{Data: it.Data, Time: it.Time, Recorded: it.recorded}.Announced()
	if !made {
		return posting.NoKey, false
	}
	return at.UnixNano(), true
}

// MeetsPlan reports whether something that happened can be what a plan waited for: unless
// it was recorded before the plan, and had certainly happened before the plan was made
// and before the time that it plans for. What has left home is still expected to
// leave for home.
func (it *Item) MeetsPlan(plan *Item) bool {
	if it.Seq > plan.Seq {
		return true
	}
	made, own := plan.MadeAt()
	if !own {
		made = plan.recorded.UnixNano()
	}
	if from, timed := plan.Moment().Key(); timed && plan.Data.Base().When != nil {
		made = min(made, from.UnixNano())
	}
	return !it.over(made)
}

// over reports whether a fact certainly happened before an instant. One without a time
// had happened when it was recorded.
func (it *Item) over(by int64) bool {
	m := it.Moment()
	_, latest, _, closed := m.Bounds()
	switch _, timed := m.Key(); {
	case !timed:
		return it.recorded.UnixNano() < by
	case !m.Best.IsZero():
		return m.Best.UnixNano() < by
	}
	return closed && latest.UnixNano() < by
}

// StandsAnnounced reports whether an item is an announcement that holds.
func (it *Item) StandsAnnounced() bool {
	return !it.Retracted && it.Announces() && ListClass(it) != ""
}
