package events

import "github.com/summit-timeline/summit/events/message"

// The types of facts about measures.
const (
	TypeMeasureAnnounced = "measure.announced"
	TypeMeasureBegan     = "measure.began"
	TypeMeasureEnded     = "measure.ended"
)

var (
	_ = register[MeasureAnnounced](TypeMeasureAnnounced, KindMeasure, "A measure such as a ceasefire or sanctions is announced.", added("lang"), added("sealed", "unseal_at"))
	_ = register[MeasureBegan](TypeMeasureBegan, KindMeasure, "A measure takes effect.", added("lang"), added("sealed", "unseal_at"))
	_ = register[MeasureEnded](TypeMeasureEnded, KindMeasure, "A measure ends.", added("lang"), added("sealed", "unseal_at"))
)

// Measure is what a fact says of a measure. Title and Kind may be left out where an
// earlier fact of the measure gave them.
type Measure struct {
	Common
	Title  string   `json:"title,omitzero" rule:"owed;max=200" doc:"What the measure is called."`
	Kind   string   `json:"kind,omitzero" rule:"owed;enum=ceasefire|sanctions|tariffs|airspace|visa|military|humanitarian|other" doc:"What sort of measure."`
	By     []string `json:"by,omitzero" rule:"items=100;max=200" doc:"Who takes it, by name."`
	On     []string `json:"on,omitzero" rule:"items=100;max=200" doc:"Whom it is aimed at, by name."`
	Detail string   `json:"detail,omitzero" rule:"max=2000" doc:"What is said of it."`
}

// Step returns what a fact says of its measure.
func (m *Measure) Step() *Measure { return m }

func (m *Measure) names() []Name { return given(Name{"title", m.Title}) }

var (
	saysMeasureAnnounced   = message.Define("measure.announced", "{who} announced")
	saysMeasureToAnnounced = message.Define("measure.announced.planned", "{who} to be announced")
	saysMeasureBegan       = message.Define("measure.began", "{who} in force")
	saysMeasureToBegan     = message.Define("measure.began.planned", "{who} to take effect")
	saysMeasureEnded       = message.Define("measure.ended", "{who} ended")
	saysMeasureToEnded     = message.Define("measure.ended.planned", "{who} to end")
)

// MeasureAnnounced is the fact that a measure is to be taken.
type MeasureAnnounced struct{ Measure }

func (p *MeasureAnnounced) headline(e Entity) message.Message {
	return phased(p, saysMeasureAnnounced, saysMeasureToAnnounced).With(who(p, e))
}

// MeasureBegan is the fact that a measure took effect.
type MeasureBegan struct{ Measure }

func (p *MeasureBegan) headline(e Entity) message.Message {
	return phased(p, saysMeasureBegan, saysMeasureToBegan).With(who(p, e))
}

// MeasureEnded is the fact that a measure ended.
type MeasureEnded struct{ Measure }

func (p *MeasureEnded) headline(e Entity) message.Message {
	return phased(p, saysMeasureEnded, saysMeasureToEnded).With(who(p, e))
}
