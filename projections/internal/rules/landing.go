package rules

import (
	"fmt"

	"github.com/summit-timeline/summit/events"
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
			if out.To == nil || !samePlace(out.To, l.Place) || led(l, d, append(near, x)) {
				continue
			}
			found = append(found, finding{
				facts:  ordered(d, l),
				detail: fmt.Sprintf("the landing at %s is before the departure for that place (%s), and no other departure can have led to it", nameOf(l.Place), timesOf(l, d)),
			})
		}
		return found
	},
}

// led reports whether another departure can have led to a landing, or another
// landing is what the departure led to.
func led(l, d *Claim, all []*Claim) bool {
	for _, y := range all {
		if y.Type == events.TypeAircraftDeparted && y.ID != d.ID && !before(l.Moment, y.Moment) {
			return true
		}
		if y.Type == events.TypeAircraftLanded && y.ID != l.ID && samePlace(y.Place, l.Place) && !before(y.Moment, d.Moment) {
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

func timesOf(a, b *Claim) string { return intervalOf(a) + " and " + intervalOf(b) }

func intervalOf(x *Claim) string {
	from, to, low, high := x.Moment.Bounds()
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
