// Package humanize puts what programs know into words: uncertain times, chains of sources, grades
// and values.
//
// A [Clock] formats times in a zone.
package humanize

import (
	"fmt"
	"time"

	"github.com/summit-timeline/summit/events"
)

// Clock formats times in a zone.
type Clock struct {
	Zone *time.Location
	// Venue, where given, makes every time carry its offset, and a mark where
	// its day is not the day at the venue.
	Venue *time.Location
	// Name, where given, is what an entity is called.
	Name func(entity string) string
}

const (
	dayForm  = "Mon 2 Jan 2006"
	hourForm = "15:04"
	fullForm = dayForm + " " + hourForm + " MST"
)

// unknown is what is said of a time that nobody gave.
const unknown = "time not known"

// Instant formats an instant with its day and zone.
func (c Clock) Instant(t time.Time) string {
	if t.IsZero() {
		return unknown
	}
	t = t.In(c.Zone)
	return t.Format(fullForm) + c.marks(t, t)
}

// Occurrence describes when an item of the timeline happened or is to happen. An
// announcement that names no such time tells when it was made.
func (c Clock) Occurrence(when *events.Moment, announced *events.Instant) string {
	told := c.Moment(when)
	if told == unknown && announced != nil {
		return "announced " + c.Instant(announced.Time)
	}
	return told
}

// marks are the offset of a time, and the day at the venue where that is not
// the day of the time.
func (c Clock) marks(t, there time.Time) string {
	if c.Venue == nil {
		return ""
	}
	s := " (" + Offset(t) + ")"
	if v := there.In(c.Venue); !sameDay(v, t) {
		s += ", " + v.Format("Mon 2 Jan") + " at the venue"
	}
	return s
}

// sameDay reports whether the calendars of two times show the same date.
func sameDay(a, b time.Time) bool { return a.Year() == b.Year() && a.YearDay() == b.YearDay() }

// Offset describes how far a time's zone is from UTC, such as UTC−8 or UTC+5:30.
func Offset(t time.Time) string {
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

// Moment describes a moment as exactly as it is known and no more.
func (c Clock) Moment(m *events.Moment) string {
	if m == nil {
		return unknown
	}
	s := c.bounds(m)
	if m.Text != "" {
		s = m.Text + " (" + s + ")"
	}
	if m.Approximate {
		s = "about: " + s
	}
	if m.Phase == events.PhaseEstimated {
		s += ", estimated"
	}
	return s
}

// Parts describes a moment in two parts: in the words it was given in, or "" if it was
// given in none, and what is known of it by the clock.
func (c Clock) Parts(m *events.Moment) (said, bounds string) {
	if m == nil {
		return "", unknown
	}
	bounds = c.bounds(m)
	if m.Approximate {
		bounds = "about: " + bounds
	}
	if m.Phase == events.PhaseEstimated {
		bounds += ", estimated"
	}
	return m.Text, bounds
}

func (c Clock) bounds(m *events.Moment) string {
	early, late := !m.Earliest.IsZero(), !m.Latest.IsZero()
	switch {
	case !m.Best.IsZero():
		return c.Instant(m.Best.Time)
	case early && late && m.Earliest.Equal(m.Latest.Time):
		return c.Instant(m.Earliest.Time)
	case early && late:
		return c.between(m.Earliest.Time, m.Latest.Time)
	case early:
		return "not before " + c.Instant(m.Earliest.Time)
	case late:
		return "before " + c.Instant(m.Latest.Time)
	case m.After != "":
		return "after " + c.name(m.After)
	}
	return unknown
}

func (c Clock) name(entity string) string {
	if c.Name != nil {
		if n := c.Name(entity); n != "" {
			return n
		}
	}
	return entity
}
