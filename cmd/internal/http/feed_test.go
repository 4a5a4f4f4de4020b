package httpserver_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"
	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"

	"github.com/summit-timeline/summit/cmd/internal/feeds"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/seeds"
)

// endings are the formats of a timeline.
func endings() []string {
	var list []string
	for _, f := range feeds.Formats() {
		list = append(list, f.Ending)
	}
	return list
}

// readers are what is known here of each format: its media type, and how many facts a
// parser that is not ours finds in it. A new format needs a row.
var readers = map[string]struct {
	media string
	count func(body string) (int, error)
}{
	"ndjson": {"application/x-ndjson", func(body string) (int, error) { return strings.Count(body, "\n"), nil }},
	"csv": {"text/csv; charset=utf-8; header=present", func(body string) (int, error) {
		rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		return len(rows) - 1, err
	}},
	"atom": {"application/atom+xml; charset=utf-8", func(body string) (int, error) {
		parsed, err := gofeed.NewParser().ParseString(body)
		if err != nil {
			return 0, err
		}
		return len(parsed.Items), nil
	}},
	"ics": {"text/calendar; charset=utf-8", func(body string) (int, error) { // what has a time
		cal, err := ical.NewDecoder(strings.NewReader(body)).Decode()
		if err != nil {
			return 0, err
		}
		return len(cal.Events()), nil
	}},
	"jsonld": {"application/ld+json", func(body string) (int, error) {
		var blog struct {
			Posts []json.RawMessage `json:"liveBlogUpdate"`
		}
		err := json.Unmarshal([]byte(body), &blog)
		return len(blog.Posts), err
	}},
}

// counted is how many facts a feed holds.
func (f *fixture) counted(ending, body string) int {
	f.Helper()
	format, known := readers[ending]
	if !known {
		f.Fatalf("%s is not in the table of formats: add what reads it", ending)
	}
	n, err := format.count(body)
	f.Must(err)
	return n
}

func TestTheShippedStoryInEveryFormat(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	whole := f.Timeline("alaska-2025", "?limit=500")
	for _, ending := range endings() {
		path := "/v1/summits/alaska-2025/timeline." + ending
		a := f.Get(path).Want(http.StatusOK)
		if a.Header.Get("Content-Type") != readers[ending].media || !strings.Contains(a.Header.Get("Content-Disposition"), `filename="alaska-2025-timeline.`+ending) {
			t.Errorf("%s: %v", ending, a.Header)
		}
		if a.Header.Get("Summit-Position") != f.At("alaska-2025", 26) || a.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %v", ending, a.Header)
		}
		if n := f.counted(ending, a.Body); n != len(whole.Items) && ending != "ics" {
			t.Errorf("%s holds %d facts of %d", ending, n, len(whole.Items))
		}
		f.Get(path, "If-None-Match", a.Header.Get("Etag")).Want(http.StatusNotModified)
		if p := f.Get(path + "?limit=0&known=@99&color=red").Problem(http.StatusBadRequest).Pointers(); !strings.Contains(p, "color") {
			t.Errorf("%s: faults %s", ending, p)
		}
		if n := f.counted(ending, f.Get(path+"?type=aircraft.landed&entity=aircraft/il-96-300").Want(http.StatusOK).Body); n != 1 {
			t.Errorf("%s: %d landings", ending, n)
		}
		if a := f.Get(path + "?known=@0").Want(http.StatusOK); f.counted(ending, a.Body) != 0 || a.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s before the first event: %s", ending, a.Body)
		}
		f.Get(path, "Host", "evil.example").Problem(http.StatusMisdirectedRequest)
	}
}

