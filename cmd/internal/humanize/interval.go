package humanize

import (
	"strings"
	"time"
)

// end is one end of an interval, on the clocks of the zone.
type end struct {
	day, hour string
	zone      string // the abbreviation, with the marks of the clock
	at        time.Time
}

// between describes an interval. What both ends share is said once: the day, and
// the zone. Where the clocks change in between, each end carries its own zone.
func (c Clock) between(a, b time.Time) string {
	from, to := c.first(a.In(c.Zone)), c.last(b.In(c.Zone))
	c.tellApart(&from, &to)
	s := "between " + from.day + " " + from.hour
	if from.zone != to.zone {
		s += " " + from.zone
		if strings.Contains(from.zone, ",") {
			s += ","
		}
	}
	s += " and "
	if from.day != to.day {
		s += to.day + " "
	}
	return s + to.hour + " " + to.zone
}

func (c Clock) first(t time.Time) end {
	return end{t.Format(dayForm), t.Format(hourForm), t.Format("MST") + c.marks(t, t), t}
}

// last is the end at t, which the interval only just reaches: midnight counts
// as 24:00 of the day that ends then, if one does. Where the clocks are put
// back to midnight, the day goes on.
func (c Clock) last(t time.Time) end {
	before := t.Add(-time.Nanosecond)
	if t.Format("15:04:05.999999999") == "00:00:00" && !sameDay(before, t) {
		return end{before.Format(dayForm), "24:00", before.Format("MST") + c.marks(before, before), before}
	}
	return end{t.Format(dayForm), t.Format(hourForm), t.Format("MST") + c.marks(t, before), t}
}

// tellApart adds the offsets where a zone changed its offset and kept its
// abbreviation, as Moscow did in 2014.
func (c Clock) tellApart(a, b *end) {
	_, x := a.at.Zone()
	_, y := b.at.Zone()
	if c.Venue == nil && x != y && a.zone == b.zone {
		a.zone += " (" + Offset(a.at) + ")"
		b.zone += " (" + Offset(b.at) + ")"
	}
}
