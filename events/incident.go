package events

import (
	"cmp"
	"fmt"
)

// TypeIncidentReported is the type of a fact about an incident.
const TypeIncidentReported = "incident.reported"

var _ = register[IncidentReported](TypeIncidentReported, KindIncident, "An incident is reported: a protest, an attack, an accident.")

// IncidentReported is the fact that an incident happened. Title and Kind may be left
// out where an earlier fact of the incident gave them.
type IncidentReported struct {
	Common
	Title   string `json:"title,omitzero" rule:"owed;max=200" doc:"What the incident is called."`
	Kind    string `json:"kind,omitzero" rule:"owed;enum=protest|attack|accident|security|cyber|medical|weather|other" doc:"What sort of incident."`
	Place   *Place `json:"place,omitzero" doc:"Where."`
	Killed  *Toll  `json:"killed,omitzero" doc:"How many people were killed."`
	Injured *Toll  `json:"injured,omitzero" doc:"How many people were injured."`
	Detail  string `json:"detail,omitzero" rule:"max=2000" doc:"What is said of it."`
}

// Toll is a number of people between two bounds; a missing bound is open.
type Toll struct {
	Min *int `json:"min,omitzero" rule:"min=0;max=1000000000" doc:"At least so many."`
	Max *int `json:"max,omitzero" rule:"min=0;max=1000000000" doc:"At most so many."`
}

func (p *IncidentReported) headline(called string) string {
	s := cmp.Or(p.Title, called)
	if p.Place != nil {
		s += " at " + placeName(p.Place)
	}
	if n := p.Killed.words(); n != "" {
		s += ", " + n + " killed"
	}
	if n := p.Injured.words(); n != "" {
		s += ", " + n + " injured"
	}
	return s
}

// words writes the number, or "" if nobody was counted.
func (t *Toll) words() string {
	switch {
	case t == nil, t.Min == nil && t.Max == nil, t.Max != nil && *t.Max == 0:
		return ""
	case t.Max == nil:
		return "at least " + thousands(*t.Min)
	case t.Min == nil:
		return "up to " + thousands(*t.Max)
	case *t.Min == *t.Max:
		return thousands(*t.Min)
	}
	return fmt.Sprintf("%s to %s", thousands(*t.Min), thousands(*t.Max))
}

func (p *IncidentReported) validate(at string, f *Faults) {
	p.attributed(at, f)
	p.Place.validate(child(at, "place"), f)
	p.Killed.validate(child(at, "killed"), f)
	p.Injured.validate(child(at, "injured"), f)
}

func (t *Toll) validate(at string, f *Faults) {
	if t != nil && t.Min != nil && t.Max != nil && *t.Min > *t.Max {
		f.add(at, "min must not be greater than max")
	}
}
