package events

import "github.com/summit-timeline/summit/events/message"

// The types of facts about delegations.
const (
	TypeDelegationArrived  = "delegation.arrived"
	TypeDelegationDeparted = "delegation.departed"
)

var (
	_ = register[DelegationArrived](TypeDelegationArrived, KindDelegation, "A delegation arrives.", relaxed[delegationV1](), added("lang"), added("sealed", "unseal_at"))
	_ = register[DelegationDeparted](TypeDelegationDeparted, KindDelegation, "A delegation leaves.", relaxed[delegationV1](), added("name", "part_of", "aboard"), added("lang"), added("sealed", "unseal_at"))
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

// DelegationArrived is the fact that a delegation came to a place.
type DelegationArrived struct {
	Common
	Delegation `rule:"require=place"`
	Part
}

func (d Delegation) place() *Place { return d.Place }

func (p Part) names() []Name { return given(Name{"name", p.Name}) }

var (
	saysPartyComes  = message.Define("delegation.arrived", "{who} arrives at {place}")
	saysPartyToCome = message.Define("delegation.arrived.planned", "{who} is expected at {place}")
)

func (p *DelegationArrived) headline(Entity) message.Message {
	return phased(p, saysPartyComes, saysPartyToCome).With(p.who(p.Party), PlaceArg(p.Place))
}

// who names a delegation: by its name, or by its party.
func (p Part) who(party string) message.Arg {
	if p.Name != "" {
		return message.Text(p.Name)
	}
	return message.Entity(partyPrefix + party)
}

// DelegationDeparted is the fact that a delegation left a place.
type DelegationDeparted struct {
	Common
	Delegation
	Part
}

var (
	saysPartyGoes    = message.Define("delegation.departed", "{who} departs")
	saysPartyToGo    = message.Define("delegation.departed.planned", "{who} is to depart")
	saysPartyLeaves  = message.Define("delegation.departed.place", "{who} leaves {place}")
	saysPartyToLeave = message.Define("delegation.departed.planned.place", "{who} is to leave {place}")
)

func (p *DelegationDeparted) headline(Entity) message.Message {
	if p.Place == nil {
		return phased(p, saysPartyGoes, saysPartyToGo).With(p.who(p.Party))
	}
	return phased(p, saysPartyLeaves, saysPartyToLeave).With(p.who(p.Party), PlaceArg(p.Place))
}
