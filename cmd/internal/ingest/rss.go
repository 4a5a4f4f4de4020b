package ingest

import (
	"cmp"
	"net/mail"
	"regexp"
	"strings"
)

// The names of namespaces: the address, and the prefix of those who forget to
// declare it.
var (
	atomSpaces    = []string{"http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#", "atom", "atom10", "atom03", "a10"}
	dcSpaces      = []string{"http://purl.org/dc/elements/1.1/", "dc"}
	contentSpaces = []string{"http://purl.org/rss/1.0/modules/content/", "content"}
	itunesSpaces  = []string{"http://www.itunes.com/dtds/podcast-1.0.dtd", "http://www.itunes.com/DTDs/PodCast-1.0.dtd", "itunes"}
	rssSpaces     = []string{
		"", "rss", "rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://purl.org/rss/1.0/",
		"http://channel.netscape.com/rdf/simple/0.9/", "http://my.netscape.com/rdf/simple/0.9/", "http://backend.userland.com/rss2",
	}
)

// rssDocument reads RSS of any version: 0.90 to 0.94 and 2.0, and 1.0, whose
// items stand beside the channel.
func rssDocument(root *element, address string) document {
	native := rssSpaces
	if space := strings.TrimSpace(root.name.Space); !isOneOf(space, native) {
		native = append([]string{space}, native...)
	}
	channel := root.last(native, "channel")
	d := document{title: words{cmp.Or(channel.last(native, "title").markup(), channel.first(dcSpaces, "title").text()), true}}
	self := ""
	for _, l := range channel.all(atomSpaces, "link") {
		if strings.EqualFold(l.attr("rel"), "self") {
			self = l.attr("href")
		}
	}
	home := cmp.Or(rssLink(channel, native), atomLink(channel, "alternate").attr("href"))
	d.was = cmp.Or(self, home)
	d.self, d.home = resolve(self, address), resolve(home, address)
	for _, items := range [][]*element{channel.all(native, "item"), root.all(native, "item")} {
		for _, item := range items {
			d.items = append(d.items, rssEntry(item, native, d.base(address)))
		}
	}
	return d
}

func rssLink(e *element, native []string) string {
	l := e.last(native, "link")
	return resolve(cmp.Or(l.text(), l.attr("href")), l.base)
}

func rssEntry(e *element, native []string, base string) entry {
	guid := e.last(native, "guid")
	link := rssLink(e, native)
	it := entry{
		id: guid.text(), was: cmp.Or(guid.text(), link),
		title:     words{cmp.Or(e.last(native, "title").markup(), e.first(dcSpaces, "title").text()), true},
		summary:   words{rssSummary(e, native), true},
		content:   words{cmp.Or(e.last(contentSpaces, "encoded").markup(), e.first(atomSpaces, "content").text()), true},
		published: cmp.Or(e.last(native, "pubDate").text(), e.first(dcSpaces, "date").text(), e.first(atomSpaces, "published").text()),
		updated:   cmp.Or(e.first(dcSpaces, "date").text(), e.first(atomSpaces, "updated").text()),
		authors:   rssAuthors(e, native), wasAuthors: 1,
	}
	it.date = it.published
	it.link = linkFrom(base, e.base, link, atomLink(e, "alternate").attr("href"), permalink(guid))
	if s := e.last(native, "source"); s.text() != "" {
		it.from = origin{words{s.markup(), true}.line(), linkFrom(base, s.base, s.attr("url"))}
	}
	return it
}

func rssSummary(e *element, native []string) string {
	return cmp.Or(e.last(native, "description").markup(), e.first(dcSpaces, "description").text(),
		e.first(itunesSpaces, "summary").text(), e.first(atomSpaces, "summary").text())
}

// permalink is a guid if it is the address of the item, which it is unless
// it says otherwise.
func permalink(guid *element) string {
	says := strings.ToLower(guid.attr("isPermaLink"))
	text := guid.text()
	switch {
	case says == "false":
		return ""
	case strings.HasPrefix(text, "http://"), strings.HasPrefix(text, "https://"), says == "true" && strings.HasPrefix(text, "/"):
		return text
	}
	return ""
}

// rssAuthors are the authors of an item: of the first element that names any.
func rssAuthors(e *element, native []string) []string {
	for _, list := range [][]*element{
		e.all(native, "author"), e.all(dcSpaces, "author"), e.all(dcSpaces, "creator"), e.all(itunesSpaces, "author"), e.all(atomSpaces, "author"),
	} {
		var names []string
		for _, a := range list {
			name := cmp.Or(a.first(atomSpaces, "name").text(), a.first(atomSpaces, "email").text(), personName(a.text()))
			if name = line(name); name != "" {
				names = append(names, name)
			}
		}
		if len(names) > 0 {
			return names
		}
	}
	return nil
}

// addressed is what RSS asks for, an address and the name in brackets, and the
// same the other way round.
var addressed = regexp.MustCompile(`^(?:[^@\s]+@\S+\s+\(([^@]+)\)|([^@]+?)\s+\([^@()\s]+@[^)\s]+\))$`)

// personName is the name in the text of an author; the text itself where it
// holds none.
func personName(s string) string {
	s = words{strings.TrimSpace(s), true}.line()
	if m := addressed.FindStringSubmatch(s); m != nil {
		return m[1] + m[2]
	}
	if a, err := mail.ParseAddress(s); err == nil && a.Name != "" {
		return a.Name
	}
	return s
}
