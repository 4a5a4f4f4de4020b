package events

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events/message"
)

// The types of amendments: facts about an earlier fact.
const (
	TypeFactCorrected    = "fact.corrected"
	TypeFactRetracted    = "fact.retracted"
	TypeFactCorroborated = "fact.corroborated"
	TypeFactDisputed     = "fact.disputed"
	TypeFactGraded       = "fact.graded"
)

var (
	_ = register[FactCorrected](TypeFactCorrected, "", "An earlier fact is corrected by a JSON merge patch (RFC 7396) on its data.", added("lang"), added("sealed", "unseal_at"))
	_ = register[FactRetracted](TypeFactRetracted, "", "An earlier fact is withdrawn; retracting an amendment restores what stood before.", added("lang"), added("sealed", "unseal_at"))
	_ = register[FactCorroborated](TypeFactCorroborated, "", "An earlier fact is confirmed by other sources.", added("lang"), added("sealed", "unseal_at"))
	_ = register[FactDisputed](TypeFactDisputed, "", "An earlier fact is called into question.", added("lang"), added("sealed", "unseal_at"))
	_ = register[FactGraded](TypeFactGraded, "", "An earlier fact is graded on the Admiralty scale.", added("lang"), added("sealed", "unseal_at"))
)

// Target is what an amendment amends.
type Target struct {
	Target string `json:"target" rule:"required;uuid" doc:"Id of the event it amends."`
}

// TargetID is the id of the event it amends.
func (t Target) TargetID() string { return strings.ToLower(t.Target) }

// The classes of corrections.
const (
	ClassCorrected = "corrected" // the fact was wrong
	ClassRefile    = "refile"    // the fact was right, its form was not
)

// FactCorrected corrects a fact.
type FactCorrected struct {
	Common
	Target
	Patch  jsontext.Value `json:"patch" rule:"required" doc:"JSON merge patch (RFC 7396) on the data of the target."`
	Class  string         `json:"class" rule:"required;enum=corrected|refile" doc:"corrected: it was wrong; refile: only its form was."`
	Notice string         `json:"notice" rule:"required;max=1000" doc:"What a reader is told."`
	Reason string         `json:"reason,omitzero" rule:"max=1000" doc:"Why."`
}

var saysCorrected = message.Define("fact.corrected", "Corrected")

func (p *FactCorrected) headline(Entity) message.Message {
	return trailing(saysCorrected.With(), p.Notice)
}

func (*FactCorrected) unsourced() {}

func (p *FactCorrected) check(at string, f *Faults) {
	if string(p.Patch) == "{}" {
		f.add(child(at, "patch"), "changes nothing")
	}
}

// FactRetracted withdraws a fact.
type FactRetracted struct {
	Common
	Target
	Reason string `json:"reason" rule:"required;max=1000" doc:"Why."`
	Notice string `json:"notice,omitzero" rule:"max=1000" doc:"What a reader is told."`
}

var saysRetracted = message.Define("fact.retracted", "Retracted")

func (p *FactRetracted) headline(Entity) message.Message {
	return trailing(saysRetracted.With(), p.Reason)
}

func (*FactRetracted) unsourced() {}

// FactCorroborated confirms a fact on other sources.
type FactCorroborated struct {
	Common
	Target
	Detail string `json:"detail,omitzero" rule:"max=2000" doc:"What confirms it."`
}

var saysCorroborated = message.Define("fact.corroborated", "Corroborated by {sources}")

func (p *FactCorroborated) headline(Entity) message.Message {
	return saysCorroborated.With(message.Sources(p.Sources.Origins()))
}

// FactDisputed calls a fact into question.
type FactDisputed struct {
	Common
	Target
	Detail string `json:"detail,omitzero" rule:"max=2000" doc:"What speaks against it."`
}

var saysDisputed = message.Define("fact.disputed", "Disputed by {sources}")

func (p *FactDisputed) headline(Entity) message.Message {
	return saysDisputed.With(message.Sources(p.Sources.Origins()))
}

// FactGraded grades a fact.
type FactGraded struct {
	Common
	Target
}

var saysGraded = message.Define("fact.graded", "Graded {grade}")

func (p *FactGraded) headline(Entity) message.Message {
	grade := ""
	if p.Grade != nil {
		grade = p.Grade.String()
	}
	return saysGraded.With(message.Text(grade))
}

func (*FactGraded) unsourced() {}

func (p *FactGraded) check(at string, f *Faults) {
	if p.Grade == nil {
		f.add(child(at, "grade"), "is missing")
	}
}
