package humanize

import (
	"time"

	"github.com/summit-timeline/summit/cmd/internal/locale"
)

// end is one end of an interval, on the clocks of the zone.
type end struct {
	day, hour, zone locale.Words // the zone with the marks of the clock
	otherDay        bool         // the zone names the day at the venue
	at              time.Time
}

// between describes an interval. It names the day and the zone once if both ends share
// them. If the clocks change in between, each end names its own zone.
func (c Clock) between(a, b time.Time) locale.Words {
	from, to := c.first(a.In(c.Zone)), c.last(b.In(c.Zone))
	c.tellApart(&from, &to)
	key, first := "time.between", c.say("time.at", "day", from.day, "hour", from.hour)
	if from.zone != to.zone {
		first += " " + from.zone
		if from.otherDay {
			key = "time.between.apart"
		}
	}
	last := to.hour
	if from.day != to.day {
		last = c.say("time.at", "day", to.day, "hour", to.hour)
	}
	return c.say(key, "from", first, "to", last+" "+to.zone)
}

func (c Clock) first(t time.Time) end { return c.end(t, t, c.language().Hour(t)) }

// last returns the end at t, which is not part of the interval. Midnight is written as
// 24:00 of the day that ends then. If the clocks are put back to midnight, no day ends
// then.
func (c Clock) last(t time.Time) end {
	before := t.Add(-time.Nanosecond)
	if t.Format("15:04:05.999999999") == "00:00:00" && !sameDay(before, t) {
		return c.end(before, before, "24:00")
	}
	return c.end(t, before, c.language().Hour(t))
}

// end returns the end at t. The day at the venue is the day of there.
func (c Clock) end(t, there time.Time, hour locale.Words) end {
	zone, other := c.zone(t, there)
	return end{c.language().Day(t), hour, zone, other, t}
}

// tellApart adds the offsets if a zone changed its offset and kept its abbreviation, as
// Moscow did in 2014.
func (c Clock) tellApart(a, b *end) {
	_, x := a.at.Zone()
	_, y := b.at.Zone()
	if c.Venue == nil && x != y && a.zone == b.zone {
		a.zone += locale.Words(" (" + c.language().Isolate(offset(a.at)) + ")")
		b.zone += locale.Words(" (" + c.language().Isolate(offset(b.at)) + ")")
	}
}
