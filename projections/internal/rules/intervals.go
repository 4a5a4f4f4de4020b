package rules

import (
	"strings"

	"github.com/summit-timeline/summit/events/message"
)

// disjointIntervals finds two facts on the same thing whose intervals cannot
// both hold: the same type at the same place, with nothing between them that
// would make it two occurrences.
var disjointIntervals = rule{
	name: "intervals-disjoint", severity: severityDoubtful,
	concerns: func(x *Claim) bool { return isMove(x) || occursOnce(x.Type) },
	find: func(x *Claim, near []*Claim) []finding {
		var found []finding
		for _, y := range near {
			if y.Type != x.Type || (x.Place != nil || y.Place != nil) && !SamePlace(x.Place, y.Place) {
				continue
			}
			a, b := x, y
			if before(b.Moment, a.Moment) {
				a, b = b, a
			}
			if !before(a.Moment, b.Moment) || between(a, b, near) {
				continue
			}
			found = append(found, finding{
				facts:  ordered(x, y),
				detail: saysDisjoint.With(message.Label("type/"+x.Type), who(x), source(a), interval(a), source(b), interval(b)),
			})
		}
		return found
	},
}

var saysDisjoint = message.Define("rule.intervals-disjoint", "Two times for one {what} ({who}): {source} says {time}, {other} says {othertime}")

func occursOnce(typ string) bool {
	return strings.HasPrefix(typ, "delegate.") || strings.HasPrefix(typ, "delegation.") || typ == "meeting.started" || typ == "meeting.ended"
}

// between reports whether a fact of another type, or of their own at another place, may
// lie between two moments, or another of their own type and place does: it then
// contradicts them both.
func between(a, b *Claim, near []*Claim) bool {
	for _, y := range near {
		switch {
		case y.Type != a.Type, elsewhere(a, y):
			if !before(y.Moment, a.Moment) && !before(b.Moment, y.Moment) {
				return true
			}
		case before(a.Moment, y.Moment) && before(y.Moment, b.Moment) && (a.Place == nil && y.Place == nil || SamePlace(a.Place, y.Place)):
			return true
		}
	}
	return false
}

// elsewhere reports whether two claims name places that are not the same.
func elsewhere(a, b *Claim) bool {
	return a.Place != nil && b.Place != nil && !SamePlace(a.Place, b.Place)
}
