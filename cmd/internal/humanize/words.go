// Package humanize puts what programs know into words: uncertain times, chains of sources, grades
// and values.
//
// A [Clock] formats times in a zone, in the words of a language.
package humanize

import (
	"fmt"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
)

// Clock formats times in a zone, and what goes with them, in the words of a language.
type Clock struct {
	// Language is the reader's; nil is English.
	Language *locale.Language
	Zone     *time.Location
	// Venue, if given, adds to every time its offset, and a mark if its day is not
	// the day at the venue.
	Venue *time.Location
	// Name, if given, returns what an entity is called.
	Name func(entity string) string
}

// language returns the language of the clock.
func (c Clock) language() *locale.Language {
	if c.Language == nil {
		return locale.English()
	}
	return c.Language
}

// say returns a text of the catalogue as words of the language.
func (c Clock) say(key string, args ...any) locale.Words {
	return locale.Words(c.language().Say(key, args...))
}

// Messages returns how headlines are put in words, with their times on this clock.
func (c Clock) Messages() *message.Language {
	m := *c.language().Messages()
	m.Interval = func(from, to time.Time) string {
		return c.Moment(&events.Moment{Earliest: events.Instant{Time: from}, Latest: events.Instant{Time: to}})
	}
	return &m
}

// Instant formats an instant with its day and zone.
func (c Clock) Instant(t time.Time) string { return string(c.instant(t)) }

func (c Clock) instant(t time.Time) locale.Words {
	if t.IsZero() {
		return c.say("time.unknown")
	}
	t = t.In(c.Zone)
	zone, _ := c.zone(t, t)
	return c.at(t) + " " + zone
}

// at formats the day and the time of day.
func (c Clock) at(t time.Time) locale.Words {
	return c.say("time.at", "day", c.language().Day(t), "hour", c.language().Hour(t))
}

// Occurrence describes when an item of the timeline happened or is to happen. For an
// announcement that names no such time it describes when it was made.
func (c Clock) Occurrence(when *events.Moment, announced *events.Instant) string {
	if announced != nil && (when == nil || when.Text == "" && !when.Approximate && when.Phase != events.PhaseEstimated && !c.timed(when)) {
		return string(c.say("time.announced", "time", c.instant(announced.Time)))
	}
	return c.Moment(when)
}

// timed reports whether a moment has any time of day.
func (Clock) timed(m *events.Moment) bool {
	return !m.Best.IsZero() || !m.Earliest.IsZero() || !m.Latest.IsZero() || m.After != ""
}

// zone returns the zone of a time, on pages with its offset, and with the day at the
// venue if that is another day. It reports whether it names that day.
func (c Clock) zone(t, there time.Time) (zone locale.Words, otherDay bool) {
	l := c.language()
	zone = locale.Words(l.Zone(t))
	if c.Venue == nil {
		return zone, false
	}
	zone += locale.Words(" (" + l.Isolate(offset(t)) + ")")
	if v := there.In(c.Venue); !sameDay(v, t) {
		return c.say("time.venue", "time", zone, "day", l.ShortDay(v)), true
	}
	return zone, false
}

// sameDay reports whether the calendars of two times show the same date.
func sameDay(a, b time.Time) bool { return a.Year() == b.Year() && a.YearDay() == b.YearDay() }

// offset describes how far a time's zone is from UTC, such as UTC−8 or UTC+5:30.
func offset(t time.Time) string {
	_, seconds := t.Zone()
	if seconds == 0 {
		return "UTC±0"
	}
	sign := "+"
	if seconds < 0 {
		sign, seconds = "−", -seconds
	}
	s := fmt.Sprintf("UTC%s%d", sign, seconds/3600)
	if rest := seconds % 3600; rest != 0 {
		s += fmt.Sprintf(":%02d", rest/60)
	}
	if rest := seconds % 60; rest != 0 { // local mean time, before zones
		s += fmt.Sprintf(":%02d", rest)
	}
	return s
}

// Moment describes a moment exactly as precisely as it is known.
func (c Clock) Moment(m *events.Moment) string {
	if m == nil {
		return string(c.say("time.unknown"))
	}
	s := c.qualified(m, c.bounds(m))
	if m.Text != "" {
		s = c.say("time.said", "words", m.Text, "time", s)
	}
	return string(s)
}

// qualified marks a time as approximate or estimated.
func (c Clock) qualified(m *events.Moment, s locale.Words) locale.Words {
	if m.Approximate {
		s = c.say("time.about", "time", s)
	}
	if m.Phase == events.PhaseEstimated {
		s = c.say("time.estimated", "time", s)
	}
	return s
}

// Parts describes a moment in two parts: in the words it was given in, or "" if it was
// given in none, and what is known of it by the clock.
func (c Clock) Parts(m *events.Moment) (said, bounds string) {
	if m == nil {
		return "", string(c.say("time.unknown"))
	}
	return m.Text, string(c.qualified(m, c.bounds(m)))
}

func (c Clock) bounds(m *events.Moment) locale.Words {
	early, late := !m.Earliest.IsZero(), !m.Latest.IsZero()
	switch {
	case !m.Best.IsZero():
		return c.instant(m.Best.Time)
	case early && late && m.Earliest.Equal(m.Latest.Time):
		return c.instant(m.Earliest.Time)
	case early && late:
		return c.between(m.Earliest.Time, m.Latest.Time)
	case early:
		return c.say("time.from", "time", c.instant(m.Earliest.Time))
	case late:
		return c.say("time.until", "time", c.instant(m.Latest.Time))
	case m.After != "":
		return c.say("time.follows", "what", c.name(m.After))
	}
	return c.say("time.unknown")
}

func (c Clock) name(entity string) string {
	if c.Name != nil {
		if n := c.Name(entity); n != "" {
			return n
		}
	}
	return entity
}
