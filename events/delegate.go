package events

import "github.com/summit-timeline/summit/events/message"

// The types of facts about single delegates.
const (
	TypeDelegateArrived  = "delegate.arrived"
	TypeDelegateDeparted = "delegate.departed"
)

var (
	_ = register[DelegateArrived](TypeDelegateArrived, KindPerson, "A delegate arrives.", relaxed[delegateV1](), added("aboard"), added("lang"), added("sealed", "unseal_at"))
	_ = register[DelegateDeparted](TypeDelegateDeparted, KindPerson, "A delegate leaves.", relaxed[delegateV1](), added("aboard"), added("lang"), added("sealed", "unseal_at"))
)

// Delegate is a person who takes part, at a place.
type Delegate struct {
	Name  string `json:"name,omitzero" rule:"owed;max=200" doc:"Name of the person."`
	Role  string `json:"role,omitzero" rule:"max=200" doc:"Office held."`
	Party string `json:"party,omitzero" rule:"slug" doc:"Id of the party; puts the person under the delegation of that id."`
	Place *Place `json:"place,omitzero" rule:"owed" doc:"Where."`
}

// Passage is what somebody travels in.
type Passage struct {
	Aboard string `json:"aboard,omitzero" rule:"entity=aircraft|vehicle" doc:"What they travel in: aircraft/ID or vehicle/ID."`
}

func (p Passage) carrier() string { return p.Aboard }

// CarrierOf returns what somebody travels in as a fact about them says, or "" if it says
// nothing.
func CarrierOf(p Payload) string {
	if t, travels := p.(interface{ carrier() string }); travels {
		return t.carrier()
	}
	return ""
}

// delegateV1 had to say who and where.
type delegateV1 struct {
	Common
	Delegate `rule:"require=name|place"`
}

func (d Delegate) place() *Place { return d.Place }

func (d Delegate) names() []Name { return given(Name{"name", d.Name}) }

// DelegateArrived is the fact that a delegate came to a place.
type DelegateArrived struct {
	Common
	Delegate `rule:"require=place"`
	Passage
}

var (
	saysComes       = message.Define("delegate.arrived", "{who} arrives at {place}")
	saysToCome      = message.Define("delegate.arrived.planned", "{who} is expected at {place}")
	saysOfficeComes = message.Define("delegate.arrived.role", "{who} ({role}) arrives at {place}")
)

func (p *DelegateArrived) headline(e Entity) message.Message {
	if p.Role != "" && PhaseOf(p) == PhaseActual {
		return saysOfficeComes.With(who(p, e), message.Text(p.Role), PlaceArg(p.Place))
	}
	return phased(p, saysComes, saysToCome).With(who(p, e), PlaceArg(p.Place))
}

// DelegateDeparted is the fact that a delegate left a place.
type DelegateDeparted struct {
	Common
	Delegate
	Passage
}

var (
	saysGoes    = message.Define("delegate.departed", "{who} departs")
	saysToGo    = message.Define("delegate.departed.planned", "{who} is to depart")
	saysLeaves  = message.Define("delegate.departed.place", "{who} leaves {place}")
	saysToLeave = message.Define("delegate.departed.planned.place", "{who} is to leave {place}")
)

func (p *DelegateDeparted) headline(e Entity) message.Message {
	if p.Place == nil {
		return phased(p, saysGoes, saysToGo).With(who(p, e))
	}
	return phased(p, saysLeaves, saysToLeave).With(who(p, e), PlaceArg(p.Place))
}
