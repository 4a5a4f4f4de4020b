package rules

import (
	"fmt"

	"github.com/summit-timeline/summit/events"
)

// bothStances finds an actor for and against the same at once. At times that
// are certainly apart it is a change of mind, and where no time is known it may
// be.
var bothStances = rule{
	name: "for-and-against", severity: severityImpossible,
	concerns: func(x *Claim) bool {
		d, ok := x.Data.(*events.PositionStated)
		return ok && (d.Stance == events.StanceFor || d.Stance == events.StanceAgainst)
	},
	find: func(x *Claim, near []*Claim) []finding {
		d := x.Data.(*events.PositionStated)
		var found []finding
		for _, y := range near {
			o, ok := y.Data.(*events.PositionStated)
			if !ok || o.Stance == d.Stance || (o.Stance != events.StanceFor && o.Stance != events.StanceAgainst) {
				continue
			}
			if before(x.Moment, y.Moment) || before(y.Moment, x.Moment) || !timed(x) || !timed(y) {
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

func timed(x *Claim) bool {
	_, known := x.Moment.Key()
	return known
}
