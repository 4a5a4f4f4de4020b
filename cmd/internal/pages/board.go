package pages

import (
	"fmt"
	"sort"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// basis is a fact that a value on the board rests on.
type basis struct{ Text, Href string }

// Basis links the facts that a value rests on, oldest first.
func (v *view) Basis(ids []string) []basis {
	list := make([]string, len(ids))
	copy(list, ids)
	sort.SliceStable(list, func(i, j int) bool { return v.seqs[list[i]] < v.seqs[list[j]] })
	var out []basis
	shown := map[string]bool{}
	for _, e := range v.Items {
		shown[e.Fact] = true
	}
	for i, id := range list {
		b := basis{Text: fmt.Sprintf("fact %d", i+1), Href: v.With("fact", id) + "#f-" + id}
		if seq := v.seqs[id]; seq > 0 {
			b.Text = fmt.Sprintf("#%d", seq)
		}
		if shown[id] {
			b.Href = "#f-" + id
		}
		out = append(out, b)
	}
	return out
}

// Party is what a party is called.
func (v *view) Party(id string) string {
	for _, p := range v.Summary.Parties {
		if p.ID == id {
			return p.Name
		}
	}
	if id == "" {
		return "No party named"
	}
	return id
}

// Spot tells a place in words.
func (*view) Spot(p *events.Place) string {
	switch {
	case p == nil:
		return ""
	case p.Name != "" && p.ICAO != "":
		return p.Name + " (" + p.ICAO + ")"
	case p.Name != "":
		return p.Name
	case p.ICAO != "":
		return p.ICAO
	case p.Known():
		return fmt.Sprintf("%.2f, %.2f", *p.Lat, *p.Lon)
	}
	return ""
}

// Topics are the positions, the contested ones first.
func (v *view) Topics() []projections.PositionStatus {
	list := append([]projections.PositionStatus(nil), v.Status.Positions...)
	sort.SliceStable(list, func(i, j int) bool { return list[i].Contested && !list[j].Contested })
	return list
}
