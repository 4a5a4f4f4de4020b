package pages

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// view is a story with what its page needs besides.
type view struct {
	Story
	Entries []entry
	Strip   *strip
	Chart   *chart
	Changed *changed
	Known   knowledge
	clock   humanize.Clock
	words   words
	about   map[string]string // the entity of each fact in the timeline of this page
}

func newView(s Story) (*view, error) {
	v := &view{Story: s, about: map[string]string{}}
	v.words = words{s.Visitor.language()}
	v.clock = humanize.Clock{Language: v.words.Language, Zone: s.Zone, Venue: s.Venue, Name: v.entityName}
	for _, i := range s.Items {
		v.about[i.Fact] = i.Entity
	}
	v.Known = v.knowledge()
	v.Changed = v.changes()
	for _, i := range s.Items {
		e, err := v.entry(i)
		if err != nil {
			return nil, err
		}
		v.Entries = append(v.Entries, e)
	}
	v.Strip = v.strip()
	var err error
	v.Chart, err = v.chart()
	return v, err
}

// entityName is what an entity is called on the board.
func (v *view) entityName(entity string) string {
	for _, m := range v.Status.Meetings {
		if entity == string(events.KindMeeting)+"/"+m.ID {
			return m.Title
		}
	}
	return ""
}

// When returns a moment in words, in the chosen zone.
func (v *view) When(m *events.Moment) locale.Words { return locale.Words(v.clock.Moment(m)) }

// Time returns an instant in words, in the chosen zone.
func (v *view) Time(t time.Time) locale.Words { return locale.Words(v.clock.Instant(t)) }

// Stamp returns when something was recorded, in words.
func (v *view) Stamp(t events.Instant) string { return v.clock.Instant(t.Time) }

// Value shows a JSON value for people.
func (v *view) Value(b jsontext.Value) string { return v.clock.Value(b) }

// Field shows a path in a fact for people.
func (v *view) Field(path string) string { return v.clock.Field(path) }

// moment is a time in the words it was given in and by the clock, or when it was announced.
type moment struct{ Said, Announced, Bounds, ISO string }

// Moment returns the parts of a moment.
func (v *view) Moment(m *events.Moment) moment {
	said, bounds := v.clock.Parts(m)
	out := moment{Said: said, Bounds: bounds}
	if m != nil {
		if a, b, lo, hi := m.Bounds(); lo && hi && a.Equal(b) {
			out.ISO = a.UTC().Format(time.RFC3339)
		}
	}
	return out
}

// occurrence returns when an item happened, or when it was announced.
func (v *view) occurrence(i projections.Item) moment {
	told := v.Moment(i.When)
	if told == v.Moment(nil) && i.Time != nil {
		return moment{Announced: v.clock.Occurrence(i.When, i.Time)}
	}
	return told
}

// zone is a choice of zone.
type zone struct {
	Name, Label string
	Chosen      bool
}

// Zones are the zones to choose from: the venue's, those of the parties, and
// UTC; one that was asked for by name besides.
func (v *view) Zones() []zone {
	var list []zone
	seen := map[string]bool{}
	add := func(name, label string) {
		if name == "" || seen[name] {
			return
		}
		seen[name] = true
		list = append(list, zone{name, label, name == v.Zone.String()})
	}
	add(v.Summary.Zone, v.words.Say("controls.venue", "zone", v.Summary.Zone))
	for _, z := range append(append([]string{}, v.Summary.Zones...), "UTC", v.Zone.String()) {
		add(z, z)
	}
	return list
}

// indexView is the list of summits.
type indexView struct {
	Summits []projections.Summary
	Next    string // the cursor of the next page; "" on the last
	Visitor Visitor
}

// Recorded returns when a summit's last event was recorded, in its zone.
func (x indexView) Recorded(s projections.Summary) locale.Words {
	loc, err := time.LoadLocation(s.Zone)
	if err != nil {
		loc = time.UTC
	}
	return locale.Words(humanize.Clock{Language: x.Visitor.language(), Zone: loc, Venue: loc}.Instant(s.LastRecorded))
}
