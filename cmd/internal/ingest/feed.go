package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/summit-timeline/summit/events"
)

// Feed is RSS, Atom and JSON Feed. Each item is a note.
var Feed = Kind{Name: "feed", Short: "the items of a feed, RSS, Atom or JSON Feed, as notes", Read: readFeed}

// The most characters an event takes of each.
const (
	maxHeadline = 300
	maxText     = 4000
	maxName     = 200
	maxReason   = 1000
)

var errHomeless = errors.New("the feed does not name its own address: name it with --identity URL")

func readFeed(ctx context.Context, from Fetcher, what Request) (Reading, error) {
	page, err := from.Fetch(ctx, what.From)
	if err != nil {
		return Reading{}, err
	}
	return makeReading(page, what)
}

func makeReading(page Page, what Request) (Reading, error) {
	feed, err := parse(page.Body, page.MediaType, page.Address)
	if err != nil {
		return Reading{}, fmt.Errorf("%s is not a feed that can be read (RSS, Atom, JSON Feed): %w", Shown(what.From), err)
	}
	r := Reading{Mark: page.Mark}
	if r.Identity, r.Was = identities(feed, what); r.Identity == "" {
		return Reading{}, errHomeless
	}
	r.Name, _ = cut(cmp.Or(feed.title.line(), hostOf(cmp.Or(feed.home, r.Identity)), r.Identity), maxName)
	for i, it := range feed.items {
		r.take(it, i, what.From)
	}
	r.setApart(feed.versions)
	slices.Reverse(r.Facts) // feeds begin with the newest
	r.bury(feed.gone)
	return r, nil
}

// identities are what ids are made from: the address that is read, which no
// other feed has; for a file, the one that it says it has. The others are those
// that ids were made from before the address was, and another file of the same
// feed may bear.
func identities(feed document, what Request) (identity string, was []string) {
	if what.Identity != "" {
		return what.Identity, nil
	}
	if strings.Contains(what.From, "://") && !strings.HasPrefix(what.From, "file:") {
		identity = withoutSecrets(what.From)
		was = []string{cmp.Or(feed.was, what.From), otherScheme(identity)}
	} else {
		identity, was = feed.was, []string{feed.home}
	}
	return identity, slices.DeleteFunc(was, func(s string) bool { return s == "" || s == identity })
}

// take adds an item, or says why it cannot be told.
func (r *Reading) take(it entry, at int, address string) {
	if it.told != nil && it.told.Retracts != "" {
		return // its tombstone says so
	}
	it.link = webURL(public(it.link, address))
	it.from.url = webURL(public(it.from.url, address))
	it.id = public(it.id, address)
	fact, err := factOf(*r, it)
	if err != nil {
		r.Skipped = append(r.Skipped, Skipped{cmp.Or(fact.Key, "item "+strconv.Itoa(at+1)), err.Error()})
		return
	}
	r.Facts = append(r.Facts, fact)
}

// factOf makes a note of an item. Its time is when it was published, where the
// feed says so with a zone.
func factOf(r Reading, it entry) (Fact, error) {
	f := Fact{Key: key(cmp.Or(it.id, it.link)), Was: key(it.was), Type: events.TypeNoteAdded}
	if f.Key == "" {
		return f, errors.New("has neither a guid nor a link to identify it")
	}
	id := identify(r.Identity, f.Key)
	f.Subject = events.Entity{Kind: events.KindNote, ID: strings.TrimPrefix(slug(readable(f.Key), 40)+"-", "-") + id.String()[:8]}
	f.Apart, f.Date, f.Fixed = key(it.title.plain())+"\n"+key(it.published), key(it.date), it.published != ""
	f.Changed, _ = published(it.updated)
	f.Before = before(it)
	note := f.describe(r, it)
	if note == nil || note.Text == "" {
		return f, errors.New("is empty: it has neither a title nor a text")
	}
	f.Data = note
	return f, nil
}

// describe sets the time of a fact and makes its note, or nil if it says
// nothing.
func (f *Fact) describe(r Reading, it entry) *events.NoteAdded {
	if it.told != nil {
		f.Time = it.told.Time
		return it.told.note()
	}
	var undated string
	f.Time, undated = published(f.Date)
	note := noteOf(it.title.line(), cmp.Or(it.summary.plain(), it.content.plain()), it.authors, undated)
	if note != nil {
		note.Sources = sourcesOf(r, it, f.Time)
	}
	return note
}

// noteOf makes a note of the words of an item, or nil if there are none.
func noteOf(title, body string, authors []string, undated string) *events.NoteAdded {
	if body = cmp.Or(body, title); body == "" {
		return nil
	}
	note := &events.NoteAdded{}
	var remarks []string
	if names := strings.Join(authors, ", "); names != "" {
		remarks = append(remarks, "By "+names+".")
	}
	if undated != "" {
		remarks = append(remarks, undated)
	}
	note.Headline, _ = cut(title, maxHeadline)
	var short bool
	if note.Text, short = cut(body, maxText); short {
		remarks = append(remarks, fmt.Sprintf("The text is cut: the item has %d characters.", utf8.RuneCountInString(body)))
	}
	note.Note, _ = cut(strings.Join(remarks, " "), maxText)
	return note
}

// note is the fact of another Summit as a note: its words, time and sources
// are those of that Summit.
func (t *told) note() *events.NoteAdded {
	headline, _ := cut(line(t.Headline), maxHeadline)
	note := &events.NoteAdded{Common: events.Common{Headline: headline, When: t.When, Where: t.Where, Sources: t.Sources}}
	note.Note, _ = cut(asWritten(t.Note), maxText)
	note.Text, _ = cut(cmp.Or(asWritten(t.Text), headline), maxText)
	return note
}

// published reads a date, and says why it cannot be read.
func published(s string) (at events.Instant, undated string) {
	if s = line(s); s == "" {
		return events.Instant{}, ""
	}
	at, err := date(s)
	if err != nil {
		return events.Instant{}, undatedMark + err.Error() + "."
	}
	return at, ""
}

// sourcesOf returns on whose word: the feed's own, or that of the origin that the
// item names, via the feed.
func sourcesOf(r Reading, it entry, at events.Instant) events.Sources {
	outlet := events.Source{ID: "feed", Name: r.Name, Kind: "outlet", Role: "originator", URL: it.link, Published: at}
	if it.from.name == "" || events.NameKey(it.from.name) == events.NameKey(r.Name) {
		return events.Sources{outlet}
	}
	name, _ := cut(it.from.name, maxName)
	outlet.Role, outlet.Via = "relay", []string{"origin"}
	return events.Sources{{ID: "origin", Name: name, Kind: "outlet", Role: "originator", URL: it.from.url}, outlet}
}
