// Package words says what programs know in words for people: uncertain times,
// chains of sources, values. The door is [Clock].
package words

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/summit-timeline/summit/events"
)

// Clock tells times in a zone.
type Clock struct{ Zone *time.Location }

const (
	dayForm  = "Mon 2 Jan 2006"
	fullForm = "Mon 2 Jan 2006 15:04 MST"
)

// Instant tells an instant, with its day and zone.
func (c Clock) Instant(t time.Time) string {
	if t.IsZero() {
		return "time not known"
	}
	return t.In(c.Zone).Format(fullForm)
}

// Moment tells a moment, as exactly as it is known and no more.
func (c Clock) Moment(m *events.Moment) string {
	if m == nil {
		return "time not known"
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
		return "after " + m.After
	}
	return "time not known"
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
		return a.Format(dayForm+" 15:04") + " and " + end
	}
	return a.Format(dayForm+" 15:04") + " and " + last.Format(dayForm) + " " + end
}

// Chain tells a provenance graph from root to outlet.
func Chain(s events.Sources) string {
	names := map[string]string{}
	for _, x := range s {
		names[x.ID] = x.Name
	}
	var parts []string
	for _, x := range s {
		part := x.Name
		if x.Kind != "" {
			part += " (" + x.Kind + ")"
		}
		if len(x.Via) > 0 {
			var from []string
			for _, v := range x.Via {
				from = append(from, names[v])
			}
			part += ", from " + strings.Join(from, " and ")
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " → ")
}

// Value shows a JSON value: a text bare, nothing as a dash, the rest as it is.
func Value(b []byte) string {
	var s string
	if json.Unmarshal(b, &s) == nil && string(b) != "null" {
		return s
	}
	if len(b) == 0 || string(b) == "null" {
		return "–"
	}
	return string(b)
}

// Label shows a name of the wire to people: en_route is en route.
func Label(s string) string { return strings.NewReplacer("_", " ", "-", " ").Replace(s) }
