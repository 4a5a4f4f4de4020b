package status

import (
	"strings"

	"github.com/summit-timeline/summit/events"
)

// Called returns what a status calls an entity, KIND/ID; it is "" where the status does
// not have it, or has no name for it.
func (s *Status) Called(entity string) string {
	kind, id, _ := strings.Cut(entity, "/")
	switch events.Kind(kind) {
	case events.KindAircraft:
		for _, a := range s.Aircraft {
			if a.ID == id {
				return a.Model
			}
		}
	case events.KindVehicle:
		for _, v := range s.Vehicles {
			if v.ID == id {
				return v.Name
			}
		}
	case events.KindMeeting:
		for _, m := range s.Meetings {
			if m.ID == id {
				return m.Title
			}
		}
	case events.KindPerson, events.KindDelegation:
		return s.partyCalled(events.Kind(kind), id)
	}
	return ""
}

func (s *Status) partyCalled(kind events.Kind, id string) string {
	for _, d := range s.Delegations {
		if kind == events.KindDelegation && d.ID == id {
			return d.Name
		}
		for _, p := range d.Delegates {
			if kind == events.KindPerson && p.ID == id {
				return p.Name
			}
		}
	}
	return ""
}
