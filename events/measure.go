package events

import "cmp"

// The types of facts about measures.
const (
	TypeMeasureAnnounced = "measure.announced"
	TypeMeasureBegan     = "measure.began"
	TypeMeasureEnded     = "measure.ended"
)

var (
	_ = register[MeasureAnnounced](TypeMeasureAnnounced, KindMeasure, "A measure such as a ceasefire or sanctions is announced.")
	_ = register[MeasureBegan](TypeMeasureBegan, KindMeasure, "A measure takes effect.")
	_ = register[MeasureEnded](TypeMeasureEnded, KindMeasure, "A measure ends.")
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

func (m *Measure) validate(at string, f *Faults) { m.attributed(at, f) }

func (m *Measure) title(called string) string { return cmp.Or(m.Title, called) }

// MeasureAnnounced is the fact that a measure is to be taken.
type MeasureAnnounced struct{ Measure }

func (p *MeasureAnnounced) headline(called string) string { return p.title(called) + " is announced" }

// MeasureBegan is the fact that a measure took effect.
type MeasureBegan struct{ Measure }

func (p *MeasureBegan) headline(called string) string { return p.title(called) + " takes effect" }

// MeasureEnded is the fact that a measure ended.
type MeasureEnded struct{ Measure }

func (p *MeasureEnded) headline(called string) string { return p.title(called) + " ends" }
