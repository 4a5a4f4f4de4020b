package projections

import (
	"sort"

	"github.com/summit-timeline/summit/events"
)

// The states of delegates and delegations.
const (
	stateArrived  = "arrived"
	stateDeparted = "departed"
)

func (c *composer) delegation(entity events.Entity) error {
	moves, err := c.last(entity, slotMove)
	if err != nil || len(moves) == 0 {
		return err
	}
	m := moves[0]
	s := DelegationStatus{ID: entity.ID, Since: since(m), Standing: c.standing(m), Delegates: []DelegateStatus{}, Facts: []string{m.id}}
	switch d := m.data.(type) {
	case *events.DelegationArrived:
		s.State, s.Party, s.Place, s.Members = stateArrived, d.Party, d.Place, d.Members
	case *events.DelegationDeparted:
		s.State, s.Party, s.Place, s.Members = stateDeparted, d.Party, d.Place, d.Members
	}
	c.status.Delegations = append(c.status.Delegations, s)
	return nil
}

// delegates puts each person under the delegation of their party; a party of
// which only delegates are known is listed for their sake.
func (c *composer) delegates() error {
	for entity := range c.entities() {
		if entity.Kind != events.KindPerson {
			continue
		}
		moves, err := c.last(entity, slotMove)
		if err != nil {
			return err
		}
		if len(moves) > 0 {
			c.delegate(entity, moves)
		}
	}
	sort.SliceStable(c.status.Delegations, func(i, j int) bool { return c.status.Delegations[i].ID < c.status.Delegations[j].ID })
	return nil
}

func (c *composer) delegate(entity events.Entity, moves []held) {
	m := moves[0]
	s := DelegateStatus{ID: entity.ID, Since: since(m), Standing: c.standing(m), Facts: []string{m.id}}
	party := ""
	for i, x := range moves {
		d, state := delegateOf(x.data)
		if i == 0 {
			s.Name, s.State, s.Place = d.Name, state, d.Place
		}
		if s.Role == "" {
			s.Role = d.Role
		}
		if party == "" {
			party = d.Party
		}
	}
	for i := range c.status.Delegations {
		if c.status.Delegations[i].ID == party {
			c.status.Delegations[i].Delegates = append(c.status.Delegations[i].Delegates, s)
			return
		}
	}
	c.status.Delegations = append(c.status.Delegations, DelegationStatus{
		ID: party, Party: party, Delegates: []DelegateStatus{s}, Facts: []string{},
	})
}

func delegateOf(p events.Payload) (events.Delegate, string) {
	switch d := p.(type) {
	case *events.DelegateArrived:
		return d.Delegate, stateArrived
	case *events.DelegateDeparted:
		return d.Delegate, stateDeparted
	}
	return events.Delegate{}, ""
}
