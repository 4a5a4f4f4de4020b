package feeds

import (
	"bytes"
	"encoding/csv"
	stdjson "encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/piprate/json-gold/ld"
	"golang.org/x/net/html"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// readCSV reads rows by their column.
func readCSV(t *testing.T, f Feed) []map[string]string {
	t.Helper()
	text := written(t, func(b *bytes.Buffer) error { return writeCSV(b, f) })
	if strings.Count(text, "\n") != strings.Count(text, "\r\n") {
		t.Errorf("a line does not end as RFC 4180 says: %q", text)
	}
	all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]map[string]string, 0, len(all))
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, c := range cells {
			row[all[0][i]] = c
		}
		rows = append(rows, row)
	}
	return rows
}

func TestCSVHasOneRowAFact(t *testing.T) {
	lat, lon := 61.251, -149.807
	rows := readCSV(t, feed(t, nil, fact(factA, "aircraft.landed", "aircraft/x", func(it *projections.Item) {
		it.When = &events.Moment{Earliest: hour(18), Latest: hour(20), Approximate: true, Phase: events.PhaseActual, Text: "late"}
		it.Where = &events.Place{Name: "Base", ICAO: "PAED", Lat: &lat, Lon: &lon}
		it.Grade, it.Standing = new("F3"), projections.StandingRetracted
		amended(it, projections.AmendmentOf{ID: amend, Type: "fact.retracted", Recorded: hour(4), Notice: "It was wrong."})
	})))
	if len(rows) != 1 {
		t.Fatalf("%d rows", len(rows))
	}
	for name, want := range map[string]string{
		"fact": factA, "time": "", "earliest": "2025-08-15T18:00:00Z", "latest": "2025-08-15T20:00:00Z", "approximate": "true", "when_text": "late", "place": "Base", "icao": "PAED",
		"lat": "61.251", "lon": "-149.807", "grade": "F3", "standing": "retracted", "revision": "2", "recorded": "2025-08-15T01:00:00Z", "last_amended": "2025-08-15T04:00:00Z",
		"notices": "RETRACTED, Fri 15 Aug 2025 04:00 UTC: It was wrong.", "data": "{}",
	} {
		if rows[0][name] != want {
			t.Errorf("%s is %q, want %q", name, rows[0][name], want)
		}
	}
}

func TestNDJSONIsTheTimelineLineByLine(t *testing.T) {
	list := []projections.Item{fact(factA, "note.added", "note/a", func(it *projections.Item) { it.Headline = hostile }), fact(factB, "note.added", "note/b", nil)}
	lines := strings.Split(strings.TrimSuffix(written(t, func(b *bytes.Buffer) error { return writeNDJSON(b, feed(t, nil, list...)) }), "\n"), "\n")
	if len(lines) != len(list) {
		t.Fatalf("%d lines", len(lines))
	}
	for i, l := range lines {
		var it struct{ Fact, Headline string }
		if err := stdjson.Unmarshal([]byte(l), &it); err != nil || it.Fact != list[i].Fact || it.Headline != list[i].Headline {
			t.Errorf("line %q: %v", l, err)
		}
	}
}

// vocabulary answers for schema.org without a network.
type vocabulary struct{}

func (vocabulary) LoadDocument(u string) (*ld.RemoteDocument, error) {
	if u != "https://schema.org" {
		return nil, errors.New("the context is " + u)
	}
	iri := map[string]any{"@type": "@id"}
	return &ld.RemoteDocument{DocumentURL: u, Document: map[string]any{"@context": map[string]any{"@vocab": "http://schema.org/", "url": iri}}}, nil
}

// expandJSONLD expands a feed with another's processor.
func expandJSONLD(t *testing.T, f Feed) map[string]any {
	t.Helper()
	text := written(t, func(b *bytes.Buffer) error { return writeJSONLD(b, f) })
	var doc any
	if err := stdjson.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	o := ld.NewJsonLdOptions("")
	o.DocumentLoader = vocabulary{}
	list, err := ld.NewJsonLdProcessor().Expand(doc, o)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d nodes, %v", len(list), err)
	}
	return list[0].(map[string]any)
}

// under is what a node says under a term of schema.org.
func under(node map[string]any, term string) []map[string]any {
	list, _ := node["http://schema.org/"+term].([]any)
	out := make([]map[string]any, 0, len(list))
	for _, v := range list {
		out = append(out, v.(map[string]any))
	}
	return out
}

func is(node map[string]any, typ string) bool {
	list, _ := node["@type"].([]any)
	return len(list) == 1 && list[0] == "http://schema.org/"+typ
}

