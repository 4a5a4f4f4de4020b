package web

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-ical"
	"github.com/mmcdole/gofeed"

	"github.com/summit-timeline/summit/cmd/internal/feeds"
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

// counted is how many facts a feed holds, by a parser that is not ours; of a
// calendar it is what has a time.
func (f *fixture) counted(ending, body string) int {
	f.Helper()
	switch ending {
	case "ndjson":
		return strings.Count(body, "\n")
	case "csv":
		rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		f.must(err)
		return len(rows) - 1
	case "atom":
		parsed, err := gofeed.NewParser().ParseString(body)
		f.must(err)
		return len(parsed.Items)
	case "ics":
		cal, err := ical.NewDecoder(strings.NewReader(body)).Decode()
		f.must(err)
		return len(cal.Events())
	}
	var blog struct {
		Posts []struct {
			Type string `json:"@type"`
		} `json:"liveBlogUpdate"`
	}
	f.must(json.Unmarshal([]byte(body), &blog))
	return len(blog.Posts)
}

func TestTheShippedStoryInEveryFormat(t *testing.T) {
	f := newFixture(t)
	f.alaska()
	whole := f.timeline("alaska-2025", "?limit=500")
	media := map[string]string{
		"ndjson": "application/x-ndjson", "csv": "text/csv; charset=utf-8; header=present", "atom": "application/atom+xml; charset=utf-8",
		"ics": "text/calendar; charset=utf-8", "jsonld": "application/ld+json",
	}
	for _, ending := range endings() {
		path := "/v1/summits/alaska-2025/timeline." + ending
		a := f.get(path).want(http.StatusOK)
		if a.header.Get("Content-Type") != media[ending] || !strings.Contains(a.header.Get("Content-Disposition"), `filename="alaska-2025-timeline.`+ending) {
			t.Errorf("%s: %v", ending, a.header)
		}
		if a.header.Get("Summit-Position") != f.at("alaska-2025", 26) || a.header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %v", ending, a.header)
		}
		if n := f.counted(ending, a.body); n != len(whole.Items) && ending != "ics" {
			t.Errorf("%s holds %d facts of %d", ending, n, len(whole.Items))
		}
		f.get(path, "If-None-Match", a.header.Get("Etag")).want(http.StatusNotModified)
		if p := f.get(path + "?limit=0&known=@99&color=red").problem(http.StatusBadRequest).pointers(); !strings.Contains(p, "color") {
			t.Errorf("%s: faults %s", ending, p)
		}
		if n := f.counted(ending, f.get(path+"?type=aircraft.landed&entity=aircraft/il-96-300").want(http.StatusOK).body); n != 1 {
			t.Errorf("%s: %d landings", ending, n)
		}
		if a := f.get(path + "?known=@0").want(http.StatusOK); f.counted(ending, a.body) != 0 || !strings.Contains(a.header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s before the first event: %s", ending, a.body)
		}
		f.get(path, "Host", "evil.example").problem(http.StatusMisdirectedRequest)
	}
}

func TestTheMeetingInTheCalendarIsHonestAboutItsTime(t *testing.T) {
	f := newFixture(t)
	f.alaska()
	body := f.get("/v1/summits/alaska-2025/timeline.ics?entity=meeting/leaders").want(http.StatusOK).body
	cal, err := ical.NewDecoder(strings.NewReader(body)).Decode()
	f.must(err)
	if len(cal.Events()) != 1 {
		t.Fatalf("%d events", len(cal.Events()))
	}
	e := cal.Events()[0]
	text, err := e.Props.Text(ical.PropDescription)
	f.must(err)
	if start, err := e.DateTimeStart(nil); err != nil || start.Format("20060102T150405Z") != "20250815T183000Z" || !strings.Contains(text, "not before Fri 15 Aug 2025 10:30 AKDT") {
		t.Errorf("start %v, %v, description %q", start, err, text)
	}
	if body := f.get("/v1/summits/alaska-2025/timeline.ics").body; strings.Contains(body, "press conference is") {
		t.Errorf("what has no time is in the calendar: %s", body)
	}
}

