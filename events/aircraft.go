package events

import (
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The types of facts about aircraft.
const (
	TypeAircraftDeparted = "aircraft.departed"
	TypeAircraftTracked  = "aircraft.tracked"
	TypeAircraftLanded   = "aircraft.landed"
)

var _ = register[AircraftDeparted](TypeAircraftDeparted, KindAircraft, "An aircraft leaves.")

// AircraftDeparted is the fact that an aircraft left a place.
type AircraftDeparted struct {
	Common
	Airframe
	From *Place `json:"from" rule:"required" doc:"Where it left."`
	To   *Place `json:"to,omitzero" doc:"Where it is bound."`
}

// Airframe identifies an aircraft.
type Airframe struct {
	Model        string `json:"model,omitzero" rule:"max=100" doc:"Model, such as Ilyushin Il-96-300."`
	Operator     string `json:"operator,omitzero" rule:"max=200" doc:"Who flies it."`
	Registration string `json:"registration,omitzero" rule:"max=20" doc:"Registration mark."`
}

func (a Airframe) name() string {
	switch {
	case a.Model != "":
		return a.Model
	case a.Registration != "":
		return "Aircraft " + a.Registration
	}
	return "The aircraft"
}

func (p *AircraftDeparted) headline(string) string {
	s := p.name() + " departs " + placeName(p.From)
	if p.To != nil {
		s += " for " + placeName(p.To)
	}
	return s
}

func (p *AircraftDeparted) validate(at string, f *Faults) {
	p.attributed(at, f)
	p.From.validate(child(at, "from"), f)
	p.To.validate(child(at, "to"), f)
}

var _ = register[AircraftTracked](TypeAircraftTracked, KindAircraft, "An aircraft is followed by a tracking service.",
	upcaster{old: typed[aircraftTrackedV1](), lift: rename("viewers", "watchers")})

// AircraftTracked is what a flight-tracking service shows.
type AircraftTracked struct {
	Common
	Service  string         `json:"service" rule:"required;max=100" doc:"The tracking service."`
	Watchers *int           `json:"watchers,omitzero" rule:"min=0;max=1000000000" doc:"How many people follow it there, at least."`
	Position *TrackPosition `json:"position,omitzero" doc:"Where the service shows it."`
}

// aircraftTrackedV1 called the watchers viewers.
type aircraftTrackedV1 struct {
	Common
	Service  string         `json:"service" rule:"required;max=100"`
	Viewers  *int           `json:"viewers,omitzero" rule:"min=0;max=1000000000"`
	Watchers *int           `json:"watchers,omitzero" rule:"min=0;max=1000000000"`
	Position *TrackPosition `json:"position,omitzero"`
}

// TrackPosition is a tracked position.
type TrackPosition struct {
	Lat       float64  `json:"lat" rule:"required;min=-90;max=90" doc:"Latitude in degrees north, WGS 84."`
	Lon       float64  `json:"lon" rule:"required;min=-180;max=180" doc:"Longitude in degrees east, WGS 84."`
	AltitudeM *float64 `json:"altitude_m,omitzero" rule:"min=-1000;max=50000" doc:"Altitude in metres."`
	SpeedKmh  *float64 `json:"speed_kmh,omitzero" rule:"min=0;max=10000" doc:"Ground speed in km/h."`
}

func (p *AircraftTracked) headline(string) string {
	if p.Watchers != nil && *p.Watchers > 0 {
		return fmt.Sprintf("At least %s people follow the flight on %s", thousands(*p.Watchers), p.Service)
	}
	return "The flight is tracked on " + p.Service
}

func (p *AircraftTracked) validate(at string, f *Faults) { p.attributed(at, f) }

var _ = register[AircraftLanded](TypeAircraftLanded, KindAircraft, "An aircraft lands.")

// AircraftLanded is the fact that an aircraft landed at a place.
type AircraftLanded struct {
	Common
	Airframe
	Place *Place `json:"place" rule:"required" doc:"Where it landed."`
}

func (p *AircraftLanded) headline(string) string { return p.name() + " lands at " + placeName(p.Place) }

func (p *AircraftLanded) validate(at string, f *Faults) {
	p.attributed(at, f)
	p.Place.validate(child(at, "place"), f)
}

func placeName(p *Place) string {
	switch {
	case p == nil:
		return "a place not given"
	case p.Name != "":
		return p.Name
	case p.ICAO != "":
		return p.ICAO
	}
	return fmt.Sprintf("%.2f, %.2f", *p.Lat, *p.Lon)
}

// thousands groups the digits of a count: 18,000.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// rename lifts data in which one field was called otherwise.
func rename(from, to string) func(jsontext.Value) (jsontext.Value, error) {
	return func(data jsontext.Value) (jsontext.Value, error) {
		var members map[string]jsontext.Value
		if err := json.Unmarshal(data, &members); err != nil {
			return nil, err
		}
		v, old := members[from]
		if !old {
			return data, nil
		}
		if _, both := members[to]; both {
			return nil, fmt.Errorf("has both %s and %s", from, to)
		}
		delete(members, from)
		members[to] = v
		return json.Marshal(members, json.Deterministic(true))
	}
}
