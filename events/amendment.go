package events

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
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
	_ = register[FactCorrected](TypeFactCorrected, "", "An earlier fact is corrected by a JSON merge patch (RFC 7396) on its data.")
	_ = register[FactRetracted](TypeFactRetracted, "", "An earlier fact is withdrawn; retracting an amendment restores what stood before.")
	_ = register[FactCorroborated](TypeFactCorroborated, "", "An earlier fact is confirmed by other sources.")
	_ = register[FactDisputed](TypeFactDisputed, "", "An earlier fact is called into question.")
	_ = register[FactGraded](TypeFactGraded, "", "An earlier fact is graded on the Admiralty scale.")
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

func (p *FactCorrected) headline(string) string { return "Corrected: " + p.Notice }

func (p *FactCorrected) validate(at string, f *Faults) {
	p.Common.validate(at, f)
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

func (p *FactRetracted) headline(string) string { return "Retracted: " + p.Reason }

// FactCorroborated confirms a fact on other sources.
type FactCorroborated struct {
	Common
	Target
	Detail string `json:"detail,omitzero" rule:"max=2000" doc:"What confirms it."`
}

func (p *FactCorroborated) headline(string) string {
	return "Corroborated by " + p.Sources.Attribution()
}

func (p *FactCorroborated) validate(at string, f *Faults) { p.attributed(at, f) }

// FactDisputed calls a fact into question.
type FactDisputed struct {
	Common
	Target
	Detail string `json:"detail,omitzero" rule:"max=2000" doc:"What speaks against it."`
}

func (p *FactDisputed) headline(string) string { return "Disputed by " + p.Sources.Attribution() }

func (p *FactDisputed) validate(at string, f *Faults) { p.attributed(at, f) }

// FactGraded grades a fact.
type FactGraded struct {
	Common
	Target
}

func (p *FactGraded) headline(string) string {
	if p.Grade == nil {
		return "Graded"
	}
	return "Graded " + p.Grade.String()
}

func (p *FactGraded) validate(at string, f *Faults) {
	p.Common.validate(at, f)
	if p.Grade == nil {
		f.add(child(at, "grade"), "is missing")
	}
}
