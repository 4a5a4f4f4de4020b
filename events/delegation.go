package events

// The types of facts about delegations.
const (
	TypeDelegationArrived  = "delegation.arrived"
	TypeDelegationDeparted = "delegation.departed"
)

var (
	_ = register[DelegationArrived](TypeDelegationArrived, KindDelegation, "A delegation arrives.")
	_ = register[DelegationDeparted](TypeDelegationDeparted, KindDelegation, "A delegation leaves.", relaxed[delegationV1]())
)

// Delegation is a party's delegation, at a place.
type Delegation struct {
	Party   string   `json:"party" rule:"required;slug" doc:"Id of the party."`
	Place   *Place   `json:"place,omitzero" rule:"owed" doc:"Where."`
	Members []string `json:"members,omitzero" rule:"items=200;max=200" doc:"Who is in it, by name."`
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
}

func (p *DelegationArrived) headline(string) string {
	return "The delegation of " + p.Party + " is at " + placeName(p.Place)
}

func (p *DelegationArrived) validate(at string, f *Faults) {
	p.attributed(at, f)
	p.Place.validate(child(at, "place"), f)
}

// DelegationDeparted is the fact that a delegation left a place.
type DelegationDeparted struct {
	Common
	Delegation
}

func (p *DelegationDeparted) headline(string) string {
	return "The delegation of " + p.Party + " leaves" + leaving(p.Place)
}

func (p *DelegationDeparted) validate(at string, f *Faults) {
	p.attributed(at, f)
	p.Place.validate(child(at, "place"), f)
}