func TestAFeedHoldsMoreThanAPage(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	const total = 1203
	for from := range slices.Chunk(slices.Collect(numbers(total)), 400) {
		var list []string
		for _, n := range from {
			list = append(list, servertest.Event("delegate.arrived", fmt.Sprintf("person/p-%d", n), `{"name":"P","place":{"name":"G"},"sources":[{"id":"s","name":"S"}]}`, "id", string(servertest.Quoted(servertest.ID(n))), "time", `"2025-08-15T00:00:00Z"`))
		}
		f.Post("/v1/summits/geneva/facts", "application/cloudevents-batch+json", servertest.Batch(list...)).Want(http.StatusCreated)
	}
	s, _ := f.Registry.Summit("geneva")
	f.Must(s.Views.Wait(context.Background(), total+1))
	for _, ending := range endings() {
		path := "/v1/summits/geneva/timeline." + ending
		if n := f.counted(ending, f.Get(path+"?order=occurred").Want(http.StatusOK).Body); n != total {
			t.Errorf("%s holds %d facts of %d", ending, n, total)
		}
		got, pages := 0, 0
		for next := path + "?limit=500"; next != ""; pages++ {
			a := f.Get(next).Want(http.StatusOK)
			got += f.counted(ending, a.Body)
			link, more := strings.CutSuffix(strings.TrimPrefix(a.Header.Get("Link"), "<"), `>; rel="next"`)
			if next = ""; more {
				next = link
			}
		}
		if got != total || pages != 3 {
			t.Errorf("%s: %d facts in %d pages", ending, got, pages)
		}
	}
}

func TestAtomIsTheNewestAndLeadsOn(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	const total = 230
	var list []string
	for n := range total { // what is recorded last happened first
		list = append(list, servertest.Note(fmt.Sprintf("n-%d", n), fmt.Sprintf("Note %d", n), "id", string(servertest.Quoted(servertest.ID(n))), "time", string(servertest.Quoted(servertest.RecordedFrom.Add(-time.Duration(n)*time.Hour).Format(time.RFC3339)))))
	}
	f.Post("/v1/summits/geneva/facts", "application/cloudevents-batch+json", servertest.Batch(list...)).Want(http.StatusCreated)
	f.Get("/v1/summits/geneva?min=" + f.At("geneva", total+1)).Want(http.StatusOK)
	const plain = "/v1/summits/geneva/timeline.atom"
	pages, got, ids := 0, []string{}, map[string]bool{}
	for next := plain; next != ""; pages++ {
		a := f.Get(next).Want(http.StatusOK)
		feed, err := (&atom.Parser{}).Parse(strings.NewReader(a.Body))
		f.Must(err)
		ids[feed.ID] = true
		links := map[string]string{}
		for _, l := range feed.Links {
			links[l.Rel] = l.Href
		}
		if links["self"] != f.URL+next || links["first"] != f.URL+plain {
			t.Errorf("%s: links %v", next, links)
		}
		if next = strings.TrimPrefix(links["next"], f.URL); (next != "") != strings.Contains(a.Header.Get("Link"), `rel="next"`) {
			t.Errorf("the header leads elsewhere: %s", a.Header.Get("Link"))
		}
		for _, e := range feed.Entries {
			got = append(got, strings.TrimPrefix(e.ID, "urn:uuid:"))
		}
		if len(feed.Entries) > 100 {
			t.Errorf("%d entries on a page", len(feed.Entries))
		}
	}
	want := make([]string, 0, total)
	for n := total - 1; n >= 0; n-- {
		want = append(want, servertest.ID(n))
	}
	if !slices.Equal(got, want) || pages != 3 || len(ids) != 1 {
		t.Errorf("%d pages of %d feeds hold %v", pages, len(ids), got)
	}
	if n := f.counted("atom", f.Get(plain+"?q=note").Want(http.StatusOK).Body); n != total {
		t.Errorf("with a parameter it is %d facts, want all %d", n, total)
	}
}

