package projections

import "github.com/summit-timeline/summit/events"

// claim is a standing fact as a rule sees it.
type claim struct {
	seq    uint64
	id     string
	typ    string
	entity string
	data   events.Payload
	moment events.Moment
	place  *events.Place
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
	concerns func(x *claim) bool
	find     func(x *claim, near []*claim) []finding
}

// The severities of a contradiction.
const (
	severityImpossible = "impossible" // not all of it can be true
	severityDoubtful   = "doubtful"   // it can, but hardly is
)

// rules are all there are, in the order in which they are applied.
var rules = []rule{
	landingBeforeDeparture, impossibleSpeed, twoPlaces, givenTimes, disjointIntervals, bothStances,
}

// concern reports whether any rule can find anything about a claim.
func concern(x *claim) bool {
	for _, r := range rules {
		if r.concerns(x) {
			return true
		}
	}
	return false
}

// contradictions applies the rules to a claim and its neighbours.
func contradictions(x *claim, near []*claim) []Conflict {
	var list []Conflict
	for _, r := range rules {
		if !r.concerns(x) {
			continue
		}
		for _, f := range r.find(x, near) {
			list = append(list, Conflict{Rule: r.name, Severity: r.severity, Facts: f.facts, Detail: f.detail})
		}
	}
	return list
}
