package ingest

import (
	"bytes"
	"cmp"
	"errors"
	"strings"

	"github.com/summit-timeline/summit/events"
)

// document is a feed in any format, as it was written.
type document struct {
	title  words
	self   string // where it says that it is
	home   string // the page it is the feed of
	was    string // the identity that ids were made from before the address counted
	items  []entry
	gone   []tombstone
	bySelf bool // whether links are seen from the feed itself, rather than from its page
	// versions reports whether an id that stands again is another version of one item.
	versions bool
}

// entry is an item of a feed.
type entry struct {
	id, link                string // link is resolved; "" where there is none
	was                     string // its key before links were resolved
	title, summary, content words
	authors                 []string
	wasAuthors              int // how many of them were read before
	published, updated      string
	date                    string // the one that is its time
	from                    origin
	told                    *told
}

// origin is where an item says that the feed has it from.
type origin struct{ name, url string }

// tombstone reports whether an item was withdrawn (RFC 6721).
type tombstone struct {
	ref, when, comment string
}

// told is a fact that a feed of a Summit tells, as that Summit has it.
type told struct {
	Headline string         `json:"headline"`
	Text     string         `json:"text"`
	Note     string         `json:"note"`
	Time     events.Instant `json:"time"`
	When     *events.Moment `json:"when"`
	Where    *events.Place  `json:"where"`
	Sources  events.Sources `json:"sources"`
	Retracts string         `json:"retracts"` // the fact whose retraction this is
}

var errNoFeed = errors.New("it is neither RSS, Atom nor JSON Feed")

// parse reads a feed in any format. Links are seen from where the feed was
// read, unless it says better.
func parse(b []byte, mediaType, address string) (document, error) {
	b, err := decodeText(b, mediaType)
	if err != nil {
		return document{}, err
	}
	if b = bytes.TrimSpace(b); bytes.HasPrefix(b, []byte("{")) {
		return parseJSON(b, address)
	}
	root, err := parseXML(b)
	if err != nil {
		return document{}, err
	}
	switch strings.ToLower(root.name.Local) {
	case "feed":
		return atomDocument(root, address), nil
	case "rss", "rdf":
		return rssDocument(root, address), nil
	}
	return document{}, errNoFeed
}

// base is what links without an xml:base are seen from.
func (d document) base(address string) string {
	if d.bySelf {
		return cmp.Or(absolute(d.self), absolute(d.home), address)
	}
	return cmp.Or(absolute(d.home), absolute(d.self), address)
}

func absolute(link string) string { return webURL(link) }

// linkFrom resolves the first link there is.
func linkFrom(base, scope string, links ...string) string {
	return resolve(cmp.Or(links...), cmp.Or(resolve(scope, base), base))
}
