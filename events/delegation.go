package events

import "cmp"

// The types of facts about delegations.
const (
	TypeDelegationArrived  = "delegation.arrived"
	TypeDelegationDeparted = "delegation.departed"
)

var (
	_ = register[DelegationArrived](TypeDelegationArrived, KindDelegation, "A delegation arrives.", relaxed[delegationV1]())
	_ = register[DelegationDeparted](TypeDelegationDeparted, KindDelegation, "A delegation leaves.", relaxed[delegationV1](), relaxed[delegationDepartedV2]())
)

// Delegation is a party's delegation, at a place.
type Delegation struct {
	Party   string   `json:"party" rule:"required;slug" doc:"Id of the party."`
	Place   *Place   `json:"place,omitzero" rule:"owed" doc:"Where."`
	Members []string `json:"members,omitzero" rule:"items=200;max=200" doc:"Who is in it, by name."`
}

// Part names a delegation, the one it has split from, and what it travels in.
type Part struct {
	Name   string `json:"name,omitzero" rule:"max=200" doc:"What the delegation is called."`
	PartOf string `json:"part_of,omitzero" rule:"entity=delegation" doc:"The delegation it has split from: delegation/ID."`
	Passage
}

// delegationV1 had to say where.
type delegationV1 struct {
	Common
	Delegation `rule:"require=place"`
}

// delegationDepartedV2 had no name, no split and no means of travel.
type delegationDepartedV2 struct {
	Common
	Delegation
}

// DelegationArrived is the fact that a delegation came to a place.
type DelegationArrived struct {
	Common
	Delegation `rule:"require=place"`
	Part
}

func (p *DelegationArrived) headline(string) string {
	return p.title(p.Party) + " is at " + placeName(p.Place)
}

func (p *DelegationArrived) validate(at string, f *Faults) {
	p.attributed(at, f)
	p.Place.validate(child(at, "place"), f)
}

// DelegationDeparted is the fact that a delegation left a place.
type DelegationDeparted struct {
	Common
	Delegation
	Part
}

func (p *DelegationDeparted) headline(string) string {
	return p.title(p.Party) + " leaves" + leaving(p.Place)
}

// title names the delegation: by its name, or by its party.
func (p Part) title(party string) string {
	return cmp.Or(p.Name, "The delegation of "+party)
}

func (p *DelegationDeparted) validate(at string, f *Faults) {
	p.attributed(at, f)
	p.Place.validate(child(at, "place"), f)
}
