package events

import "cmp"

// Place is somewhere on Earth, by name, by ICAO location indicator, or by
// coordinates in degrees (WGS 84).
type Place struct {
	Name      string   `json:"name,omitzero" rule:"max=200" doc:"Name of the place."`
	ICAO      string   `json:"icao,omitzero" rule:"icao" doc:"ICAO location indicator (Doc 7910), four letters."`
	Lat       *float64 `json:"lat,omitzero" rule:"min=-90;max=90" doc:"Latitude in degrees north, WGS 84."`
	Lon       *float64 `json:"lon,omitzero" rule:"min=-180;max=180" doc:"Longitude in degrees east, WGS 84."`
	AccuracyM *float64 `json:"accuracy_m,omitzero" rule:"min=0;max=20100000" doc:"Radius in metres within which it lies."`
}

// Known reports whether the place has coordinates.
func (p *Place) Known() bool { return p != nil && p.Lat != nil && p.Lon != nil }

// Title returns the name of the place with its ICAO code, or whichever of them it has.
func (p *Place) Title() string {
	switch {
	case p == nil:
		return ""
	case p.Name != "" && p.ICAO != "":
		return p.Name + " (" + p.ICAO + ")"
	}
	return cmp.Or(p.Name, p.ICAO)
}

func (p *Place) validate(at string, f *Faults) {
	if p == nil {
		return
	}
	if (p.Lat == nil) != (p.Lon == nil) {
		f.add(at, "must have both lat and lon, or neither")
	}
	if p.Name == "" && p.ICAO == "" && p.Lat == nil {
		f.add(at, "must have a name, an icao code or coordinates")
	}
}

// located is a payload that names where it happened.
type located interface{ place() *Place }

// PlaceOf returns where a fact happened: its where, else the place it names.
func PlaceOf(p Payload) *Place {
	if w := p.Base().Where; w != nil {
		return w
	}
	if l, names := p.(located); names {
		return l.place()
	}
	return nil
}
