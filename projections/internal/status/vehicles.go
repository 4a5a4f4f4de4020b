package status

import (
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
)

func (c *composer) vehicle(of *lists) error {
	moves, m := c.begin(of, item.SlotMove)
	if m == nil {
		return moves.err
	}
	s := VehicleStatus{ID: of.entity.ID, State: vehicleState(m), Since: m.ShownMoment(), Standing: c.standing(m)}
	if s.State != stateEnRoute {
		moves.take("place", &s.Place)
	}
	moves.takeOfLeg("from", &s.From)
	moves.takeOfLeg("to", &s.To)
	moves.take("name", &s.Name)
	moves.take("kind", &s.Kind)
	var err error
	if s.Aboard, err = c.passengers(of, moves); err != nil {
		return err
	}
	if s.Planned, err = c.plannedBeside(of, moves); err != nil {
		return err
	}
	if s.Expected, err = c.expected(of, moves); err != nil {
		return err
	}
	s.Facts = moves.facts
	c.status.Vehicles = append(c.status.Vehicles, s)
	return moves.err
}

func vehicleState(h *held) string {
	if h.Announces() {
		return stateExpected
	}
	if _, left := h.Data.(*events.VehicleDeparted); left {
		return stateEnRoute
	}
	return stateArrived
}
