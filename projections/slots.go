package projections

import (
	"strings"

	"github.com/summit-timeline/summit/events"
)

// The slots of an entity: each holds the facts of which the latest decides one
// part of its state.
const (
	slotMove   = "move"    // where it is: departures, arrivals, landings
	slotTrack  = "track"   // what a tracking service shows
	slotRun    = "run"     // how far a meeting is
	slotAgenda = "agenda"  // whether a topic is expected
	slotAspect = "aspect/" // how far a site is ready, by aspect
	slotStance = "stance/" // where an actor stands on a topic
	slotClosed = "closed"  // whether the summit is closed
)

// slotOf is the slot that a payload bears on; "" where none.
func slotOf(p events.Payload) string {
	switch d := p.(type) {
	case *events.AircraftDeparted, *events.AircraftLanded, *events.DelegateArrived, *events.DelegateDeparted,
		*events.DelegationArrived, *events.DelegationDeparted:
		return slotMove
	case *events.AircraftTracked:
		return slotTrack
	case *events.MeetingStarted, *events.MeetingEnded, *events.MeetingCancelled:
		return slotRun
	case *events.AgendaSet:
		return slotAgenda
	case *events.SitePrepared:
		return slotAspect + d.Aspect
	case *events.PositionStated:
		return slotStance + actorKey(d.Actor)
	case *events.SummitClosed:
		return slotClosed
	}
	return ""
}

// actorKey folds the name of an actor; NUL cannot occur in it.
func actorKey(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// course is the place of a fact in the natural course of things: departure
// before landing, arrival before departure of people, start before end. Where
// times leave the order open, the course decides.
func course(p events.Payload) int {
	switch p.(type) {
	case *events.AircraftLanded, *events.DelegateDeparted, *events.DelegationDeparted, *events.MeetingEnded:
		return 1
	case *events.MeetingCancelled:
		return 2
	}
	return 0
}

// planClass is the sort of plan that an item can be: two plans of one class
// for one entity replace each other, and an actual of that class meets them.
// "" where it is no plan whatever its phase.
func planClass(it *item) string {
	switch d := it.data.(type) {
	case *events.MeetingScheduled, *events.MeetingRescheduled:
		return classSchedule
	case *events.SitePrepared:
		return it.typ + "/" + d.Aspect
	case *events.AgendaSet, *events.PositionStated, *events.StatementMade, *events.NoteAdded,
		*events.SummitOpened, *events.SummitClosed, *events.AircraftTracked:
		return ""
	}
	return it.typ
}

const classSchedule = "schedule"
