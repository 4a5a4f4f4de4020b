package pages

import (
	"net/url"
	"strings"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// Story is what was read of a summit for one page.
type Story struct {
	Summary projections.Summary
	Status  projections.Status
	// Cut is how many entries each list of the status shows, or 0 if it has no more.
	Cut   int
	Items []projections.Item
	Next  string // cursor of the next page
	// Head is how far the log goes; Reading is as of what the page was read,
	// and KnownAt when that became known.
	Head    events.Position
	Reading projections.AsOf
	KnownAt time.Time
	// Changes is what changed since a position, or nil if none was asked for.
	Changes *projections.Changes
	SinceAt time.Time
	// Apart is how many events lie between, if they are too many to list.
	Apart uint64
	// Steps are the moments at which knowledge changed.
	Steps []projections.Step
	// Seqs are the sequences of the facts that the status rests on, by id.
	Seqs map[string]uint64
	// Leaves are the hashes in the Merkle tree, base64, by sequence.
	Leaves map[uint64]string
	// Tracks are the positions that services showed, Places the facts about
	// sites.
	Tracks, Places []projections.Item
	// Query is what the reader asked for, Origin where: scheme and host.
	Query  url.Values
	Origin string
	Zone   *time.Location
	Venue  *time.Location
	// Visitor is who reads it.
	Visitor Visitor
}

// Frozen reports whether the page shows a moment of knowledge, not the present.
func (s Story) Frozen() bool { return s.Reading.Pinned }

// Base is the address of the page without a query.
func (s Story) Base() string { return "/summits/" + s.Summary.ID }

// API is the address below which the summit's data is.
func (s Story) API() string { return "/v1/summits/" + s.Summary.ID }

// Position is as of what the page was read.
func (s Story) Position() string { return s.at(s.Reading.Seq) }

func (s Story) at(seq uint64) string { return events.Position{Epoch: s.Head.Epoch, Seq: seq}.String() }

// With is the address of this page with some parameters changed, by turns a
// name and a value; "" takes one away. A cursor goes with the query it was
// given for and is left out.
func (s Story) With(pairs ...string) string {
	q := url.Values{}
	for name, values := range s.Query {
		if name != "cursor" && len(values) > 0 && values[0] != "" {
			q.Set(name, values[0])
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if q.Del(pairs[i]); pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return s.Base()
	}
	return s.Base() + "?" + q.Encode()
}

// Has is what the reader asked for under a name.
func (s Story) Has(name string) string { return s.Query.Get(name) }

// Param is a parameter of the page.
type Param struct{ Name, Value, Without string }

// Keep lists the parameters that a form which has the named ones of its own
// must carry along.
func (s Story) Keep(own string) []Param {
	var list []Param
	for _, name := range parameters {
		if v := s.Query.Get(name); v != "" && !strings.Contains(" "+own+" ", " "+name+" ") {
			list = append(list, Param{Name: name, Value: v})
		}
	}
	return list
}

// parameters are those of a page that stay with the reader.
var parameters = append([]string{"lang", "zone", "known", "since", "at"}, filters...)

// filters are those of the timeline.
var filters = []string{
	"q", "type", "standing", "entity", "actor", "party", "place", "source", "min_grade", "from", "to", "order", "dir", "limit",
}

// Filters lists the filters that are set, each with the address without it.
func (s Story) Filters() []Param {
	var list []Param
	for _, name := range append([]string{"fact", "at"}, filters...) {
		if v := s.Query.Get(name); v != "" && name != "limit" {
			list = append(list, Param{Name: name, Value: v, Without: s.With(name, "")})
		}
	}
	return list
}
