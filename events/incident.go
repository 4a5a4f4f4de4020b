package events

import "github.com/summit-timeline/summit/events/message"

// TypeIncidentReported is the type of a fact about an incident.
const TypeIncidentReported = "incident.reported"

var _ = register[IncidentReported](TypeIncidentReported, KindIncident, "An incident is reported: a protest, an attack, an accident.", added("lang"), added("sealed", "unseal_at"))

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

func (p *IncidentReported) names() []Name { return given(Name{"title", p.Title}) }

var (
	saysIncident        = message.Define("incident.reported", "{who}")
	saysIncidentAt      = message.Define("incident.reported.place", "{who} at {place}")
	saysIncidentKilled  = message.Define("incident.reported.killed", "{who}: {killed} killed")
	saysIncidentInjured = message.Define("incident.reported.injured", "{who}: {injured} injured")
	saysIncidentToll    = message.Define("incident.reported.toll", "{who}: {killed} killed, {injured} injured")
)

func (p *IncidentReported) headline(e Entity) message.Message {
	killed, injured := p.Killed.Figures(), p.Injured.Figures()
	switch {
	case killed != "" && injured != "":
		return saysIncidentToll.With(who(p, e), message.Text(killed), message.Text(injured))
	case killed != "":
		return saysIncidentKilled.With(who(p, e), message.Text(killed))
	case injured != "":
		return saysIncidentInjured.With(who(p, e), message.Text(injured))
	case p.Place != nil:
		return saysIncidentAt.With(who(p, e), PlaceArg(p.Place))
	}
	return saysIncident.With(who(p, e))
}

// Figures writes how many, in figures that need no language: 3, 3–5, ≥ 3, ≤ 5.
func (t *Toll) Figures() string {
	switch {
	case t == nil, t.Min == nil && t.Max == nil, t.Max != nil && *t.Max == 0:
		return ""
	case t.Max == nil:
		return "≥ " + itoa(*t.Min)
	case t.Min == nil:
		return "≤ " + itoa(*t.Max)
	case *t.Min == *t.Max:
		return itoa(*t.Min)
	}
	return itoa(*t.Min) + "–" + itoa(*t.Max)
}

func (p *IncidentReported) place() *Place { return p.Place }

func (t *Toll) validate(at string, f *Faults) {
	if t != nil && t.Min != nil && t.Max != nil && *t.Min > *t.Max {
		f.add(at, "min must not be greater than max")
	}
}
