package rules

import (
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
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
			actor := inCommon(holders(first(x, y)), holders(second(x, y)))
			if actor == "" || before(x.Moment, y.Moment) || before(y.Moment, x.Moment) || !timed(x) || !timed(y) {
				continue
			}
			found = append(found, finding{
				facts:  ordered(x, y),
				detail: saysBoth.With(message.Text(actor), who(x), interval(first(x, y)), interval(second(x, y))),
			})
		}
		return found
	},
}

// holders returns who holds a position: the actor and who shares it.
func holders(x *Claim) []string {
	d, states := x.Data.(*events.PositionStated)
	if !states {
		return nil
	}
	return append([]string{d.Actor}, d.With...)
}

// inCommon returns a name that is in two lists; "" where none is.
func inCommon(a, b []string) string {
	for _, n := range a {
		for _, o := range b {
			if events.SameName(n, o) {
				return n
			}
		}
	}
	return ""
}

var saysBoth = message.Define("rule.for-and-against", "{who} is both for and against at once ({topic}): {time} and {other} leave no order")

func timed(x *Claim) bool {
	_, known := x.Moment.Key()
	return known
}
