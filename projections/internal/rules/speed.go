package rules

import (
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
)

// fastestKmh is a ground speed that no transport aircraft in service reaches:
// the record of a subsonic airliner, with a jet stream behind it, is about
// 1,327 km/h (BA 112, New York to London, 9 February 2020).
const fastestKmh = 1350

// impossibleSpeed finds two places of one aircraft that are too far apart for
// the longest time that their moments leave between them.
var impossibleSpeed = rule{
	name: "impossible-speed", severity: severityImpossible,
	concerns: func(x *Claim) bool { return x.Place.Known() && flies(x) },
	find: func(x *Claim, near []*Claim) []finding {
		var found []finding
		for _, y := range near {
			km, most, ok := tooFar(x, y)
			if !ok || most == 0 {
				continue // at the very same time is another rule
			}
			found = append(found, finding{
				facts: ordered(x, y),
				detail: saysTooFast.With(who(x), message.Number(rounded(km/most.Hours())), message.Number(rounded(km)), events.PlaceArg(first(x, y).Place),
					events.PlaceArg(second(x, y).Place), message.Duration(most), message.Number(fastestKmh)),
			})
		}
		return found
	},
}

// flies reports whether a claim puts an aircraft somewhere.
func flies(x *Claim) bool { return isMove(x) || x.Type == events.TypeAircraftTracked }

var saysTooFast = message.Define("rule.impossible-speed",
	"{who} would need {speed} km/h for the {km} km between {place} and {other} in at most {duration}; no transport aircraft exceeds {most} km/h")

func first(a, b *Claim) *Claim {
	if a.Seq < b.Seq {
		return a
	}
	return b
}

func second(a, b *Claim) *Claim {
	if a.Seq < b.Seq {
		return b
	}
	return a
}

// tooFar reports whether two claims put one thing at places that it cannot have
// reached in the longest time their moments allow.
func tooFar(a, b *Claim) (km float64, most time.Duration, ok bool) {
	km, known := apartKm(a.Place, b.Place)
	if !known || km == 0 {
		return 0, 0, false
	}
	aFrom, aTo, aLow, aHigh := a.Moment.Bounds()
	bFrom, bTo, bLow, bHigh := b.Moment.Bounds()
	if !aLow || !aHigh || !bLow || !bHigh {
		return 0, 0, false // an open end leaves room
	}
	most = max(bTo.Sub(aFrom), aTo.Sub(bFrom))
	return km, most, km > fastestKmh*most.Hours()
}
