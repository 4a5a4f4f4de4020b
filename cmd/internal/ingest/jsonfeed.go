package ingest

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// loose is a text where others write a number.
type loose string

// UnmarshalJSON takes texts as they are, numbers and booleans as they are
// written, and nothing else.
func (l *loose) UnmarshalJSON(b []byte) error {
	switch v := jsontext.Value(b); v.Kind() {
	case '"':
		text, err := jsontext.AppendUnquote(nil, b)
		*l = loose(text)
		return err //nolint:wrapcheck // the decoder names the place
	case '0', 't', 'f':
		*l = loose(b)
	}
	return nil
}

type jsonAuthor struct {
	Name loose `json:"name"`
}

// UnmarshalJSON takes a name alone too.
func (a *jsonAuthor) UnmarshalJSON(b []byte) error {
	var object struct {
		Name loose `json:"name"`
	}
	if jsontext.Value(b).Kind() != '{' {
		return a.Name.UnmarshalJSON(b)
	}
	if err := json.Unmarshal(b, &object); err != nil {
		return err //nolint:wrapcheck // the decoder names the place
	}
	a.Name = object.Name
	return nil
}

type jsonItem struct {
	ID            loose        `json:"id"`
	URL           loose        `json:"url"`
	ExternalURL   loose        `json:"external_url"`
	Title         loose        `json:"title"`
	Summary       loose        `json:"summary"`
	ContentHTML   loose        `json:"content_html"`
	ContentText   loose        `json:"content_text"`
	DatePublished loose        `json:"date_published"`
	DateModified  loose        `json:"date_modified"`
	Author        jsonAuthor   `json:"author"`
	Authors       []jsonAuthor `json:"authors"`
}

type jsonFeed struct {
	Version     loose      `json:"version"`
	Title       loose      `json:"title"`
	HomePageURL loose      `json:"home_page_url"`
	FeedURL     loose      `json:"feed_url"`
	Items       []jsonItem `json:"items"`
}

// parseJSON reads JSON Feed 1.0 and 1.1. HTML is allowed in content_html alone.
func parseJSON(b []byte, address string) (document, error) {
	var f jsonFeed
	if err := json.Unmarshal(b, &f, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return document{}, fmt.Errorf("read its JSON: %w", err)
	}
	if f.Version == "" && f.Items == nil {
		return document{}, errNoFeed
	}
	d := document{title: words{string(f.Title), false}, bySelf: true, was: string(cmp.Or(f.FeedURL, f.HomePageURL))}
	d.self, d.home = resolve(string(f.FeedURL), address), resolve(string(f.HomePageURL), address)
	for _, i := range f.Items {
		d.items = append(d.items, i.entry(d.base(address)))
	}
	return d, nil
}

func (i jsonItem) entry(base string) entry {
	it := entry{
		id: string(i.ID), was: string(cmp.Or(i.ID, i.URL)), link: resolve(string(cmp.Or(i.URL, i.ExternalURL)), base),
		title: words{string(i.Title), false}, summary: words{string(i.Summary), false}, content: words{string(i.ContentText), false},
		published: string(i.DatePublished), date: string(i.DatePublished), updated: string(i.DateModified),
	}
	if i.ContentHTML != "" {
		it.content = words{string(i.ContentHTML), true}
	}
	authors := i.Authors
	if authors == nil {
		authors = []jsonAuthor{i.Author}
	}
	for _, a := range authors {
		if name := line(personName(string(a.Name))); strings.TrimSpace(name) != "" {
			it.authors = append(it.authors, name)
		}
	}
	it.wasAuthors = len(it.authors)
	return it
}
