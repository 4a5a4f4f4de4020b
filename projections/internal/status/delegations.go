package status

import (
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
)

// The states of delegates and delegations.
const (
	stateArrived  = "arrived"
	stateDeparted = "departed"
)

func (c *composer) delegation(of *lists, all map[string]*DelegationStatus) error {
	t, m := c.begin(of, item.SlotMove)
	if m == nil {
		return t.err
	}
	s := delegationOf(all, of.entity.ID)
	s.State, s.Since, s.Standing = partyState(m), m.ShownMoment(), c.standing(m)
	t.take("party", &s.Party)
	t.take("place", &s.Place)
	t.take("members", &s.Members)
	t.take("name", &s.Name)
	t.take("part_of", &s.PartOf)
	var err error
	if s.Planned, err = c.plannedBeside(of, t); err != nil {
		return err
	}
	if s.Aboard, err = c.carrier(of, t); err != nil {
		return err
	}
	if s.Expected, err = c.expected(of, t); err != nil {
		return err
	}
	s.Facts = t.facts
	return t.err
}

// delegationOf returns the one entry of a delegation. A party of which only delegates
// are known has one for their sake.
func delegationOf(all map[string]*DelegationStatus, id string) *DelegationStatus {
	if all[id] == nil {
		all[id] = &DelegationStatus{ID: id, Party: id, Delegates: []DelegateStatus{}, Facts: []string{}}
	}
	return all[id]
}

// delegate puts a person under the delegation of their party.
func (c *composer) delegate(of *lists, all map[string]*DelegationStatus) error {
	t, m := c.begin(of, item.SlotMove)
	if m == nil {
		return t.err
	}
	s := DelegateStatus{ID: of.entity.ID, State: partyState(m), Since: m.ShownMoment(), Standing: c.standing(m)}
	party := ""
	t.take("name", &s.Name)
	t.take("role", &s.Role)
	t.take("party", &party)
	t.take("place", &s.Place)
	var err error
	if s.Planned, err = c.plannedBeside(of, t); err != nil {
		return err
	}
	if s.Aboard, err = c.carrier(of, t); err != nil {
		return err
	}
	if s.Expected, err = c.expected(of, t); err != nil {
		return err
	}
	s.Name, s.Facts = name(s.Name, s.ID), t.facts
	under := delegationOf(all, party)
	under.Delegates = append(under.Delegates, s)
	return t.err
}

// partyState returns the state of a delegate or a delegation.
func partyState(h *held) string {
	if h.Announces() {
		return stateExpected
	}
	switch h.Data.(type) {
	case *events.DelegateDeparted, *events.DelegationDeparted:
		return stateDeparted
	}
	return stateArrived
}
