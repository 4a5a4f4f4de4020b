// Package rules finds contradictions between facts.
//
// A rule is a pure function of plain values: it sees a claim and its neighbours,
// those of the same slots of one entity that come next to it in time. An interval
// that leaves room is no contradiction.
package rules

import "github.com/summit-timeline/summit/events"

// Claim is a standing fact as a rule sees it.
type Claim struct {
	Seq    uint64
	ID     string
	Type   string
	Entity string
	Data   events.Payload
	Moment events.Moment
	Place  *events.Place
}

// finding is a contradiction between a claim and others.
type finding struct {
	facts  []string // ids, in the order in which the detail speaks of them
	detail string   // what was compared, with the figures
}

// Conflict is a contradiction that a rule found between facts.
type Conflict struct {
	Rule     string   `json:"rule"`
	Severity string   `json:"severity"` // impossible, doubtful
	Facts    []string `json:"facts"`
	Detail   string   `json:"detail"`
}

// rule looks for one sort of contradiction. It holds a claim against its
// neighbours: the facts of the same slots of the same entity that come next to
// it in time. An interval that leaves room is no contradiction.
type rule struct {
	name     string
	severity string
	// concerns is a cheap test whether the rule can find anything.
	concerns func(x *Claim) bool
	find     func(x *Claim, near []*Claim) []finding
}

// The severities of a contradiction.
const (
	severityImpossible = "impossible" // not all of it can be true
	severityDoubtful   = "doubtful"   // it can, but hardly is
)

// all are all there are, in the order in which they are applied.
var all = []rule{
	landingBeforeDeparture, impossibleSpeed, twoPlaces, givenTimes, disjointIntervals, bothStances,
}

// Concern reports whether any rule can find anything about a claim.
func Concern(x *Claim) bool {
	for _, r := range all {
		if r.concerns(x) {
			return true
		}
	}
	return false
}

// Find applies the rules to a claim and its neighbours.
func Find(x *Claim, near []*Claim) []Conflict {
	var list []Conflict
	for _, r := range all {
		if !r.concerns(x) {
			continue
		}
		for _, f := range r.find(x, near) {
			list = append(list, Conflict{Rule: r.name, Severity: r.severity, Facts: f.facts, Detail: f.detail})
		}
	}
	return list
}
