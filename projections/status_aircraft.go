package projections

import "github.com/summit-timeline/summit/events"

// The states of an aircraft.
const (
	stateEnRoute = "en_route"
	stateLanded  = "landed"
)

func (c *composer) aircraft(entity events.Entity) error {
	moves, err := c.last(entity, slotMove)
	if err != nil {
		return err
	}
	s := AircraftStatus{ID: entity.ID, Facts: []string{}}
	for i, m := range moves {
		var frame events.Airframe
		used := i == 0
		switch d := m.data.(type) {
		case *events.AircraftDeparted:
			frame = d.Airframe
			if i == 0 {
				s.State = stateEnRoute
			}
			if s.From == nil {
				s.From, s.To, used = d.From, d.To, true
			}
		case *events.AircraftLanded:
			frame = d.Airframe
			if i == 0 {
				s.State, s.Place = stateLanded, d.Place
			}
		}
		if i == 0 {
			s.Since, s.Standing = since(m), c.standing(m)
		}
		if s.fill(frame) || used {
			s.Facts = append(s.Facts, m.id)
		}
	}
	if err := c.tracked(entity, &s); err != nil {
		return err
	}
	if len(s.Facts) > 0 {
		c.status.Aircraft = append(c.status.Aircraft, s)
	}
	return nil
}

// fill takes what is not known yet of the airframe from an earlier fact.
func (s *AircraftStatus) fill(f events.Airframe) (used bool) {
	take := func(have *string, got string) {
		if *have == "" && got != "" {
			*have, used = got, true
		}
	}
	take(&s.Model, f.Model)
	take(&s.Operator, f.Operator)
	take(&s.Registration, f.Registration)
	return used
}

// tracked adds how many follow the flight.
func (c *composer) tracked(entity events.Entity, s *AircraftStatus) error {
	seen := 0
	for h, err := range c.walkSlot(entity, slotTrack) {
		if err != nil {
			return err
		}
		d, ok := h.data.(*events.AircraftTracked)
		if ok && d.Watchers != nil && *d.Watchers > 0 {
			s.Watchers = *d.Watchers
			s.Facts = append(s.Facts, h.id)
			return nil
		}
		if seen++; seen == looksBack {
			return nil
		}
	}
	return nil
}
