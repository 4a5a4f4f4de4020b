// Package words says what programs know in words for people: uncertain times,
// chains of sources, grades, values. The door is [Clock].
package words

import (
	"fmt"
	"time"

	"github.com/summit-timeline/summit/events"
)

// Clock tells times in a zone.
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
	fullForm = "Mon 2 Jan 2006 15:04 MST"
)

// unknown is what is said of a time that nobody gave.
const unknown = "time not known"

// Instant tells an instant, with its day and zone.
func (c Clock) Instant(t time.Time) string {
	if t.IsZero() {
		return unknown
	}
	t = t.In(c.Zone)
	return t.Format(fullForm) + c.marks(t)
}

// marks are the offset and the day at the venue.
func (c Clock) marks(t time.Time) string {
	if c.Venue == nil {
		return ""
	}
	s := " (" + Offset(t) + ")"
	if v := t.In(c.Venue); v.YearDay() != t.YearDay() || v.Year() != t.Year() {
		s += ", " + v.Format("Mon 2 Jan") + " at the venue"
	}
	return s
}

// Offset tells how far a time's zone is from UTC, such as UTC−8 or UTC+5:30.
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
	if rest := seconds % 3600 / 60; rest != 0 {
		s += fmt.Sprintf(":%02d", rest)
	}
	return s
}

// Moment tells a moment, as exactly as it is known and no more.
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

// Parts tells a moment in two: in the words it was given in, "" where it was
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
		return "between " + c.between(m.Earliest.Time, m.Latest.Time)
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

// between names the day once where both ends are on it; midnight at the end
// counts as that day's 24:00.
func (c Clock) between(a, b time.Time) string {
	a, b = a.In(c.Zone), b.In(c.Zone)
	end := b.Format("15:04 MST")
	last := b
	if b.Hour() == 0 && b.Minute() == 0 && b.Second() == 0 {
		last = b.Add(-time.Nanosecond)
		end = "24:00 " + b.Format("MST")
	}
	if a.Format(dayForm) == last.Format(dayForm) {
		return a.Format(dayForm+" 15:04") + " and " + end + c.marks(b.Add(-time.Nanosecond))
	}
	return a.Format(dayForm+" 15:04") + " and " + last.Format(dayForm) + " " + end + c.marks(b.Add(-time.Nanosecond))
}
