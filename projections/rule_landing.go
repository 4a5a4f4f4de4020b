package projections

import (
	"fmt"

	"github.com/summit-timeline/summit/events"
)

// landingBeforeDeparture finds a landing that is certainly before the only
// departure that can have led to it.
var landingBeforeDeparture = rule{
	name: "landing-before-departure", severity: severityImpossible,
	concerns: func(x *claim) bool { return isMove(x) },
	find: func(x *claim, near []*claim) []finding {
		var found []finding
		for _, y := range near {
			d, l := x, y
			if d.typ != events.TypeAircraftDeparted {
				d, l = y, x
			}
			out, ok := d.data.(*events.AircraftDeparted)
			if !ok || l.typ != events.TypeAircraftLanded || !before(l.moment, d.moment) {
				continue
			}
			if out.To == nil || !samePlace(out.To, l.place) || led(l, d, append(near, x)) {
				continue
			}
			found = append(found, finding{
				facts:  ordered(d, l),
				detail: fmt.Sprintf("the landing at %s is before the departure for that place (%s), and no other departure can have led to it", nameOf(l.place), timesOf(l, d)),
			})
		}
		return found
	},
}

// led says whether another departure can have led to a landing, or another
// landing is what the departure led to.
func led(l, d *claim, all []*claim) bool {
	for _, y := range all {
		if y.typ == events.TypeAircraftDeparted && y.id != d.id && !before(l.moment, y.moment) {
			return true
		}
		if y.typ == events.TypeAircraftLanded && y.id != l.id && samePlace(y.place, l.place) && !before(y.moment, d.moment) {
			return true
		}
	}
	return false
}

func isMove(x *claim) bool {
	return x.typ == events.TypeAircraftDeparted || x.typ == events.TypeAircraftLanded
}

// before says whether a moment is certainly before another.
func before(a, b events.Moment) bool {
	_, aTo, _, aHigh := a.Bounds()
	bFrom, _, bLow, _ := b.Bounds()
	return aHigh && bLow && aTo.Before(bFrom)
}

// ordered gives the ids of two claims in the order of recording.
func ordered(a, b *claim) []string {
	if a.seq > b.seq {
		a, b = b, a
	}
	return []string{a.id, b.id}
}

func nameOf(p *events.Place) string {
	switch {
	case p == nil:
		return "a place not given"
	case p.Name != "":
		return p.Name
	case p.ICAO != "":
		return p.ICAO
	case p.Known():
		return fmt.Sprintf("%.2f, %.2f", *p.Lat, *p.Lon)
	}
	return "a place not given"
}

func timesOf(a, b *claim) string { return intervalOf(a) + " and " + intervalOf(b) }

func intervalOf(x *claim) string {
	from, to, low, high := x.moment.Bounds()
	text := func(known bool, s string) string {
		if known {
			return s
		}
		return "…"
	}
	f, t := text(low, from.UTC().Format("2006-01-02T15:04Z")), text(high, to.UTC().Format("2006-01-02T15:04Z"))
	if f == t {
		return f
	}
	return f + "/" + t
}
