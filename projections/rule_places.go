package projections

import (
	"fmt"
	"strings"
)

// twoPlaces finds one person, delegation or aircraft in two places at once: no
// travel is possible in the time that the moments leave.
var twoPlaces = rule{
	name: "two-places", severity: severityImpossible,
	concerns: func(x *claim) bool {
		return x.place.Known() && (flies(x) || strings.HasPrefix(x.typ, "delegate.") || strings.HasPrefix(x.typ, "delegation."))
	},
	find: func(x *claim, near []*claim) []finding {
		var found []finding
		for _, y := range near {
			km, most, ok := tooFar(x, y)
			if !ok || flies(x) && most > 0 {
				continue // an aircraft that would need to be too fast is another rule
			}
			found = append(found, finding{
				facts: ordered(x, y),
				detail: fmt.Sprintf("%s and %s are %.0f km apart, and the times leave at most %s between them",
					nameOf(first(x, y).place), nameOf(second(x, y).place), km, roundly(most)),
			})
		}
		return found
	},
}
