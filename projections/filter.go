package projections

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/posting"
	"github.com/summit-timeline/summit/projections/internal/read"
)

// filter decides which items fit a query: by the row's header if that is
// enough, else by the item itself.
type filter struct {
	q       Query
	present time.Time
	tell    *read.Teller
	words   []string // and phrases, as [events.NameKey] has them
	deep    bool

	seen   int // candidates so far
	opened int // those of which the item itself was read
}

// headersFor is how many headers are looked at for the work of one item.
const headersFor = 8

// spent reports whether so much was looked at that the page ends.
func (f *filter) spent() bool { return f.opened+f.seen/headersFor >= f.q.Looks }

func (q Query) filter(present time.Time, tell *read.Teller) *filter {
	return &filter{
		q: q, present: present, tell: tell, words: sought(q.Text),
		deep: q.Actor != "" || q.Party != "" || q.Place != "" || q.Source != "" || q.Text != "" ||
			!q.From.IsZero() || !q.To.IsZero(),
	}
}

func (f *filter) fits(row item.Row) (bool, error) {
	if row.Hidden() || !f.fitsHeader(row) {
		return false, nil
	}
	if !f.deep {
		return true, nil
	}
	f.opened++
	it, err := row.Item()
	if err != nil {
		return false, err
	}
	return f.fitsItem(row, it)
}

// sought returns the words of a search, and its phrases: what stands between quotes.
func sought(text string) []string {
	var list []string
	for i, part := range strings.Split(text, `"`) {
		words := strings.Fields(events.NameKey(part))
		if i%2 == 1 {
			words = []string{strings.Join(words, " ")}
		}
		for _, w := range words {
			if w != "" {
				list = append(list, w)
			}
		}
	}
	return list
}

func (f *filter) fitsHeader(row item.Row) bool {
	if len(f.q.Types) > 0 && !typeFits(f.q.Types, row.Type) {
		return false
	}
	if f.q.Entity != "" && f.q.Recorded && !isOf(row, f.q.Entity) {
		return false
	}
	if f.q.Standing != "" && row.Standing(f.present) != f.q.Standing {
		return false
	}
	if f.q.MinGrade == nil {
		return true
	}
	g, err := events.ParseGrade(string(row.Grade))
	return err == nil && g.AtLeast(*f.q.MinGrade)
}

func isOf(row item.Row, entity string) bool {
	name, err := item.EntityIn(row.Core)
	return err == nil && string(name) == entity
}

// typeFits reports whether a type is in a list of names and patterns.
func typeFits(patterns []string, typ string) bool {
	for _, p := range patterns {
		if p == typ || (strings.HasSuffix(p, ".*") && strings.HasPrefix(typ, p[:len(p)-1])) {
			return true
		}
	}
	return false
}

func (f *filter) fitsItem(row item.Row, it *item.Item) (bool, error) {
	q := f.q
	if (!q.From.IsZero() || !q.To.IsZero()) && !q.overlaps(it.Moment()) {
		return false, nil
	}
	if q.Source != "" && !sourceFits(it, q.Source) {
		return false, nil
	}
	if q.Place == "" && q.Actor == "" && q.Party == "" && q.Text == "" {
		return true, nil
	}
	facets, err := f.facetsOf(row, it)
	return err == nil && f.fitsFacets(facets), err
}

func (f *filter) fitsFacets(facets facets) bool {
	q := f.q
	return (q.Actor == "" || facets.has(facets.actors, q.Actor)) &&
		(q.Party == "" || slices.Contains(facets.parties, strings.ToLower(q.Party))) &&
		(q.Place == "" || facets.has(facets.places, q.Place)) &&
		facets.holds(f.words)
}

func sourceFits(it *item.Item, want string) bool {
	want = events.NameKey(want)
	for _, s := range it.Data.Base().Sources {
		if events.NameKey(s.Name) == want || strings.Contains(events.NameKey(s.Name), want) {
			return true
		}
	}
	for _, v := range it.Corroborators {
		if strings.Contains(events.NameKey(v), want) {
			return true
		}
	}
	return false
}

// facets are the words of an item by which it is found.
type facets struct {
	actors, parties, places []string
	text                    string
}

