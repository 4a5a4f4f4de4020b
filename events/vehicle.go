package events

import "github.com/summit-timeline/summit/events/message"

// The types of facts about vehicles: everything that carries people and is not an
// aircraft that files a flight plan.
const (
	TypeVehicleDeparted = "vehicle.departed"
	TypeVehicleArrived  = "vehicle.arrived"
)

var (
	_ = register[VehicleDeparted](TypeVehicleDeparted, KindVehicle, "A motorcade, train, ship or helicopter leaves.", added("lang"), added("sealed", "unseal_at"))
	_ = register[VehicleArrived](TypeVehicleArrived, KindVehicle, "A motorcade, train, ship or helicopter arrives.", added("lang"), added("sealed", "unseal_at"))
)

// Vehicle identifies what carries people. Kind and Name may be left out where an
// earlier fact of the vehicle gave them.
type Vehicle struct {
	Kind string `json:"kind,omitzero" rule:"owed;enum=motorcade|train|ship|helicopter|other" doc:"What sort of vehicle."`
	Name string `json:"name,omitzero" rule:"max=200" doc:"What it is called, such as the name of a ship."`
}

func (v Vehicle) names() []Name { return given(Name{"name", v.Name}) }

// VehicleDeparted is the fact that a vehicle left a place.
type VehicleDeparted struct {
	Common
	Vehicle
	From   *Place   `json:"from" rule:"required" doc:"Where it left."`
	To     *Place   `json:"to,omitzero" doc:"Where it is bound."`
	Aboard []string `json:"aboard,omitzero" rule:"items=50;entity=person|delegation" doc:"Who is aboard: person/ID or delegation/ID."`
}

var (
	saysVehicleLeaves     = message.Define("vehicle.departed", "{who} leaves {from}")
	saysVehicleLeavesFor  = message.Define("vehicle.departed.to", "{who} leaves {from} for {to}")
	saysVehicleToLeave    = message.Define("vehicle.departed.planned", "{who} is to leave {from}")
	saysVehicleToLeaveFor = message.Define("vehicle.departed.planned.to", "{who} is to leave {from} for {to}")
	saysVehicleComes      = message.Define("vehicle.arrived", "{who} arrives at {place}")
	saysVehicleToCome     = message.Define("vehicle.arrived.planned", "{who} is expected at {place}")
)

func (p *VehicleDeparted) headline(e Entity) message.Message {
	if p.To != nil {
		return phased(p, saysVehicleLeavesFor, saysVehicleToLeaveFor).With(who(p, e), PlaceArg(p.From), PlaceArg(p.To))
	}
	return phased(p, saysVehicleLeaves, saysVehicleToLeave).With(who(p, e), PlaceArg(p.From))
}

func (p *VehicleDeparted) place() *Place { return p.From }

// VehicleArrived is the fact that a vehicle came to a place.
type VehicleArrived struct {
	Common
	Vehicle
	Place  *Place   `json:"place" rule:"required" doc:"Where it arrived."`
	Aboard []string `json:"aboard,omitzero" rule:"items=50;entity=person|delegation" doc:"Who is aboard: person/ID or delegation/ID."`
}

func (p *VehicleArrived) headline(e Entity) message.Message {
	return phased(p, saysVehicleComes, saysVehicleToCome).With(who(p, e), PlaceArg(p.Place))
}

func (p *VehicleArrived) place() *Place { return p.Place }
