package projections

import (
	"fmt"

	"github.com/summit-timeline/summit/events"
)

// bothStances finds an actor for and against the same at once. At times that
// are certainly apart it is a change of mind, and where no time is known it may
// be.
var bothStances = rule{
	name: "for-and-against", severity: severityImpossible,
	concerns: func(x *claim) bool {
		d, ok := x.data.(*events.PositionStated)
		return ok && (d.Stance == events.StanceFor || d.Stance == events.StanceAgainst)
	},
	find: func(x *claim, near []*claim) []finding {
		d := x.data.(*events.PositionStated)
		var found []finding
		for _, y := range near {
			o, ok := y.data.(*events.PositionStated)
			if !ok || o.Stance == d.Stance || (o.Stance != events.StanceFor && o.Stance != events.StanceAgainst) {
				continue
			}
			if before(x.moment, y.moment) || before(y.moment, x.moment) || !timed(x) || !timed(y) {
				continue
			}
			found = append(found, finding{
				facts:  ordered(x, y),
				detail: fmt.Sprintf("%s is both for and against at once: the times %s leave no order", d.Actor, timesOf(first(x, y), second(x, y))),
			})
		}
		return found
	},
}

func timed(x *claim) bool {
	_, known := x.moment.Key()
	return known
}
