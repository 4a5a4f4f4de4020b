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
	var err error
	if s.Expected, err = c.expected(of, moves); err != nil {
		return err
	}
	moves.take("model", &s.Model)
	moves.take("operator", &s.Operator)
	moves.take("registration", &s.Registration)
	if err := c.tracked(of, moves, &s); err != nil {
		return err
	}
	if len(moves.facts) == 0 {
		return moves.err // that somebody is aboard of it tells nothing of where it is
	}
	if s.Aboard, err = c.passengers(of, moves); err != nil {
		return err
	}
	s.Facts = moves.facts
	c.status.Aircraft = append(c.status.Aircraft, s)
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
		if p.Data.Base().When != nil && did.MeetsPlan(p.Item) { // else it is for another time
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
		if p == nil || c.met(p, t) || t.first() != nil && p.ID == t.first().ID || item.SlotOf(p.Data) != item.SlotMove {
			continue
		}
		list = append(list, ExpectedMove{Type: p.Type, When: p.ShownMoment(), Place: events.PlaceOf(p.Data), Facts: []string{p.ID}})
	}
	return list, nil
}

// met reports whether what was announced has happened, by the time of the status, as a
// thread of what is actual tells.
func (c *composer) met(plan *held, t *thread) bool {
	if c.at.IsZero() {
		return plan.Met
	}
	for h := range t.all {
		if h.Announces() {
			break
		}
		if item.PlanClass(h.Item) == item.PlanClass(plan.Item) && h.MeetsPlan(plan.Item) {
			return true
		}
	}
	return false
}

// tracked adds what a tracking service shows of the leg, and the callsign, of which the
// moves speak too.
func (c *composer) tracked(of *lists, moves *thread, s *AircraftStatus) error {
	seen := among(of.plans, item.SlotTrack)
	tracks := c.thread(of, []string{item.SlotTrack}, seen)
	left := departure(moves)
	ofLeg := func(h *held) bool {
		if left == nil || h.Announces() {
			return left == nil
		}
		return !posting.Less(h.at, left.at) || item.SlotOf(h.Data) == item.SlotTrack && open(h.Moment(), left.Moment())
	}
	tracks.seek("watchers", &s.Watchers, ofLeg)
	if s.State != stateLanded {
		tracks.seek("position", &s.Position, ofLeg)
	}
	both := c.thread(of, []string{item.SlotMove, item.SlotTrack}, append(among(of.plans, string(events.KindAircraft)+"."), seen...))
	if by := both.seek("callsign", &s.Callsign, ofLeg); by != nil {
		moves.cite(by)
	}
	if len(tracks.facts) == 0 && moves.first() == nil && tracks.first() != nil {
		tracks.cite(tracks.first()) // it was seen, and that is all that is known
	}
	for _, h := range tracks.read {
		if tracks.counts[h.ID] {
			moves.cite(h)
		}
	}
	if both.err != nil {
		return both.err
	}
	return tracks.err
}
