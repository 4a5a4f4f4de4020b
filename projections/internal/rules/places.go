package rules

import (
	"strings"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
)

// twoPlaces finds one person, delegation or aircraft in two places at once: no
// travel is possible in the time that the moments leave.
var twoPlaces = rule{
	name: "two-places", severity: severityImpossible,
	concerns: func(x *Claim) bool {
		return x.Place.Known() && (flies(x) || strings.HasPrefix(x.Type, "delegate.") || strings.HasPrefix(x.Type, "delegation."))
	},
	find: func(x *Claim, near []*Claim) []finding {
		var found []finding
		for _, y := range near {
			km, most, ok := tooFar(x, y)
			if !ok || flies(x) && most > 0 {
				continue // an aircraft that would need to be too fast is another rule
			}
			found = append(found, finding{
				facts:  ordered(x, y),
				detail: saysTwoPlaces.With(who(x), events.PlaceArg(first(x, y).Place), events.PlaceArg(second(x, y).Place), message.Number(rounded(km)), message.Duration(most)),
			})
		}
		return found
	},
}

var saysTwoPlaces = message.Define("rule.two-places",
	"{who} is at {place} and at {other}, {km} km apart, and the times leave at most {duration} between them")
