package rules

import (
	"strings"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
)

// landingBeforeDeparture finds a landing that is certainly before the only
// departure that can have led to it.
var landingBeforeDeparture = rule{
	name: "landing-before-departure", severity: severityImpossible,
	concerns: func(x *Claim) bool { return isMove(x) },
	find: func(x *Claim, near []*Claim) []finding {
		var found []finding
		for _, y := range near {
			d, l := x, y
			if d.Type != events.TypeAircraftDeparted {
				d, l = y, x
			}
			out, ok := d.Data.(*events.AircraftDeparted)
			if !ok || l.Type != events.TypeAircraftLanded || !before(l.Moment, d.Moment) {
				continue
			}
			if out.To == nil || !SamePlace(out.To, l.Place) || led(l, d, append(near, x)) {
				continue
			}
			found = append(found, finding{
				facts:  ordered(d, l),
				detail: saysLandedBefore.With(who(x), events.PlaceArg(l.Place), interval(l), interval(d)),
			})
		}
		return found
	},
}

var saysLandedBefore = message.Define("rule.landing-before-departure",
	"{who} lands at {place} ({time}) before it departs for that place ({departure}), and no other departure can have led to it")

// led reports whether another departure can have led to a landing, or another
// landing is what the departure led to.
func led(l, d *Claim, all []*Claim) bool {
	for _, y := range all {
		if y.Type == events.TypeAircraftDeparted && y.ID != d.ID && !before(l.Moment, y.Moment) {
			return true
		}
		if y.Type == events.TypeAircraftLanded && y.ID != l.ID && SamePlace(y.Place, l.Place) && !before(y.Moment, d.Moment) {
			return true
		}
	}
	return false
}

func isMove(x *Claim) bool {
	return x.Type == events.TypeAircraftDeparted || x.Type == events.TypeAircraftLanded
}

// before reports whether a moment is certainly before another.
func before(a, b events.Moment) bool {
	_, aTo, _, aHigh := a.Bounds()
	bFrom, _, bLow, _ := b.Bounds()
	return aHigh && bLow && aTo.Before(bFrom)
}

// ordered returns the ids of two claims in the order of recording.
func ordered(a, b *Claim) []string {
	if a.Seq > b.Seq {
		a, b = b, a
	}
	return []string{a.ID, b.ID}
}

// who names what a claim is about.
func who(x *Claim) message.Arg { return message.Entity(x.Entity) }

// source names on whose word a claim is: the origins alone, as who passes it on takes
// words of a language.
func source(x *Claim) message.Arg {
	return message.Text(strings.Join(x.Data.Base().Sources.RootNames(), ", "))
}

// interval is when a claim says that it was.
func interval(x *Claim) message.Arg {
	from, to, low, high := x.Moment.Bounds()
	if !low {
		from = time.Time{}
	}
	if !high {
		to = time.Time{}
	}
	return message.Interval(from, to)
}