// The language chooses words and no facts: a feed in another is still the newest 100,
// and its pages are one feed.
func TestAFeedInAnotherLanguageHasTheSameFacts(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	list := []string{}
	for n := range 120 {
		list = append(list, servertest.Event("delegate.arrived", fmt.Sprintf("person/p-%d", n), `{"name":"Anna Berg","place":{"name":"Genève"},"sources":[{"id":"a","name":"A"},{"id":"b","name":"B","via":["a"]}]}`, "time", `"2025-08-14T10:00:00Z"`))
	}
	f.Post("/v1/summits/geneva/facts", "application/cloudevents-batch+json", servertest.Batch(list...)).Want(http.StatusCreated)
	f.Get("/v1/summits/geneva?min=" + f.At("geneva", 121)).Want(http.StatusOK)
	const path = "/v1/summits/geneva/timeline.atom?lang=ru"
	a := f.Get(path, "Accept-Language", "de").Want(http.StatusOK)
	feed, err := (&atom.Parser{}).Parse(strings.NewReader(a.Body))
	f.Must(err)
	if len(feed.Entries) != 100 || feed.Language != "ru" || a.Header.Get("Content-Language") != "ru" {
		t.Errorf("%d entries in %q, Content-Language %q", len(feed.Entries), feed.Language, a.Header.Get("Content-Language"))
	}
	if e := feed.Entries[0]; e.Title != "Прибытие: Anna Berg · Genève" || !strings.Contains(e.Content.Value, "С чьих слов: A, через B") {
		t.Errorf("title %q, content %q", e.Title, e.Content.Value)
	}
	links := map[string]string{}
	for _, l := range feed.Links {
		links[l.Rel] = strings.TrimPrefix(l.Href, f.URL)
	}
	next, err := (&atom.Parser{}).Parse(strings.NewReader(f.Get(links["next"]).Want(http.StatusOK).Body))
	f.Must(err)
	if links["first"] != path || next.ID != feed.ID || len(next.Entries) != 20 || next.Language != "ru" {
		t.Errorf("links %v, then %d entries of %s in %q", links, len(next.Entries), next.ID, next.Language)
	}
	ics := f.Get("/v1/summits/geneva/timeline.ics", "Accept-Language", "ar").Want(http.StatusOK)
	if ics.Header.Get("Content-Language") != "ar" || f.counted("ics", ics.Body) != 120 || !strings.Contains(ics.Body, "SUMMARY;LANGUAGE=ar:وصول") {
		t.Errorf("Content-Language %q: %.2000s", ics.Header.Get("Content-Language"), ics.Body)
	}
}

func TestATableForASpreadsheet(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	const path = "/v1/summits/alaska-2025/timeline.csv"
	plain := f.Get(path).Want(http.StatusOK).Body
	if marked := f.Get(path + "?bom=true").Want(http.StatusOK).Body; marked != "\xef\xbb\xbf"+plain {
		t.Errorf("it begins with %q", marked[:16])
	}
	if f.Get(path+"?bom=false").Want(http.StatusOK).Body != plain {
		t.Error("without the mark it is another table")
	}
	if p := f.Get(path + "?bom=yes").Problem(http.StatusBadRequest).Pointers(); p != "bom" {
		t.Errorf("faults %s", p)
	}
	if p := f.Get("/v1/summits/alaska-2025/timeline.ndjson?bom=true").Problem(http.StatusBadRequest).Pointers(); p != "bom" {
		t.Errorf("faults %s", p)
	}
}

func TestTheClocksChangeInEveryFormat(t *testing.T) {
	f := newFixture(t)
	f.Post("/v1/summits", respond.JSONType, `{"id":"ny","title":"Talks","zone":"America/New_York","parties":[{"id":"a","name":"A"}]}`).Want(http.StatusCreated)
	f.Record("ny", servertest.Event("delegate.arrived", "person/p", `{"name":"P","place":{"name":"New York"},"when":{"earliest":"2025-11-02T01:30:00-04:00","latest":"2025-11-02T03:30:00-05:00"},"sources":[{"id":"s","name":"S"}]}`))
	want := "between Sun 2 Nov 2025 01:30 EDT and 03:30 EST"
	for _, ending := range []string{"atom", "ics", "jsonld"} {
		body := strings.ReplaceAll(f.Get("/v1/summits/ny/timeline."+ending).Want(http.StatusOK).Body, "\r\n ", "") // unfolded
		if !strings.Contains(body, want) {
			t.Errorf("%s lacks %q: %s", ending, want, body)
		}
	}
	page := f.page("/summits/ny")
	if got := text(section(t, page, "timeline")); !strings.Contains(got, "between Sun 2 Nov 2025 01:30 EDT (UTC−4) and 03:30 EST (UTC−5)") {
		t.Errorf("the page: %s", got)
	}
}

