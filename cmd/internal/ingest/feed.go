package ingest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"
	"github.com/mmcdole/gofeed/rss"

	"github.com/summit-timeline/summit/events"
)

// Feed is RSS, Atom and JSON Feed. Each item is a note.
var Feed = Kind{Name: "feed", Short: "the items of a feed, RSS, Atom or JSON Feed, as notes", Read: readFeed}

// The most characters an event takes of each.
const (
	maxHeadline = 300
	maxText     = 4000
	maxName     = 200
)

func readFeed(ctx context.Context, from Fetcher, what Ask) (Reading, error) {
	b, err := from.Fetch(ctx, what.From)
	if err != nil {
		return Reading{}, err
	}
	parser := gofeed.NewParser()
	parser.KeepOriginalFeed = true
	feed, err := parser.Parse(bytes.NewReader(b))
	if err != nil {
		return Reading{}, fmt.Errorf("%s is no feed that can be read (RSS, Atom, JSON Feed): %w", what.From, err)
	}
	r := Reading{Identity: cmp.Or(what.Identity, feed.FeedLink, feed.Link)}
	if r.Identity == "" && strings.Contains(what.From, "://") {
		r.Identity = what.From
	}
	if r.Identity == "" {
		return Reading{}, errors.New("the feed does not say where it is at home, and from a file alone nobody can tell: say what it is with --identity URL")
	}
	home, _ := url.Parse(cmp.Or(feed.Link, r.Identity)) // what is no URL has no host, and gives no name
	r.Name, _ = cut(line(plain(cmp.Or(feed.Title, hostOf(home), r.Identity))), maxName)
	origins := originsOf(feed)
	seen := map[string]bool{}
	for i, item := range feed.Items {
		fact, err := factOf(r, item, origins[i])
		switch {
		case err != nil:
			r.Skipped = append(r.Skipped, Skipped{cmp.Or(fact.Key, "item "+strconv.Itoa(i+1)), err.Error()})
		case seen[fact.Key]:
			r.Skipped = append(r.Skipped, Skipped{fact.Key, "stands in the feed again, further down"})
		default:
			seen[fact.Key] = true
			r.Facts = append(r.Facts, fact)
		}
	}
	slices.Reverse(r.Facts) // feeds begin with the newest
	return r, nil
}

func hostOf(u *url.URL) string {
	if u == nil {
		return ""
	}
	return u.Hostname()
}

// origin is where an item says that the feed has it from.
type origin struct{ name, url string }

// originsOf are the origins of the items of a feed, in their order.
func originsOf(feed *gofeed.Feed) []origin {
	list := make([]origin, len(feed.Items))
	switch original := feed.OriginalFeed().(type) {
	case *rss.Feed:
		for i, item := range original.Items {
			if s := item.Source; s != nil && i < len(list) {
				list[i] = origin{line(s.Title), s.URL}
			}
		}
	case *atom.Feed:
		for i, e := range original.Entries {
			if s := e.Source; s != nil && i < len(list) {
				list[i] = origin{line(plain(s.Title)), s.ID}
			}
		}
	}
	return list
}

// factOf makes a note of an item. Its time is when it was published, where the
// feed says so with a zone.
func factOf(r Reading, item *gofeed.Item, from origin) (Fact, error) {
	f := Fact{Key: line(cmp.Or(item.GUID, item.Link)), Type: events.TypeNoteAdded}
	if f.Key == "" {
		return f, errors.New("has neither a guid nor a link: nobody can tell it from another")
	}
	title, body := line(plain(item.Title)), plain(cmp.Or(item.Description, item.Content))
	body = cmp.Or(body, title)
	if body == "" {
		return f, errors.New("says nothing: it has neither a title nor a text")
	}
	note := &events.NoteAdded{}
	var remarks []string
	if names := authors(item); names != "" {
		remarks = append(remarks, "By "+names+".")
	}
	f.Time, remarks = published(item.Published, remarks)
	f.Changed, _ = published(item.Updated, nil)
	note.Headline, _ = cut(title, maxHeadline)
	var short bool
	if note.Text, short = cut(body, maxText); short {
		remarks = append(remarks, fmt.Sprintf("The text is cut: the item has %d characters.", utf8.RuneCountInString(body)))
	}
	note.Note, _ = cut(strings.Join(remarks, " "), maxText)
	note.Sources = sourcesOf(r, item, from, f.Time)
	f.Data = note
	id := identify(r.Identity, f.Key)
	f.Subject = events.Entity{Kind: events.KindNote, ID: strings.TrimPrefix(slug(readable(f.Key), 40)+"-", "-") + id.String()[:8]}
	return f, nil
}

func authors(item *gofeed.Item) string {
	var names []string
	for _, a := range item.Authors {
		if name := line(plain(cmp.Or(a.Name, a.Email))); name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// published reads a date, and remarks on one that cannot be read.
func published(s string, remarks []string) (events.Instant, []string) {
	if s == "" {
		return events.Instant{}, remarks
	}
	t, err := date(line(s))
	if err != nil {
		return events.Instant{}, append(remarks, "When it was published is not known: "+err.Error()+".")
	}
	return t, remarks
}

// sourcesOf says on whose word: the feed's own, or that of the origin that the
// item names, via the feed.
func sourcesOf(r Reading, item *gofeed.Item, from origin, at events.Instant) events.Sources {
	outlet := events.Source{ID: "feed", Name: r.Name, Kind: "outlet", Role: "originator", URL: webURL(item.Link), Published: at}
	if from.name == "" || strings.EqualFold(from.name, r.Name) {
		return events.Sources{outlet}
	}
	name, _ := cut(from.name, maxName)
	outlet.Role, outlet.Via = "relay", []string{"origin"}
	return events.Sources{{ID: "origin", Name: name, Kind: "outlet", Role: "originator", URL: webURL(from.url)}, outlet}
}

// webURL is a link where it is one that an event takes, else "".
func webURL(s string) string {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || utf8.RuneCountInString(s) > 2000 || line(s) != s {
		return ""
	}
	return s
}

// readable is the part of a key that people know: the end of a path.
func readable(key string) string {
	u, err := url.Parse(key)
	if err != nil || u.Path == "" || u.Path == "/" {
		return key
	}
	return path.Base(u.Path)
}
