package status

import (
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/posting"
)

// The states of an aircraft, and what is expected of whatever moves.
const (
	stateExpected = "expected"
	stateEnRoute  = "en_route"
	stateLanded   = "landed"
)

func (c *composer) aircraft(of *lists) error {
	moves := c.thread(of, []string{item.SlotMove}, among(of.plans, string(events.KindAircraft)+"."))
	s := AircraftStatus{ID: of.entity.ID}
	if m := moves.first(); m != nil {
		moves.cite(m)
		s.State, s.Since, s.Standing = aircraftState(m), m.ShownMoment(), c.standing(m)
		if s.State != stateEnRoute {
			moves.take("place", &s.Place)
		}
		var err error
		if s.Planned, err = c.plannedBeside(of, moves); err != nil {
			return err
		}
	}
	moves.takeOfLeg("from", &s.From)
	moves.takeOfLeg("to", &s.To)
	moves.takeOfLeg("callsign", &s.Callsign)
	var err error
	if s.Aboard, err = c.passengers(of, moves); err != nil {
		return err
	}
	if s.Expected, err = c.expected(of, moves); err != nil {
		return err
	}
	moves.take("model", &s.Model)
	moves.take("operator", &s.Operator)
	moves.take("registration", &s.Registration)
	if err := c.tracked(of, moves, &s); err != nil {
		return err
	}
	if s.Facts = moves.facts; len(s.Facts) > 0 {
		c.status.Aircraft = append(c.status.Aircraft, s)
	}
	return moves.err
}

func aircraftState(h *held) string {
	switch h.Data.(type) {
	case *events.AircraftLanded:
		if !h.Announces() {
			return stateLanded
		}
	case *events.AircraftDeparted:
		if !h.Announces() {
			return stateEnRoute
		}
	}
	return stateExpected
}

// plannedBeside returns the time that was planned for what has happened; nil where
// that is not known, or where it has not happened.
func (c *composer) plannedBeside(of *lists, t *thread) (*events.Moment, error) {
	did := t.first()
	if did.Announces() {
		return nil, nil
	}
	plans := c.thread(of, nil, []string{item.ListClass(did.Item)})
	for p := range plans.all {
		if p.Data.Base().When != nil {
			t.cite(p)
			return p.ShownMoment(), nil
		}
	}
	return nil, plans.err
}

// expected returns the moves that were announced and are still to come, besides the one
// that a thread has first.
func (c *composer) expected(of *lists, t *thread) ([]ExpectedMove, error) {
	var list []ExpectedMove
	for _, class := range of.plans {
		plans := c.thread(of, nil, []string{class})
		p := plans.first()
		if plans.err != nil {
			return nil, plans.err
		}
		if p == nil || p.Met || p.Superseded || t.first() != nil && p.ID == t.first().ID || item.SlotOf(p.Data) != item.SlotMove {
			continue
		}
		list = append(list, ExpectedMove{Type: p.Type, When: p.ShownMoment(), Place: events.PlaceOf(p.Data), Facts: []string{p.ID}})
	}
	return list, nil
}

// tracked adds how many follow the flight.
func (c *composer) tracked(of *lists, moves *thread, s *AircraftStatus) error {
	tracks := c.thread(of, []string{item.SlotTrack}, among(of.plans, item.SlotTrack))
	var left *held // when the leg began
	for m := range moves.all {
		if takesOff(m.Item) {
			left = m
			break
		}
	}
	ofLeg := func(h *held) bool {
		return left == nil || !posting.Less(h.at, left.at) || open(h.Moment(), left.Moment())
	}
	tracks.seek("watchers", &s.Watchers, ofLeg)
	if s.State != stateLanded {
		tracks.seek("position", &s.Position, ofLeg)
	}
	if s.Callsign == "" {
		tracks.seek("callsign", &s.Callsign, ofLeg)
	}
	if len(tracks.facts) == 0 && moves.first() == nil && tracks.first() != nil {
		tracks.cite(tracks.first()) // it was seen, and that is all that is known
	}
	moves.facts = append(moves.facts, tracks.facts...)
	return tracks.err
}
