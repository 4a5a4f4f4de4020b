package feeds

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

type atomText struct {
	Type string `xml:"type,attr"`
	Lang string `xml:"xml:lang,attr,omitempty"` // where it is not that of the feed
	Text string `xml:",chardata"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomCategory struct {
	Term  string `xml:"term,attr"`
	Label string `xml:"label,attr,omitempty"`
}

type atomEntry struct {
	XMLName    xml.Name       `xml:"entry"`
	ID         string         `xml:"id"`
	Title      atomText       `xml:"title"`
	Published  string         `xml:"published"`
	Updated    string         `xml:"updated"`
	Author     string         `xml:"author>name"`
	Links      []atomLink     `xml:"link"`
	Categories []atomCategory `xml:"category"`
	Content    atomText       `xml:"content"`
	Fact       string         `xml:"summit:fact"`
}

// atomTombstone reports whether an entry was withdrawn (RFC 6721).
type atomTombstone struct {
	XMLName xml.Name `xml:"at:deleted-entry"`
	Ref     string   `xml:"ref,attr"`
	When    string   `xml:"when,attr"`
	By      string   `xml:"at:by>name"`
	Comment atomText `xml:"at:comment"`
}

// atomFact is the fact of an entry as data, for programs: the words of the entry do
// not lead back to its times and sources. Atom allows foreign elements (RFC 4287,
// section 6).
type atomFact struct {
	Type     string          `json:"type"`
	Entity   string          `json:"entity"`
	Headline string          `json:"headline"`
	Lang     string          `json:"lang,omitzero"` // of its own words
	Text     string          `json:"text,omitzero"`
	Note     string          `json:"note,omitzero"`
	Time     *events.Instant `json:"time,omitzero"`
	When     *events.Moment  `json:"when,omitzero"`
	Where    *events.Place   `json:"where,omitzero"`
	Sources  events.Sources  `json:"sources,omitzero"`
	Retracts string          `json:"retracts,omitzero"` // the entry that is withdrawn
}

var formatAtom = Format{
	Ending: "atom", Media: "application/atom+xml; charset=utf-8", Write: writeAtom,
	Doc: "RFC 4287. Without parameters it has the 100 facts that became known last, and links to earlier ones (RFC 5005). Retractions are tombstones (RFC 6721).",
}

// writeAtom writes RFC 4287. A retracted fact becomes a tombstone and an entry about
// its retraction, so that readers that do not know tombstones still show what was
// said and that it was withdrawn.
func writeAtom(w io.Writer, f Feed) error {
	out := atomWriter{enc: xml.NewEncoder(w)}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write the feed: %w", err)
	}
	root := xml.StartElement{Name: xml.Name{Local: "feed"}, Attr: []xml.Attr{
		{Name: xml.Name{Local: "xml:lang"}, Value: f.language().Tag},
		{Name: xml.Name{Local: "xmlns"}, Value: "http://www.w3.org/2005/Atom"},
		{Name: xml.Name{Local: "xmlns:at"}, Value: "http://purl.org/atompub/tombstones/1.0"},
		{Name: xml.Name{Local: "xmlns:summit"}, Value: "https://summit-timeline.org/ns/fact/1"},
	}}
	out.do(out.enc.EncodeToken(root))
	out.head(f)
	for it, err := range decoded(f.Items) {
		if err != nil {
			return err
		}
		out.item(f, it)
		if out.err != nil {
			break // the reader is gone
		}
	}
	out.do(out.enc.EncodeToken(root.End()))
	out.do(out.enc.Close())
	if out.err != nil {
		return fmt.Errorf("write the feed: %w", out.err)
	}
	return nil
}

// atomWriter keeps the first error.
type atomWriter struct {
	enc *xml.Encoder
	err error
}

func (o *atomWriter) do(err error) {
	if o.err == nil {
		o.err = err
	}
}

func (o *atomWriter) element(name string, v any) {
	o.do(o.enc.EncodeElement(v, xml.StartElement{Name: xml.Name{Local: name}}))
}

func (o *atomWriter) head(f Feed) {
	o.element("id", f.ID)
	o.element("title", f.text(f.title(), f.Summary.Lang))
	o.element("updated", stamp(f.Updated))
	o.element("author", struct {
		Name string `xml:"name"`
	}{"Summit"})
	o.element("link", atomLink{Rel: "self", Type: "application/atom+xml", Href: f.Self})
	o.element("link", atomLink{Rel: "alternate", Type: "text/html", Href: f.Page})
	for _, l := range []atomLink{{Rel: "first", Href: f.First}, {Rel: "next", Href: f.Next}} {
		if l.Type = "application/atom+xml"; l.Href != "" {
			o.element("link", l)
		}
	}
	if p := f.Summary.Place.Title(); p != "" {
		o.element("subtitle", plain(line(p)))
	}
}

func (o *atomWriter) item(f Feed, it item) {
	e := atomEntry{
		ID: urn(it.Fact), Title: f.text(f.headline(it), f.languageOfHeadline(it)), Published: stamp(it.Recorded.Time), Updated: stamp(it.updated()),
		Author: line(it.Attribution), Content: f.text(f.body(it), it.languageOfWords()),
		Links: []atomLink{{Rel: "alternate", Type: "text/html", Href: f.permalink(it)}},
		Categories: []atomCategory{
			{Term: it.Type, Label: f.language().Type(it.Type)}, {Term: it.Entity}, {Term: it.Standing, Label: string(f.word("standing", it.Standing))},
		},
	}
	told := factOf(it)
	if a, retracted := it.retraction(); retracted {
		o.do(o.enc.Encode(tombstone(f, it, a)))
		e.ID, e.Published, told.Retracts = urn(a.ID), stamp(a.Recorded.Time), urn(it.Fact)
	}
	raw, err := json.Marshal(told)
	o.do(err)
	e.Fact = clean(string(raw))
	o.do(o.enc.Encode(e))
}

func factOf(it item) atomFact {
	s := it.sentences()
	said := slices.DeleteFunc([]string{s.Text, s.Detail}, func(s string) bool { return s == "" })
	if s.Quote != "" {
		said = append(said, "“"+s.Quote+"”")
	}
	fact := atomFact{Type: it.Type, Entity: it.Entity, Headline: line(it.Headline), Lang: s.Lang, Text: strings.Join(said, "\n"), Note: s.Note}
	fact.Time, fact.When, fact.Where, fact.Sources = it.Time, it.When, it.Where, it.Sources
	return fact
}

func tombstone(f Feed, it item, a projections.AmendmentOf) atomTombstone {
	return atomTombstone{Ref: urn(it.Fact), When: stamp(a.Recorded.Time), By: line(a.Attribution), Comment: plain(f.notice(a))}
}

func urn(id string) string    { return "urn:uuid:" + id }
func plain(s string) atomText { return atomText{Type: "text", Text: s} }

// text is a text that names its language if that is not the language of the feed.
func (f Feed) text(s, lang string) atomText {
	if lang == f.language().Tag {
		lang = ""
	}
	return atomText{Type: "text", Lang: lang, Text: s}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
