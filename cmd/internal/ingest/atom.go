package ingest

import (
	"cmp"
	"strings"

	"github.com/go-json-experiment/json"
)

var (
	tombSpaces   = []string{"http://purl.org/atompub/tombstones/1.0", "at"}
	summitSpaces = []string{"https://summit-timeline.org/ns/fact/1", "summit"}
	nativeAtom   = append([]string{""}, atomSpaces...)
)

// atomDocument reads Atom 1.0 (RFC 4287) and 0.3, with tombstones (RFC 6721).
func atomDocument(root *element, address string) document {
	d := document{title: atomText(root.last(nativeAtom, "title")), bySelf: true, versions: true}
	self, home := atomLink(root, "self"), atomLink(root, "alternate")
	d.was = cmp.Or(resolve(self.attr("href"), self.base), resolve(home.attr("href"), home.base))
	d.self = linkFrom(address, self.base, self.attr("href"))
	d.home = linkFrom(address, home.base, home.attr("href"))
	base := d.base(address)
	for _, e := range root.all(nativeAtom, "entry") {
		d.items = append(d.items, atomEntry(e, base))
	}
	for _, e := range root.all(tombSpaces, "deleted-entry") {
		d.gone = append(d.gone, tombstone{ref: e.attr("ref"), when: e.attr("when"), comment: atomText(e.first(tombSpaces, "comment")).line()})
	}
	return d
}

func atomEntry(e *element, base string) entry {
	link := atomLink(e, "alternate")
	it := entry{
		id: atomID(e), title: atomText(e.last(nativeAtom, "title")),
		summary: atomText(e.last(nativeAtom, "summary")), content: atomText(e.last(nativeAtom, "content")),
		published: cmp.Or(e.last(nativeAtom, "published").text(), e.last(nativeAtom, "issued").text()),
		updated:   cmp.Or(e.last(nativeAtom, "updated").text(), e.last(nativeAtom, "modified").text()),
		authors:   atomAuthors(e),
		link:      linkFrom(base, link.base, link.attr("href")),
		told:      toldOf(e),
	}
	it.date = cmp.Or(it.published, it.updated)
	it.was = cmp.Or(it.id, resolve(link.attr("href"), link.base))
	it.wasAuthors = len(it.authors)
	if s := e.last(nativeAtom, "source"); len(s.nodes) > 0 {
		home := atomLink(s, "alternate")
		id := atomID(s)
		it.from = origin{atomText(s.last(nativeAtom, "title")).line(), cmp.Or(webURL(id), linkFrom(base, home.base, home.attr("href")))}
	}
	return it
}

// atomID is the id of a feed or an entry, an IRI as it stands.
func atomID(e *element) string {
	id := e.last(nativeAtom, "id")
	return resolve(id.text(), id.base)
}

// atomLink is the first link of a relation; one without any is an alternate.
func atomLink(e *element, rel string) *element {
	for _, l := range e.all(nativeAtom, "link") {
		if l.attr("href") != "" && strings.EqualFold(cmp.Or(l.attr("rel"), "alternate"), rel) {
			return l
		}
	}
	return &element{}
}

func atomAuthors(e *element) []string {
	var names []string
	for _, a := range e.all(nativeAtom, "author") {
		if name := line(cmp.Or(a.last(nativeAtom, "name").text(), a.last(nativeAtom, "email").text())); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// atomText reads a text by its type: text, html or xhtml; without one it is
// plain text. Of a media type, what is text is read.
func atomText(e *element) words {
	kind, _, _ := strings.Cut(strings.ToLower(e.attr("type")), ";")
	switch kind = strings.TrimSpace(kind); {
	case e.attr("mode") == "base64":
		return words{}
	case kind == "html", kind == "text/html":
		return words{e.markup(), true}
	case strings.Contains(kind, "xhtml"):
		return words{e.markup(), true}
	case kind == "", kind == "text", strings.HasPrefix(kind, "text/"), strings.HasSuffix(kind, "xml"):
		return words{e.text(), false}
	}
	return words{} // base64
}

// toldOf is the fact that an entry of a Summit's own feed tells; nil of other
// feeds.
func toldOf(e *element) *told {
	raw := e.first(summitSpaces, "fact").text()
	if raw == "" {
		return nil
	}
	var t told
	if err := json.Unmarshal([]byte(raw), &t); err != nil {
		return nil // the entry says in plain words what it says
	}
	return &t
}
