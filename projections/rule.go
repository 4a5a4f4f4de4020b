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

// claim is made once for each version of an item.
func (it *item) claim() *claim {
	if it.claimed == nil {
		it.claimed = &claim{
			seq: it.seq, id: it.id, typ: it.typ, entity: it.entity.String(), data: it.data,
			moment: it.moment(), place: placeOf(it.data),
		}
	}
	return it.claimed
}

// finding is a contradiction between a claim and others.
type finding struct {
	facts  []string // ids, in the order in which the detail speaks of them
	detail string   // what was compared, with the figures
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
