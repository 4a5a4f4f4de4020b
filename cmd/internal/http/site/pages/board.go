package pages

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"sort"

	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// basis is a fact that a value on the board rests on.
type basis struct{ Text, Href string }

// Basis links the facts that a value rests on, oldest first. A fact is called by
// its number in the log, whatever else the page shows.
func (v *view) Basis(ids []string) []basis {
	list := slices.Clone(ids)
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(v.Seqs[a], v.Seqs[b]) })
	out := make([]basis, 0, len(list))
	for _, id := range list {
		out = append(out, basis{Text: fmt.Sprintf("#%d", v.Seqs[id]), Href: v.basisOf(id)})
	}
	return out
}

// basisOf is where a reader finds a fact: on this page if it is there, else
// this page with that fact alone.
func (v *view) basisOf(id string) string {
	if v.about[id] != "" {
		return "#f-" + id
	}
	return v.With("fact", id) + "#f-" + id
}

// Party is what a party is called.
func (v *view) Party(id string) string {
	for _, p := range v.Summary.Parties {
		if p.ID == id {
			return p.Name
		}
	}
	if id == "" {
		return v.words.Say("board.noparty")
	}
	return id
}

// MeetingName is what a meeting is called.
func (*view) MeetingName(m projections.MeetingStatus) string {
	return cmp.Or(m.Title, humanize.Label(m.ID))
}

// TopicName is what a topic is called.
func (*view) TopicName(p projections.PositionStatus) string {
	return cmp.Or(p.Title, humanize.Label(p.Topic))
}

// Names lists what somebody is called.
func (v *view) Names(names []string) template.HTML { return v.words.names(names) }

// Severity reports whether what contradicts each other cannot all be true, or hardly is.
func (v *view) Severity(c projections.Conflict) string { return v.words.Say("cli." + c.Severity) }

// mapped is the map with the page that it is on.
type mapped struct {
	View *view
	Map  *chart
}

// Mapped returns the map for its template.
func (v *view) Mapped(c *chart) mapped { return mapped{v, c} }

// Spot returns a place in words.
func (*view) Spot(p *events.Place) string {
	if title := p.Title(); title != "" || !p.Known() {
		return title
	}
	return fmt.Sprintf("%.2f, %.2f", *p.Lat, *p.Lon)
}

// Topics are the positions, the contested ones first.
func (v *view) Topics() []projections.PositionStatus {
	list := append([]projections.PositionStatus(nil), v.Status.Positions...)
	sort.SliceStable(list, func(i, j int) bool { return list[i].Contested && !list[j].Contested })
	return list
}