func TestAFeedHoldsMoreThanAPage(t *testing.T) {
	f := newFixture(t)
	f.open("geneva")
	const total = 1203
	for from := range slices.Chunk(slices.Collect(numbers(total)), 400) {
		var list []string
		for _, n := range from {
			list = append(list, note(fmt.Sprintf("n-%d", n), "x", "id", string(quoted(id(n))), "time", `"2025-08-15T00:00:00Z"`))
		}
		f.post("/v1/summits/geneva/facts", "application/cloudevents-batch+json", batch(list...)).want(http.StatusCreated)
	}
	s, _ := f.host.Summit("geneva")
	f.must(s.Views.Wait(context.Background(), total+1))
	for _, ending := range endings() {
		path := "/v1/summits/geneva/timeline." + ending
		if n := f.counted(ending, f.get(path).want(http.StatusOK).body); n != total {
			t.Errorf("%s holds %d facts of %d", ending, n, total)
		}
		got, pages := 0, 0
		for next := path + "?limit=500"; next != ""; pages++ {
			a := f.get(next).want(http.StatusOK)
			got += f.counted(ending, a.body)
			link, more := strings.CutSuffix(strings.TrimPrefix(a.header.Get("Link"), "<"), `>; rel="next"`)
			if next = ""; more {
				next = link
			}
		}
		if got != total || pages != 3 {
			t.Errorf("%s: %d facts in %d pages", ending, got, pages)
		}
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
		event("fact.corrected", landed.Subject.String(), fmt.Sprintf(`{"target":%q,"patch":{"model":"Il-96-300PU"},"class":"corrected","notice":"It was the PU."}`, landed.ID), "id", string(quoted(id(1)))),
		retraction(landed.Subject.String(), landed.ID, "id", string(quoted(id(2)))),
		event("meeting.rescheduled", planned.Subject.String(), `{"title":"Talks","kind":"talks","when":{"best":"2025-08-15T19:00:00Z","phase":"planned"},"sources":[{"id":"s","name":"S"}]}`, "id", string(quoted(id(3)))),
		retraction(landed.Subject.String(), id(2), "id", string(quoted(id(4)))),
		event("meeting.cancelled", planned.Subject.String(), `{"sources":[{"id":"s","name":"S"}]}`, "id", string(quoted(id(5)))),
	}
}

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
			said[path] = slow.get(path, "Host", "localhost").want(http.StatusOK).body
		}
	}
	s, _, err := slow.host.OpenSummit(context.Background(), story[0])
	slow.must(err)
	slow.must(s.Views.Wait(context.Background(), 1))
	for _, e := range story[1:] {
		out, err := s.Record(context.Background(), []events.Event{e}, nil)
		slow.must(err)
		slow.must(s.Views.Wait(context.Background(), out[0].Seq))
		keep(out[0].Seq)
	}
	fast.alaska()
	for _, amendment := range amendmentsOf(story) {
		keep(slow.record("alaska-2025", amendment).Seq)
		fast.record("alaska-2025", amendment)
	}
	for path, then := range said {
		if now := slow.get(path, "Host", "localhost").want(http.StatusOK).body; now != then {
			t.Errorf("%s said\n%s\nand now says\n%s", path, then, now)
		}
		if other := fast.get(path, "Host", "localhost").want(http.StatusOK).body; other != then {
			t.Errorf("%s says\n%s\nand folded afresh\n%s", path, then, other)
		}
	}
	last := fmt.Sprintf("?known=@%d", slow.head("alaska-2025").Seq)
	if ics := said["/v1/summits/alaska-2025/timeline.ics"+last]; !strings.Contains(ics, "STATUS:CANCELLED") {
		t.Errorf("the meeting that was called off is not in the calendar: %s", ics)
	}
}
