package events

// The types of facts about single delegates.
const (
	TypeDelegateArrived  = "delegate.arrived"
	TypeDelegateDeparted = "delegate.departed"
)

var (
	_ = register[DelegateArrived](TypeDelegateArrived, KindPerson, "A delegate arrives.")
	_ = register[DelegateDeparted](TypeDelegateDeparted, KindPerson, "A delegate leaves.")
)

// Delegate is a person who takes part, at a place.
type Delegate struct {
	Name  string `json:"name" rule:"required;max=200" doc:"Name of the person."`
	Role  string `json:"role,omitzero" rule:"max=200" doc:"Office held."`
	Party string `json:"party,omitzero" rule:"slug" doc:"Id of the party; puts the person under the delegation of that id."`
	Place *Place `json:"place" rule:"required" doc:"Where."`
}

func (d Delegate) title() string {
	if d.Role == "" {
		return d.Name
	}
	return d.Name + " (" + d.Role + ")"
}

// DelegateArrived says that a delegate came to a place.
type DelegateArrived struct {
	Common
	Delegate
}

func (p *DelegateArrived) headline() string { return p.title() + " arrives at " + placeName(p.Place) }

func (p *DelegateArrived) validate(at string, f *Faults) {
	p.attributed(at, f)
	p.Place.validate(child(at, "place"), f)
}

// DelegateDeparted says that a delegate left a place.
type DelegateDeparted struct {
	Common
	Delegate
}

func (p *DelegateDeparted) headline() string { return p.title() + " leaves " + placeName(p.Place) }

func (p *DelegateDeparted) validate(at string, f *Faults) {
	p.attributed(at, f)
	p.Place.validate(child(at, "place"), f)
}
