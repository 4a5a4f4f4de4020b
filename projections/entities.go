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

// Entities lists who and what is known, the best match first: a name that is the same,
// then one that begins so, then one of which a word begins so; among those, what
// most facts are about.
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
	var found []match
	n := 0
	for k, v := range r.Tx.Scan(item.TableEntities, within) {
		if n++; n%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		row, err := item.DecodeEntityRow(v)
		if err != nil {
			return nil, fmt.Errorf("read the entity %s: %w", k, err)
		}
		m := match{entity: string(k), row: row}
		if m.rank = rankOf(q.Text, m); m.rank > 0 && !strings.HasPrefix(m.entity, string(events.KindSummit)+"/") {
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

// How well a name fits what is looked for.
const (
	noMatch = iota
	wordMatch
	prefixMatch
	sameMatch
)

// rankOf returns how well the names of an entity fit a text.
func rankOf(text string, m match) int {
	want := events.NameKey(strings.TrimSpace(text))
	_, id, _ := strings.Cut(m.entity, "/")
	rank := noMatch
	for _, name := range append([]string{id, m.entity, m.row.Called()}, m.row.Names...) {
		rank = max(rank, rankOfName(want, events.NameKey(name)))
	}
	return rank
}

// rankOfName compares a name with what is looked for, both as [events.NameKey] has them.
func rankOfName(want, name string) int {
	switch {
	case name == want && want != "":
		return sameMatch
	case strings.HasPrefix(name, want):
		return prefixMatch
	}
	for i := range name {
		if i > 0 && !letter(name[:i]) && strings.HasPrefix(name[i:], want) {
			return wordMatch
		}
	}
	return noMatch
}

// letter reports whether a text ends within a word.
func letter(before string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	return unicode.IsLetter(last) || unicode.IsDigit(last)
}
