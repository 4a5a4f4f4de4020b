package feeds

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// readAtom reads a feed with another's parser, in the strict form first.
func readAtom(t *testing.T, f Feed) (*atom.Feed, string) {
	t.Helper()
	text := written(t, func(b *bytes.Buffer) error { return writeAtom(b, f) })
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); err != nil {
			if err.Error() != "EOF" {
				t.Fatalf("no XML: %v in %s", err, text)
			}
			break
		}
	}
	parsed, err := (&atom.Parser{}).Parse(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	for _, e := range parsed.Entries {
		if e.ID == "" || e.Title == "" || e.UpdatedParsed == nil || e.PublishedParsed == nil || len(e.Authors) == 0 || len(e.Links) == 0 || e.Content == nil {
			t.Errorf("entry lacks what RFC 4287 asks for: %+v", e)
		}
	}
	return parsed, text
}

func TestAtomHasWhatAFeedNeeds(t *testing.T) {
	p, _ := readAtom(t, feed(t, nil, fact(factA, "note.added", "note/a", nil)))
	if p.ID != "urn:uuid:"+factC || p.Title != "Alaska <summit>; of, two" || !p.UpdatedParsed.Equal(hour(9).Time) {
		t.Errorf("head %+v", p)
	}
	links := map[string]string{}
	for _, l := range p.Links {
		links[l.Rel] = l.Href
	}
	if links["self"] != "http://localhost:8080/v1/summits/alaska-2025/timeline.x" || links["alternate"] != "http://localhost:8080/summits/alaska-2025" {
		t.Errorf("links %v", links)
	}
	e := p.Entries[0]
	if e.ID != "urn:uuid:"+factA || e.Links[0].Href != "http://localhost:8080/summits/alaska-2025#f-"+factA || !e.UpdatedParsed.Equal(hour(1).Time) {
		t.Errorf("entry %+v", e)
	}
}

func TestAtomCorrectionUpdatesTheEntry(t *testing.T) {
	p, _ := readAtom(t, feed(t, nil, fact(factA, "note.added", "note/a", func(it *projections.Item) {
		it.Standing = projections.StandingCorrected
		amended(it, projections.AmendmentOf{ID: amend, Type: "fact.corrected", Recorded: hour(4), Notice: "The count was too low."})
	})))
	e := p.Entries[0]
	if e.ID != "urn:uuid:"+factA || !e.UpdatedParsed.Equal(hour(4).Time) || !e.PublishedParsed.Equal(hour(1).Time) {
		t.Errorf("entry %+v", e)
	}
	if e.Title != "CORRECTED: What happened" || !strings.Contains(e.Content.Value, "CORRECTED, Fri 15 Aug 2025 04:00 UTC: The count was too low.") {
		t.Errorf("title %q, content %q", e.Title, e.Content.Value)
	}
}

func TestAtomRetractionIsATombstoneAndStaysVisible(t *testing.T) {
	f := feed(t, nil, fact(factA, "note.added", "note/a", func(it *projections.Item) {
		it.Standing = projections.StandingRetracted
		amended(it, projections.AmendmentOf{ID: amend, Type: "fact.retracted", Recorded: hour(4), Notice: "It was <b>wrong</b>."})
	}))
	p, text := readAtom(t, f)
	var raw struct {
		Tombstones []struct {
			Ref     string    `xml:"ref,attr"`
			When    time.Time `xml:"when,attr"`
			By      string    `xml:"http://purl.org/atompub/tombstones/1.0 by>name"`
			Comment string    `xml:"http://purl.org/atompub/tombstones/1.0 comment"`
		} `xml:"http://purl.org/atompub/tombstones/1.0 deleted-entry"`
	}
	if err := xml.Unmarshal([]byte(text), &raw); err != nil || len(raw.Tombstones) != 1 {
		t.Fatalf("%v in %s", err, text)
	}
	if d := raw.Tombstones[0]; d.Ref != "urn:uuid:"+factA || !d.When.Equal(hour(4).Time) || !strings.Contains(d.Comment, "It was <b>wrong</b>.") {
		t.Errorf("tombstone %+v", d)
	}
	if e := p.Entries[0]; len(p.Entries) != 1 || e.ID != "urn:uuid:"+amend || e.Title != "RETRACTED: What happened" || !e.PublishedParsed.Equal(hour(4).Time) {
		t.Errorf("entry %+v", e)
	}
}

func TestAtomRetractionThatWasWithdrawnIsNone(t *testing.T) {
	p, text := readAtom(t, feed(t, nil, fact(factA, "note.added", "note/a", func(it *projections.Item) {
		amended(it, projections.AmendmentOf{ID: amend, Type: "fact.retracted", Recorded: hour(4), Notice: "It was wrong."})
		amended(it, projections.AmendmentOf{ID: later, Type: "fact.retracted", Target: amend, Recorded: hour(5), Notice: "It was right."})
	})))
	if e := p.Entries[0]; strings.Contains(text, "deleted-entry") || e.ID != "urn:uuid:"+factA || !e.UpdatedParsed.Equal(hour(5).Time) || strings.Contains(e.Content.Value, "It was wrong.") {
		t.Errorf("entry %+v", e)
	}
}

func TestAtomHostileTextIsText(t *testing.T) {
	p, text := readAtom(t, feed(t, nil, fact(factA, "note.added", "note/a", func(it *projections.Item) {
		it.Headline, it.Attribution = hostile, hostile
		it.Where = &events.Place{Name: hostile}
	})))
	if strings.Contains(text, "<script") || strings.ContainsAny(text, "\u202e\x00\x1b\ufffe") {
		t.Errorf("passed on: %s", text)
	}
	if e := p.Entries[0]; !strings.Contains(e.Title, "<script>alert(1)</script> & ]]>") || !strings.Contains(e.Content.Value, "é 🛬") {
		t.Errorf("lost: %q, %q", e.Title, e.Content.Value)
	}
	if _, err := gofeed.NewParser().ParseString(text); err != nil {
		t.Error(err)
	}
}

// A feed in pages leads from each page to the next (RFC 5005, section 3).
func TestAtomPagesLeadOn(t *testing.T) {
	f := feed(t, nil, fact(factA, "note.added", "note/a", nil))
	f.First, f.Next = "http://localhost:8080/first", "http://localhost:8080/next?a=1&cursor=x"
	p, _ := readAtom(t, f)
	links := map[string]string{}
	for _, l := range p.Links {
		links[l.Rel] = l.Href
	}
	if links["first"] != f.First || links["next"] != f.Next {
		t.Errorf("links %v", links)
	}
	f.First, f.Next = "", ""
	if _, text := readAtom(t, f); strings.Contains(text, `rel="next"`) || strings.Contains(text, `rel="first"`) {
		t.Errorf("a whole feed leads on: %s", text)
	}
}
