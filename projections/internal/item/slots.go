package item

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/objects"
)

// The slots of an entity: each holds the facts that decide one part of its
// state.
const (
	SlotMove   = "move"    // where it is: departures, arrivals, landings
	SlotTrack  = "track"   // what a tracking service shows
	SlotRun    = "run"     // how far a meeting is
	SlotAgenda = "agenda"  // whether a topic is expected
	SlotAspect = "aspect/" // how far a site is ready, by aspect
	SlotStance = "stance/" // where an actor stands on a topic
	SlotClosed = "closed"  // whether the summit is closed
	SlotState  = "state"   // whether a site is open
	SlotStage  = "stage"   // how far a document or a measure is
	SlotReport = "report"  // what is reported of an incident
)

// SlotsOf returns the slots that a payload bears on: a position that several share is a
// stance of each.
func SlotsOf(p events.Payload) []string {
	slot := SlotOf(p)
	if slot == "" {
		return nil
	}
	slots := []string{slot}
	if d, stance := p.(*events.PositionStated); stance {
		for _, actor := range d.With {
			if s := SlotStance + events.NameKey(actor); !slices.Contains(slots, s) {
				slots = append(slots, s)
			}
		}
	}
	return slots
}

// SlotOf returns the slot that a payload bears on, the first of several, or "" if none.
func SlotOf(p events.Payload) string {
	switch d := p.(type) {
	case *events.AircraftDeparted, *events.AircraftLanded, *events.DelegateArrived, *events.DelegateDeparted,
		*events.DelegationArrived, *events.DelegationDeparted, *events.VehicleDeparted, *events.VehicleArrived:
		return SlotMove
	case *events.AircraftTracked:
		return SlotTrack
	case *events.MeetingScheduled, *events.MeetingRescheduled, *events.MeetingStarted,
		*events.MeetingPaused, *events.MeetingResumed, *events.MeetingEnded, *events.MeetingCancelled:
		return SlotRun
	case *events.AgendaSet:
		return SlotAgenda
	case *events.SitePrepared:
		return SlotAspect + d.Aspect
	case *events.SiteChanged:
		return SlotState
	case *events.DocumentAnnounced, *events.DocumentSigned, *events.DocumentPublished, *events.DocumentRejected,
		*events.MeasureAnnounced, *events.MeasureBegan, *events.MeasureEnded:
		return SlotStage
	case *events.IncidentReported:
		return SlotReport
	case *events.PositionStated:
		return SlotStance + events.NameKey(d.Actor)
	case *events.SummitClosed:
		return SlotClosed
	}
	return ""
}

// Course returns the place of a fact in the natural course of things: departure
// before landing, arrival before departure of people, start before break before end.
// Where times leave the order open, the course decides.
func Course(p events.Payload) int {
	switch p.(type) {
	case *events.AircraftLanded, *events.VehicleArrived, *events.DelegateDeparted, *events.DelegationDeparted,
		*events.MeetingPaused, *events.MeetingResumed, *events.DocumentSigned, *events.DocumentRejected, *events.MeasureBegan:
		return 1
	case *events.MeetingEnded, *events.DocumentPublished, *events.MeasureEnded:
		return 2
	}
	return 0
}

// carriedMembers names the members of an object that a status carries on.
func carriedMembers(object []byte) ([]string, error) {
	names := []string{}
	err := objects.EachMember(object, func(name string, d *jsontext.Decoder) error {
		if Carried[name] {
			names = append(names, name)
		}
		return d.SkipValue()
	})
	return names, err
}

// Carried are the members of data that a status shows though an earlier fact said
// them. Headlines, notes, sources, details and the like stay with their fact.
var Carried = map[string]bool{
	"model": true, "operator": true, "registration": true, "from": true, "to": true, "watchers": true, "place": true,
	"name": true, "role": true, "party": true, "members": true, "level": true, "expected": true,
	"title": true, "kind": true, "participants": true, "when": true, "places": true, "callsign": true, "aboard": true, "position": true,
	"part_of": true, "parties": true, "url": true, "by": true, "on": true, "killed": true, "injured": true,
}
