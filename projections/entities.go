package projections

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/store/viewdb"
)

// EntitiesQuery asks who and what is known.
type EntitiesQuery struct {
	Text  string // what a name begins with, at the beginning of a word of it; "" is all
	Kind  events.Kind
	Limit int // 0 is DefaultEntities
}

// The limits of a list of entities.
const (
	DefaultEntities = 20
	MaxEntities     = 500
)

// NamedEntity is somebody or something that facts are about.
type NamedEntity struct {
	Entity string    `json:"entity"`
	Name   string    `json:"name"`
	Names  []string  `json:"names"` // every name that facts gave it, and its id
	Facts  int       `json:"facts"`
	Last   time.Time `json:"last"` // when the last event about it became known
}

// Entities lists who and what is known, the best match first: a name that is the same, in
// whatever script and romanization, then one that begins so, then one of which
// a word begins so; among those, what most facts are about.
func (e *Engine) Entities(ctx context.Context, q EntitiesQuery) ([]NamedEntity, Stamp, error) {
	if q.Limit <= 0 {
		q.Limit = DefaultEntities
	}
	var list []NamedEntity
	var stamp Stamp
	err := e.view(func(r *reader) (err error) {
		stamp = r.Stamp(AsOf{Seq: r.Head.Seq})
		list, err = r.entities(ctx, q)
		return err
	})
	return list, stamp, err
}

// match is an entity that fits, and how well.
type match struct {
	entity string
	row    item.EntityRow
	rank   int
}

func (r *reader) entities(ctx context.Context, q EntitiesQuery) ([]NamedEntity, error) {
	within := viewdb.Range{}
	if q.Kind != "" {
		within = viewdb.Range{From: []byte(string(q.Kind) + "/"), To: []byte(string(q.Kind) + "0")} // '0' follows '/'
	}
	want := keyOf(q.Text)
	var found []match
	n := -1
	for k, v := range r.Tx.Scan(item.TableEntities, within) {
		if n++; n%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		row, err := item.DecodeEntityRow(v)
		if err != nil {
			return nil, fmt.Errorf("read the entity %s: %w", k, err)
		}
		m := match{entity: string(k), row: row}
		if m.rank = r.rank(want, m); m.rank > 0 && !strings.HasPrefix(m.entity, string(events.KindSummit)+"/") {
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(a, b match) int {
		return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(b.row.Facts, a.row.Facts), cmp.Compare(a.entity, b.entity))
	})
	list := []NamedEntity{}
	for _, m := range found[:min(len(found), q.Limit)] {
		named, err := r.named(m)
		if err != nil {
			return nil, err
		}
		list = append(list, named)
	}
	return list, nil
}

func (r *reader) named(m match) (NamedEntity, error) {
	_, id, _ := strings.Cut(m.entity, "/")
	last, err := item.ReadEvent(r.Tx, m.row.Last)
	if err != nil {
		return NamedEntity{}, err
	}
	names := slices.Clone(m.row.Names)
	if !slices.Contains(names, id) {
		names = append(names, id)
	}
	return NamedEntity{
		Entity: m.entity, Name: cmp.Or(m.row.Called(), id), Names: names, Facts: int(m.row.Facts), Last: time.Unix(0, last.Known).UTC(),
	}, nil
}

// How well a name fits what is looked for: as it is written, or in another spelling.
const (
	noMatch = iota
	wordSpelled
	prefixSpelled
	wordMatch
	prefixMatch
	sameSpelled
	sameMatch
)

// rank returns how well the names of an entity fit what is looked for.
func (r *reader) rank(want nameKey, m match) int {
	_, id, _ := strings.Cut(m.entity, "/")
	best := noMatch
	for i, name := range append([]string{m.entity, id, m.row.Called()}, m.row.Names...) {
		key := r.keys.of(name)
		best = max(best, [...]int{noMatch, wordMatch, prefixMatch, sameMatch}[partOf(key.written, want.written)])
		if i == 0 || want.spelling == "" { // the whole entity has no other spelling
			continue
		}
		if key.joined == want.joined {
			best = max(best, sameSpelled)
		}
		best = max(best, [...]int{noMatch, wordSpelled, prefixSpelled, sameSpelled}[partOf(key.spelling, want.spelling)])
	}
	return best
}

// part is what of a name a text is.
type part int

const (
	noneOf part = iota
	wordOf
	beginningOf
	allOf
)

// partOf returns what of a name a text is: all of it, its beginning, or that of one of its
// words.
func partOf(name, text string) part {
	switch {
	case name == text && text != "":
		return allOf
	case strings.HasPrefix(name, text):
		return beginningOf
	}
	for i := range name {
		if i > 0 && !letter(name[:i]) && strings.HasPrefix(name[i:], text) {
			return wordOf
		}
	}
	return noneOf
}

// letter reports whether a text ends within a word.
func letter(before string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	return unicode.IsLetter(last) || unicode.IsDigit(last)
}
