package events

import (
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events/message"
)

// The types of facts about aircraft.
const (
	TypeAircraftDeparted = "aircraft.departed"
	TypeAircraftTracked  = "aircraft.tracked"
	TypeAircraftLanded   = "aircraft.landed"
)

var _ = register[AircraftDeparted](TypeAircraftDeparted, KindAircraft, "An aircraft leaves.", added("callsign", "aboard", "lang"), added("sealed", "unseal_at"))

// AircraftDeparted is the fact that an aircraft left a place.
type AircraftDeparted struct {
	Common
	Airframe
	From     *Place   `json:"from" rule:"required" doc:"Where it left."`
	To       *Place   `json:"to,omitzero" doc:"Where it is bound."`
	Callsign string   `json:"callsign,omitzero" rule:"max=20" doc:"Callsign of the flight, such as RSD738."`
	Aboard   []string `json:"aboard,omitzero" rule:"items=50;entity=person|delegation" doc:"Who is aboard: person/ID or delegation/ID."`
}

// Airframe identifies an aircraft.
type Airframe struct {
	Model        string `json:"model,omitzero" rule:"max=100" doc:"Model, such as Ilyushin Il-96-300."`
	Operator     string `json:"operator,omitzero" rule:"max=200" doc:"Who flies it."`
	Registration string `json:"registration,omitzero" rule:"max=20" doc:"Registration mark."`
}

func (a Airframe) names() []Name {
	return given(Name{"model", a.Model}, Name{"registration", a.Registration})
}

func (p *AircraftDeparted) names() []Name {
	return append(p.Airframe.names(), given(Name{"callsign", p.Callsign})...)
}

var (
	saysDeparts     = message.Define("aircraft.departed", "{who} departs {from}")
	saysDepartsFor  = message.Define("aircraft.departed.to", "{who} departs {from} for {to}")
	saysToDepart    = message.Define("aircraft.departed.planned", "{who} is to depart {from}")
	saysToDepartFor = message.Define("aircraft.departed.planned.to", "{who} is to depart {from} for {to}")
)

func (p *AircraftDeparted) headline(e Entity) message.Message {
	if p.To != nil {
		return phased(p, saysDepartsFor, saysToDepartFor).With(who(p, e), PlaceArg(p.From), PlaceArg(p.To))
	}
	return phased(p, saysDeparts, saysToDepart).With(who(p, e), PlaceArg(p.From))
}

func (p *AircraftDeparted) place() *Place { return p.From }

var _ = register[AircraftTracked](TypeAircraftTracked, KindAircraft, "An aircraft is followed by a tracking service.",
	upcaster{old: typed[aircraftTrackedV1](), lift: rename("viewers", "watchers")}, added("callsign", "position/track_deg", "lang"), added("sealed", "unseal_at"))

// AircraftTracked is what a flight-tracking service shows.
type AircraftTracked struct {
	Common
	Service  string         `json:"service" rule:"required;max=100" doc:"The tracking service."`
	Watchers *int           `json:"watchers,omitzero" rule:"min=0;max=1000000000" doc:"How many people follow it there, at least."`
	Position *TrackPosition `json:"position,omitzero" doc:"Where the service shows it."`
	Callsign string         `json:"callsign,omitzero" rule:"max=20" doc:"Callsign of the flight, such as RSD738."`
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
	TrackDeg  *float64 `json:"track_deg,omitzero" rule:"min=0;max=360" doc:"Track over ground in degrees clockwise from true north."`
}

func (p *AircraftTracked) names() []Name { return given(Name{"callsign", p.Callsign}) }

var (
	saysWatched = message.Define("aircraft.tracked.watched", "{who}: at least {count} people follow the flight on {service}")
	saysTracked = message.Define("aircraft.tracked", "{who} is tracked on {service}")
)

func (p *AircraftTracked) headline(e Entity) message.Message {
	of := message.Entity(e.String())
	if p.Watchers != nil && *p.Watchers > 0 {
		return saysWatched.With(of, message.Number(*p.Watchers), message.Text(p.Service))
	}
	return saysTracked.With(of, message.Text(p.Service))
}

func (p *AircraftTracked) place() *Place {
	if p.Position == nil {
		return nil
	}
	return &Place{Lat: &p.Position.Lat, Lon: &p.Position.Lon}
}

var _ = register[AircraftLanded](TypeAircraftLanded, KindAircraft, "An aircraft lands.", added("callsign", "aboard", "lang"), added("sealed", "unseal_at"))

// AircraftLanded is the fact that an aircraft landed at a place.
type AircraftLanded struct {
	Common
	Airframe
	Place    *Place   `json:"place" rule:"required" doc:"Where it landed."`
	Callsign string   `json:"callsign,omitzero" rule:"max=20" doc:"Callsign of the flight, such as RSD738."`
	Aboard   []string `json:"aboard,omitzero" rule:"items=50;entity=person|delegation" doc:"Who is aboard: person/ID or delegation/ID."`
}

func (p *AircraftLanded) names() []Name {
	return append(p.Airframe.names(), given(Name{"callsign", p.Callsign})...)
}

var (
	saysLands  = message.Define("aircraft.landed", "{who} lands at {place}")
	saysToLand = message.Define("aircraft.landed.planned", "{who} is expected at {place}")
)

func (p *AircraftLanded) headline(e Entity) message.Message {
	return phased(p, saysLands, saysToLand).With(who(p, e), PlaceArg(p.Place))
}

func (p *AircraftLanded) place() *Place { return p.Place }

// rename returns an upcaster for data in which a field had another name.
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
