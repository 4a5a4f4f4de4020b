package events

import "cmp"

// The types of facts about vehicles: everything that carries people and is not an
// aircraft that files a flight plan.
const (
	TypeVehicleDeparted = "vehicle.departed"
	TypeVehicleArrived  = "vehicle.arrived"
)

var (
	_ = register[VehicleDeparted](TypeVehicleDeparted, KindVehicle, "A motorcade, train, ship or helicopter leaves.")
	_ = register[VehicleArrived](TypeVehicleArrived, KindVehicle, "A motorcade, train, ship or helicopter arrives.")
)

// Vehicle identifies what carries people. Kind and Name may be left out where an
// earlier fact of the vehicle gave them.
type Vehicle struct {
	Kind string `json:"kind,omitzero" rule:"owed;enum=motorcade|train|ship|helicopter|other" doc:"What sort of vehicle."`
	Name string `json:"name,omitzero" rule:"max=200" doc:"What it is called, such as the name of a ship."`
}

func (v Vehicle) called(name string) string { return cmp.Or(v.Name, name) }

// VehicleDeparted is the fact that a vehicle left a place.
type VehicleDeparted struct {
	Common
	Vehicle
	From   *Place   `json:"from" rule:"required" doc:"Where it left."`
	To     *Place   `json:"to,omitzero" doc:"Where it is bound."`
	Aboard []string `json:"aboard,omitzero" rule:"items=50;entity=person|delegation" doc:"Who is aboard: person/ID or delegation/ID."`
}

func (p *VehicleDeparted) headline(called string) string {
	s := p.called(called) + " leaves " + placeName(p.From)
	if p.To != nil {
		s += " for " + placeName(p.To)
	}
	return s
}

func (p *VehicleDeparted) validate(at string, f *Faults) {
	p.attributed(at, f)
	p.From.validate(child(at, "from"), f)
	p.To.validate(child(at, "to"), f)
}

// VehicleArrived is the fact that a vehicle came to a place.
type VehicleArrived struct {
	Common
	Vehicle
	Place  *Place   `json:"place" rule:"required" doc:"Where it arrived."`
	Aboard []string `json:"aboard,omitzero" rule:"items=50;entity=person|delegation" doc:"Who is aboard: person/ID or delegation/ID."`
}

func (p *VehicleArrived) headline(called string) string {
	return p.called(called) + " arrives at " + placeName(p.Place)
}

func (p *VehicleArrived) validate(at string, f *Faults) {
	p.attributed(at, f)
	p.Place.validate(child(at, "place"), f)
}
