package feeds

import (
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

type ldBlog struct {
	Context   string   `json:"@context"`
	Type      string   `json:"@type"`
	ID        string   `json:"@id"`
	URL       string   `json:"url"`
	Headline  string   `json:"headline"`
	Language  string   `json:"inLanguage"`
	Modified  string   `json:"dateModified"`
	Starts    string   `json:"coverageStartTime,omitempty"`
	Ends      string   `json:"coverageEndTime,omitempty"`
	Version   string   `json:"version"`
	About     ldEvent  `json:"about"`
	Publisher ldAuthor `json:"publisher"`
}

type ldEvent struct {
	Type   string   `json:"@type"`
	Name   string   `json:"name"`
	Starts string   `json:"startDate,omitempty"`
	Ends   string   `json:"endDate,omitempty"`
	Place  *ldPlace `json:"location,omitempty"`
}

type ldPlace struct {
	Type string `json:"@type"`
	Name string `json:"name,omitempty"`
	Geo  *ldGeo `json:"geo,omitempty"`
}

type ldGeo struct {
	Type string  `json:"@type"`
	Lat  float64 `json:"latitude"`
	Lon  float64 `json:"longitude"`
}

type ldAuthor struct {
	Type string `json:"@type"`
	Name string `json:"name"`
}

type ldPost struct {
	Type        string         `json:"@type"`
	ID          string         `json:"@id"`
	URL         string         `json:"url"`
	Headline    string         `json:"headline"`
	Languages   []string       `json:"inLanguage"` // of the generated words, and of the fact's own
	Body        string         `json:"articleBody"`
	Published   string         `json:"datePublished"`
	Modified    string         `json:"dateModified"`
	Status      string         `json:"creativeWorkStatus"`
	Version     int            `json:"version"`
	Author      ldAuthor       `json:"author"`
	Credit      string         `json:"creditText"`
	About       ldThing        `json:"about"`
	Places      []*ldPlace     `json:"contentLocation,omitempty"`
	Temporal    string         `json:"temporalCoverage,omitempty"`
	Corrections []ldCorrection `json:"correction,omitempty"`
}

// ldThing is the person or thing that a fact is about.
type ldThing struct {
	Type       string `json:"@type"`
	Identifier string `json:"identifier"` // KIND/ID
	Name       string `json:"name,omitempty"`
	URL        string `json:"url,omitempty"`
}

type ldCorrection struct {
	Type      string `json:"@type"`
	ID        string `json:"@id"`
	Text      string `json:"text"`
	Published string `json:"datePublished"`
}

var formatJSONLD = Format{
	Ending: "jsonld", Media: "application/ld+json", Write: writeJSONLD,
	Doc: "A schema.org LiveBlogPosting with a CorrectionComment for each correction.",
}

// writeJSONLD writes a LiveBlogPosting of schema.org: a fact is a BlogPosting,
// its corrections and its retraction are CorrectionComments.
func writeJSONLD(w io.Writer, f Feed) error {
	head, err := json.Marshal(f.blog(), embeddable())
	if err != nil {
		return fmt.Errorf("encode the head: %w", err)
	}
	if _, err := w.Write(append(head[:len(head)-1], `,"liveBlogUpdate":[`...)); err != nil {
		return fmt.Errorf("write the head: %w", err)
	}
	between := ""
	for it, err := range decoded(f.Items) {
		if err != nil {
			return err
		}
		post, err := json.Marshal(f.post(it), embeddable())
		if err != nil {
			return fmt.Errorf("encode a post: %w", err)
		}
		if _, err := fmt.Fprintf(w, "%s\n%s", between, post); err != nil {
			return fmt.Errorf("write a post: %w", err)
		}
		between = ","
	}
	if _, err := io.WriteString(w, "]}\n"); err != nil {
		return fmt.Errorf("write the end: %w", err)
	}
	return nil
}

// embeddable escapes the characters that mean something in HTML and in scripts (<, >, &,
// U+2028, U+2029): pages embed the document in a script element, which its text must not
// end.
func embeddable() json.Options {
	return json.JoinOptions(jsontext.EscapeForHTML(true), jsontext.EscapeForJS(true))
}

func (f Feed) blog() ldBlog {
	s := f.Summary
	return ldBlog{
		Context: "https://schema.org", Type: "LiveBlogPosting", ID: f.ID, URL: f.Page, Headline: f.title(), Language: f.language().Tag, Modified: stamp(f.Updated),
		Starts: s.Starts.Canonical(), Ends: s.Ends.Canonical(), Version: s.Known.String(), Publisher: ldAuthor{"Organization", "Summit"},
		About: ldEvent{Type: "Event", Name: f.title(), Starts: s.Starts.Canonical(), Ends: s.Ends.Canonical(), Place: ldPlaceOf(s.Place)},
	}
}

func (f Feed) post(it item) ldPost {
	p := ldPost{
		Type: "BlogPosting", ID: urn(it.Fact), URL: f.permalink(it), Headline: f.headline(it), Languages: f.languages(it), Body: f.body(it), About: about(it),
		Published: stamp(it.Recorded.Time), Modified: stamp(it.updated()), Status: it.Standing, Version: it.Revision,
		Author: ldAuthor{"Organization", line(it.Desk)}, Credit: line(it.Attribution), Places: locations(it), Temporal: coverage(it.When),
	}
	for _, a := range it.standing() {
		if a.Type == events.TypeFactCorrected || a.Type == events.TypeFactRetracted {
			p.Corrections = append(p.Corrections, f.correction(a))
		}
	}
	return p
}

func (f Feed) correction(a projections.AmendmentOf) ldCorrection {
	return ldCorrection{Type: "CorrectionComment", ID: urn(a.ID), Text: f.notice(a), Published: stamp(a.Recorded.Time)}
}

// languages returns the languages of a post: the reader's, and the language of the
// fact's own words if the fact names it.
func (f Feed) languages(it item) []string {
	tags := []string{f.language().Tag}
	if own := it.languageOfWords(); own != "" && own != tags[0] {
		tags = append(tags, own)
	}
	return tags
}

// about returns the person or thing that a fact is about, as a type of schema.org.
func about(it item) ldThing {
	s := it.subject()
	thing := ldThing{Type: "Thing", Identifier: it.Entity, Name: line(s.name())}
	switch it.kind() {
	case events.KindPerson:
		thing.Type = "Person"
	case events.KindDelegation:
		thing.Type = "Organization"
	case events.KindAircraft, events.KindVehicle:
		thing.Type = "Vehicle"
	case events.KindSite:
		thing.Type = "Place"
	case events.KindMeeting, events.KindIncident:
		thing.Type = "Event"
	case events.KindDocument:
		thing.Type, thing.URL = "CreativeWork", s.URL
	}
	return thing
}

// locations returns where it happened: the place of the fact, else its places, else the
// site that the fact is about.
func locations(it item) []*ldPlace {
	if it.Where != nil {
		return []*ldPlace{ldPlaceOf(it.Where)}
	}
	s := it.subject()
	var list []*ldPlace
	for _, p := range s.Places {
		list = append(list, ldPlaceOf(p))
	}
	if it.kind() == events.KindSite && s.Name != "" {
		list = append(list, &ldPlace{Type: "Place", Name: line(s.Name)})
	}
	return list
}

func ldPlaceOf(p *events.Place) *ldPlace {
	if p == nil {
		return nil
	}
	place := &ldPlace{Type: "Place", Name: line(p.Title())}
	if p.Known() {
		place.Geo = &ldGeo{"GeoCoordinates", *p.Lat, *p.Lon}
	}
	return place
}

// coverage returns the time in ISO 8601: an instant, or an interval with ".." for an
// open end.
func coverage(m *events.Moment) string {
	if m == nil {
		return ""
	}
	if !m.Best.IsZero() {
		return m.Best.Canonical()
	}
	if m.Earliest.IsZero() && m.Latest.IsZero() {
		return ""
	}
	end := func(i events.Instant) string {
		if i.IsZero() {
			return ".."
		}
		return i.Canonical()
	}
	return end(m.Earliest) + "/" + end(m.Latest)
}
