package projections

import "github.com/summit-timeline/summit/events"

// The slots of an entity: each holds the facts that decide one part of its
// state.
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
	case *events.MeetingScheduled, *events.MeetingRescheduled, *events.MeetingStarted, *events.MeetingEnded, *events.MeetingCancelled:
		return slotRun
	case *events.AgendaSet:
		return slotAgenda
	case *events.SitePrepared:
		return slotAspect + d.Aspect
	case *events.PositionStated:
		return slotStance + events.NameKey(d.Actor)
	case *events.SummitClosed:
		return slotClosed
	}
	return ""
}

// course is the place of a fact in the natural course of things: departure
// before landing, arrival before departure of people, start before end. Where
// times leave the order open, the course decides.
func course(p events.Payload) int {
	switch p.(type) {
	case *events.AircraftLanded, *events.DelegateDeparted, *events.DelegationDeparted, *events.MeetingEnded:
		return 1
	}
	return 0
}
