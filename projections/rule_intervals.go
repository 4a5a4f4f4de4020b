package projections

import (
	"fmt"
	"strings"
)

// disjointIntervals finds two facts on the same thing whose intervals cannot
// both hold: the same type at the same place, with nothing between them that
// would make it two occurrences.
var disjointIntervals = rule{
	name: "intervals-disjoint", severity: severityDoubtful,
	concerns: func(x *claim) bool { return isMove(x) || occursOnce(x.typ) },
	find: func(x *claim, near []*claim) []finding {
		var found []finding
		for _, y := range near {
			if y.typ != x.typ || (x.place != nil || y.place != nil) && !samePlace(x.place, y.place) {
				continue
			}
			a, b := x, y
			if before(b.moment, a.moment) {
				a, b = b, a
			}
			if !before(a.moment, b.moment) || between(a, b, near) {
				continue
			}
			found = append(found, finding{
				facts:  ordered(x, y),
				detail: fmt.Sprintf("%s is said to be at %s: the intervals have no instant in common, and nothing between them makes it two occurrences", x.typ, timesOf(a, b)),
			})
		}
		return found
	},
}

func occursOnce(typ string) bool {
	return strings.HasPrefix(typ, "delegate.") || strings.HasPrefix(typ, "delegation.") || typ == "meeting.started" || typ == "meeting.ended"
}

// between says whether a fact of another type may lie between two moments, or
// another of their own type and place does: it then contradicts them both.
func between(a, b *claim, near []*claim) bool {
	for _, y := range near {
		switch {
		case y.typ != a.typ:
			if !before(y.moment, a.moment) && !before(b.moment, y.moment) {
				return true
			}
		case before(a.moment, y.moment) && before(y.moment, b.moment) && (a.place == nil && y.place == nil || samePlace(a.place, y.place)):
			return true
		}
	}
	return false
}