// facetData are the members of all types of data that name somebody or
// somewhere, or say something.
type facetData struct {
	Actor        string          `json:"actor"`
	Speaker      string          `json:"speaker"`
	With         []string        `json:"with"`
	Name         string          `json:"name"`
	Title        string          `json:"title"`
	Operator     string          `json:"operator"`
	Participants []string        `json:"participants"`
	Members      []string        `json:"members"`
	Parties      []string        `json:"parties"`
	By           []string        `json:"by"`
	On           []string        `json:"on"`
	Party        string          `json:"party"`
	Where        *events.Place   `json:"where"`
	Place        *events.Place   `json:"place"`
	Places       []*events.Place `json:"places"`
	From         *events.Place   `json:"from"`
	To           *events.Place   `json:"to"`
	Note         string          `json:"note"`
	Detail       string          `json:"detail"`
	Text         string          `json:"text"`
	Quote        string          `json:"quote"`
}

func (f *filter) facetsOf(row item.Row, it *item.Item) (facets, error) {
	raw, err := events.EncodeData(it.Data)
	if err != nil {
		return facets{}, err
	}
	var d facetData
	if err := json.Unmarshal(raw, &d); err != nil {
		return facets{}, fmt.Errorf("read the facets of %s: %w", it.ID, err)
	}
	found := facets{
		actors:  slices.Concat([]string{d.Actor, d.Speaker, d.Operator}, d.With, d.Participants, d.Members, d.By, d.On),
		parties: []string{d.Party},
	}
	switch it.Entity.Kind {
	case events.KindPerson:
		found.actors = append(found.actors, d.Name, it.Entity.ID)
	case events.KindDelegation:
		found.parties = append(found.parties, it.Entity.ID)
	case events.KindSite:
		found.places = append(found.places, d.Name, it.Entity.ID)
	}
	for _, p := range append([]*events.Place{d.Where, d.Place, d.From, d.To}, d.Places...) {
		if p != nil {
			found.places = append(found.places, p.Name, p.ICAO)
		}
	}
	if len(f.words) == 0 {
		return found, nil
	}
	said := []string{d.Name, d.Title, d.Note, d.Detail, d.Text, d.Quote}
	for _, s := range it.Data.Base().Sources {
		said = append(said, s.Name)
	}
	headline, err := f.wordsOf(row)
	found.text = events.NameKey(strings.Join(slices.Concat(headline, said, found.actors, found.places, d.Parties, it.Corroborators), "\n"))
	return found, err
}

// wordsOf returns the words of a headline: all of one that was given, and the names in a
// generated one.
func (f *filter) wordsOf(row item.Row) ([]string, error) {
	if words := row.Words(f.tell.Called); words != nil {
		return words, nil
	}
	headline, err := f.tell.Headline(row)
	return []string{headline}, err
}

// has reports whether one of the names holds the one that is looked for, whatever
// the case.
func (facets) has(names []string, want string) bool {
	want = events.NameKey(want)
	for _, n := range names {
		if n != "" && strings.Contains(events.NameKey(n), want) {
			return true
		}
	}
	return false
}

func (f facets) holds(words []string) bool {
	for _, w := range words {
		if !strings.Contains(f.text, w) {
			return false
		}
	}
	return true
}

// byWindow goes through the items whose interval may meet the window. Those
// with two ends stand at most one reach outside it; those with an open end are
// in a list of their own. Items with no time at all are in no window.
func (r *reader) byWindow(q Query, start *posting.Place, at item.EventRow) iter.Seq2[posting.Place, error] {
	known, within := q.Reading.Seq, &at.Span
	near := posting.Walk{List: item.ListTimed, Known: known, From: start, Desc: q.Desc, Within: within}
	first, end := edge(q.From, -at.Reach), edge(q.To, at.Reach+1)
	if q.Desc {
		first, end = end, first
	}
	if first != nil && (near.From == nil || posting.Less(*near.From, *first) != q.Desc) {
		near.From = first
	}
	near.To = end
	open := posting.Walk{List: item.ListOpen, Known: known, From: start, Desc: q.Desc, Within: within}
	return items(posting.Union(r.Tx, near, open))
}

func edge(t time.Time, by int64) *posting.Place {
	if t.IsZero() {
		return nil
	}
	key := t.UnixNano()
	switch {
	case by > 0 && key > math.MaxInt64-by:
		key = math.MaxInt64
	case by < 0 && key < math.MinInt64-by:
		key = math.MinInt64
	default:
		key += by
	}
	return &posting.Place{Key: key}
}

// overlaps reports whether a moment's interval [earliest, latest] meets the
// half-open window of the query.
func (q Query) overlaps(m events.Moment) bool {
	if _, timed := m.Key(); !timed {
		return false
	}
	earliest, latest, a, b := m.Bounds()
	if !q.To.IsZero() && a && !earliest.Before(q.To) {
		return false
	}
	return q.From.IsZero() || !b || !latest.Before(q.From)
}