func numbers(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// amendments of the shipped story, so that there is something to remember.
func amendmentsOf(story []events.Event) []string {
	landed, planned := story[3], story[7]
	for _, e := range story {
		switch {
		case e.Type == events.TypeAircraftLanded && e.Subject.ID == "il-96-300":
			landed = e
		case e.Type == events.TypeMeetingScheduled && e.Subject.ID == "leaders":
			planned = e
		}
	}
	return []string{
		servertest.Event("fact.corrected", landed.Subject.String(), fmt.Sprintf(`{"target":%q,"patch":{"model":"Il-96-300PU","headline":null},"class":"corrected","notice":"It was the PU."}`, landed.ID), "id", string(servertest.Quoted(servertest.ID(1)))),
		servertest.Retraction(landed.Subject.String(), landed.ID, "id", string(servertest.Quoted(servertest.ID(2)))),
		servertest.Event("meeting.rescheduled", planned.Subject.String(), `{"title":"Talks","kind":"talks","when":{"best":"2025-08-15T19:00:00Z","phase":"planned"},"sources":[{"id":"s","name":"S"}]}`, "id", string(servertest.Quoted(servertest.ID(3)))),
		servertest.Retraction(landed.Subject.String(), servertest.ID(2), "id", string(servertest.Quoted(servertest.ID(4)))),
		servertest.Event("meeting.cancelled", planned.Subject.String(), `{"sources":[{"id":"s","name":"S"}]}`, "id", string(servertest.Quoted(servertest.ID(5)))),
	}
}

// stamps are recorded times of a fixture: an event that took long to append is
// stamped again, so that two servers may differ in them.
var stamps = regexp.MustCompile(`T20:?0[01]:?\d\d`)

// TestWhatAFeedSaidThenItSaysAsKnownThen records the story step by step and
// keeps what each format says at each position; a story recorded whole, by a
// server of its own, must say the very same as known then.
func TestWhatAFeedSaidThenItSaysAsKnownThen(t *testing.T) {
	story, err := seeds.Load("alaska-2025")
	if err != nil {
		t.Fatal(err)
	}
	slow, fast := newFixture(t), newFixture(t)
	said := map[string]string{}
	keep := func(n uint64) {
		for _, ending := range endings() {
			path := fmt.Sprintf("/v1/summits/alaska-2025/timeline.%s?known=@%d", ending, n)
			said[path] = slow.Get(path, "Host", "localhost").Want(http.StatusOK).Body
		}
	}
	s, _, err := slow.Registry.OpenSummit(context.Background(), story[0])
	slow.Must(err)
	slow.Must(s.Views.Wait(context.Background(), 1))
	for _, e := range story[1:] {
		out, err := s.Record(context.Background(), []events.Event{e}, nil)
		slow.Must(err)
		slow.Must(s.Views.Wait(context.Background(), out[0].Seq))
		keep(out[0].Seq)
	}
	fast.Alaska()
	for _, amendment := range amendmentsOf(story) {
		keep(slow.Record("alaska-2025", amendment).Seq)
		fast.Record("alaska-2025", amendment)
	}
	for path, then := range said {
		if now := slow.Get(path, "Host", "localhost").Want(http.StatusOK).Body; now != then {
			t.Errorf("%s said\n%s\nand now says\n%s", path, then, now)
		}
		other := fast.Get(path, "Host", "localhost").Want(http.StatusOK).Body
		if stamps.ReplaceAllString(other, "") != stamps.ReplaceAllString(then, "") {
			t.Errorf("%s says\n%s\nand folded afresh\n%s", path, then, other)
		}
	}
	last := fmt.Sprintf("?known=@%d", slow.Head("alaska-2025").Seq)
	if ics := said["/v1/summits/alaska-2025/timeline.ics"+last]; !strings.Contains(ics, "STATUS:CANCELLED") {
		t.Errorf("the meeting that was called off is not in the calendar: %s", ics)
	}
}
