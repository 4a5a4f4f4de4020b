// Package rules finds contradictions between facts.
//
// A rule is a pure function of plain values: it sees a claim and its neighbours,
// those of the same slots of one entity that come next to it in time. An interval
// that leaves room is no contradiction.
package rules

import (
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
)

// Claim is a standing fact as a rule sees it.
type Claim struct {
	Seq    uint64
	ID     string
	Type   string
	Entity string
	Data   events.Payload
	Moment events.Moment
	Place  *events.Place
	// People take part, by name, as far as is known: of facts about meetings alone.
	People []string
	// Venue is where a meeting is, as far as is known: of its beginning alone.
	Venue *events.Place
}

// finding is a contradiction between a claim and others.
type finding struct {
	facts  []string        // ids, in the order in which the detail speaks of them
	detail message.Message // what was compared, with the figures
}

// Conflict is a contradiction that a rule found between facts, as the views keep it.
type Conflict struct {
	Rule     string   `json:"rule"`
	Severity string   `json:"severity"` // impossible, doubtful
	Facts    []string `json:"facts"`
	Message  string   `json:"message"` // what was compared, as [message.Message.Encode] writes it
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
	// always says that the rule is applied to every claim that is looked at.
	always bool
	// across is find with the facts of other entities that have to do with the claim;
	// nil where a rule needs none.
	across func(x *Claim, near, afar []*Claim) []finding
}

// The severities of a contradiction.
const (
	severityImpossible = "impossible" // not all of it can be true
	severityDoubtful   = "doubtful"   // it can, but hardly is
)

// all are all there are, in the order in which they are applied.
var all = []rule{
	landingBeforeDeparture, impossibleSpeed, twoPlaces, givenTimes, disjointIntervals, bothStances,
	endedBeforeBegan, beganThoughCalledOff, leftBeforeArrived, tooFastToFly, twoMeetings, aboardElsewhere, deniedFact,
}

// In English a rule is called as on the wire.
var _ = message.DefineLabels(map[string]map[string]string{"rule": called()})

// called returns what rules are called, by their names.
func called() map[string]string {
	names := map[string]string{}
	for _, r := range all {
		names[r.name] = r.name
	}
	return names
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

// Bears reports whether a claim that no rule concerns can explain a contradiction
// between others away, or bring one out: what lies between two facts, or says who takes
// part in a meeting.
func Bears(x *Claim) bool {
	switch x.Type {
	case events.TypeMeetingPaused, events.TypeMeetingResumed, events.TypeAircraftTracked:
		return true
	}
	_, told := events.Gathers(x.Data)
	return told
}

// Completes reports whether a fact that comes in may bring out a contradiction between
// others: the end of a meeting, or who takes part in it, that which its beginning is in.
func Completes(x, other *Claim) bool {
	if carrier := events.CarrierOf(other.Data); carrier != "" || other.Type != events.TypeMeetingStarted {
		return carrier == x.Entity
	}
	_, told := events.Gathers(x.Data)
	return other.Entity == x.Entity && (told || x.Type == events.TypeMeetingEnded)
}

// Find applies the rules to a claim, its neighbours, and the claims about other
// entities that have to do with it.
func Find(x *Claim, near, afar []*Claim) []Conflict {
	var list []Conflict
	for _, r := range all {
		if !r.always && !r.concerns(x) {
			continue
		}
		find := r.find
		if r.across != nil {
			find = func(x *Claim, near []*Claim) []finding { return r.across(x, near, afar) }
		}
		for _, f := range find(x, near) {
			list = append(list, Conflict{Rule: r.name, Severity: r.severity, Facts: f.facts, Message: string(f.detail.Encode())})
		}
	}
	return list
}
