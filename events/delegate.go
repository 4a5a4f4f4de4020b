package events

import "cmp"

// The types of facts about single delegates.
const (
	TypeDelegateArrived  = "delegate.arrived"
	TypeDelegateDeparted = "delegate.departed"
)

var (
	_ = register[DelegateArrived](TypeDelegateArrived, KindPerson, "A delegate arrives.", relaxed[delegateV1](), relaxed[delegateArrivedV2]())
	_ = register[DelegateDeparted](TypeDelegateDeparted, KindPerson, "A delegate leaves.", relaxed[delegateV1](), relaxed[delegateDepartedV2]())
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

// delegateV1 had to say who and where.
type delegateV1 struct {
	Common
	Delegate `rule:"require=name|place"`
}

// delegateArrivedV2 and delegateDepartedV2 did not say what somebody travels in.
type delegateArrivedV2 struct {
	Common
	Delegate `rule:"require=place"`
}

type delegateDepartedV2 struct {
	Common
	Delegate
}

func (d Delegate) title(called string) string {
	name := cmp.Or(d.Name, called)
	if d.Role == "" {
		return name
	}
	return name + " (" + d.Role + ")"
}

// DelegateArrived is the fact that a delegate came to a place.
type DelegateArrived struct {
	Common
	Delegate `rule:"require=place"`
	Passage
}

func (p *DelegateArrived) headline(called string) string {
	return p.title(called) + " arrives at " + placeName(p.Place)
}

func (p *DelegateArrived) validate(at string, f *Faults) {
	p.attributed(at, f)
	p.Place.validate(child(at, "place"), f)
}

// DelegateDeparted is the fact that a delegate left a place.
type DelegateDeparted struct {
	Common
	Delegate
	Passage
}

func (p *DelegateDeparted) headline(called string) string {
	return p.title(called) + " leaves" + leaving(p.Place)
}

// leaving names the place that is left, where it is known.
func leaving(place *Place) string {
	if place == nil {
		return ""
	}
	return " " + placeName(place)
}

func (p *DelegateDeparted) validate(at string, f *Faults) {
	p.attributed(at, f)
	p.Place.validate(child(at, "place"), f)
}