func TestJSONLDIsALiveBlog(t *testing.T) {
	blog := expandJSONLD(t, feed(t, nil,
		fact(factA, "note.added", "note/a", func(it *projections.Item) {
			it.Headline, it.Standing = hostile, projections.StandingRetracted
			amended(it, projections.AmendmentOf{ID: amend, Type: "fact.corrected", Recorded: hour(3), Notice: "Too low."})
			amended(it, projections.AmendmentOf{ID: later, Type: "fact.retracted", Recorded: hour(4), Notice: hostile})
		}),
		fact(factB, "note.added", "note/b", func(it *projections.Item) { it.When = &events.Moment{Earliest: hour(18)} })))
	if !is(blog, "LiveBlogPosting") || blog["@id"] != "urn:uuid:"+factC || under(blog, "coverageStartTime")[0]["@value"] != "2025-08-15T10:00:00Z" {
		t.Errorf("blog %v", blog)
	}
	posts := under(blog, "liveBlogUpdate")
	if len(posts) != 2 || !is(posts[0], "BlogPosting") || posts[0]["@id"] != "urn:uuid:"+factA {
		t.Fatalf("posts %v", posts)
	}
	head, _ := under(posts[0], "headline")[0]["@value"].(string)
	if !strings.HasPrefix(head, "RETRACTED: =HYPERLINK") || strings.ContainsAny(head, "\u202e\x00\r\n") || under(posts[0], "creativeWorkStatus")[0]["@value"] != "retracted" {
		t.Errorf("headline %q", head)
	}
	notes := under(posts[0], "correction")
	if len(notes) != 2 || !is(notes[0], "CorrectionComment") || !is(notes[1], "CorrectionComment") || notes[1]["@id"] != "urn:uuid:"+later ||
		under(notes[1], "datePublished")[0]["@value"] != "2025-08-15T04:00:00Z" || under(posts[0], "dateModified")[0]["@value"] != "2025-08-15T04:00:00Z" {
		t.Errorf("corrections %v", notes)
	}
	if under(posts[1], "temporalCoverage")[0]["@value"] != "2025-08-15T18:00:00Z/.." || len(under(posts[1], "correction")) != 0 {
		t.Errorf("post %v", posts[1])
	}
}

// TestJSONLDCanStandInAScriptElement reads a page with another's parser of HTML:
// whatever facts say, the document is the text of one element, whole.
func TestJSONLDCanStandInAScriptElement(t *testing.T) {
	for _, text := range []string{hostile, "</script><script>alert(1)</script>", "<!--<script>", "]]>", "a & b < c > d", "line\u2028and\u2029paragraph", "</SCRIPT >"} {
		f := feed(t, nil, fact(factA, "note.added", "note/a", func(it *projections.Item) {
			it.Headline, it.Attribution, it.Desk, it.Where = text, text, text, &events.Place{Name: text}
			amended(it, projections.AmendmentOf{ID: amend, Type: "fact.corrected", Recorded: hour(3), Notice: text})
		}))
		f.Summary.Title = text
		doc := written(t, func(b *bytes.Buffer) error { return writeJSONLD(b, f) })
		if strings.ContainsAny(doc, "<>&\u2028\u2029") {
			t.Errorf("%q is passed on as it is: %s", text, doc)
		}
		page, err := html.Parse(strings.NewReader(`<!doctype html><head><script type="application/ld+json">` + doc + `</script><title>T</title>`))
		if err != nil {
			t.Fatal(err)
		}
		var scripts []string
		for n := range page.Descendants() {
			if n.Type == html.ElementNode && n.Data == "script" {
				scripts = append(scripts, n.FirstChild.Data)
			}
		}
		var a, b any
		if len(scripts) != 1 || stdjson.Unmarshal([]byte(scripts[0]), &a) != nil || stdjson.Unmarshal([]byte(doc), &b) != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("%q: the page has the scripts %q", text, scripts)
		}
		if got := under(expandJSONLD(t, f), "headline")[0]["@value"]; got != line(text) {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}

func TestWhatCannotBeReadEndsEveryFormat(t *testing.T) {
	broken := errors.New("the disk is gone")
	for _, format := range Formats() {
		f := feed(t, nil)
		f.Items = func(yield func(jsontext.Value, error) bool) { yield(nil, broken) }
		if err := format.Write(io.Discard, f); !errors.Is(err, broken) {
			t.Errorf("%s: %v", format.Ending, err)
		}
	}
}

// Isolates are passed on as they came, because mixed writing directions need them.
// Embeddings and overrides are removed, because they can make a text look like another.
func TestIsolatesArePassedOn(t *testing.T) {
	const text = "قال \u2068Reuters\u2069 اليوم: \u2067שלום\u2069 \u2066(a)\u2069"
	f := feed(t, nil, fact(factA, "note.added", "note/a", func(it *projections.Item) {
		it.Headline = text + "\u202a\u202e\u202c\u0085"
	}))
	if row := readCSV(t, f)[0]; row["headline"] != text {
		t.Errorf("CSV has %+q", row["headline"])
	}
	if p, _ := readAtom(t, f); p.Entries[0].Title != text {
		t.Errorf("Atom has %+q", p.Entries[0].Title)
	}
	if got := clean("a\u2066b\u2069\u2068\u2067c"); got != "a\u2066b\u2069\u2068\u2067c" {
		t.Errorf("%+q", got)
	}
}

// The manual says what each format is.
func TestTheManualHasEveryFormat(t *testing.T) {
	page := filepath.Join("..", "manual", "following.md")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Formats() {
		if !strings.Contains(string(text), "\n| `"+f.Ending+"` | ") {
			t.Errorf("%s has no row in the table of feeds in %s", f.Ending, page)
		}
	}
}
