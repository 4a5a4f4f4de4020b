package web

import (
	"net/http"
	"testing"

	"github.com/summit-timeline/summit/events"
)

// The time of an announcement is when it was announced: it may come long before
// what it plans for, and not after it is recorded.
func TestTheTimeOfAnAnnouncementIsNotAfterItIsRecorded(t *testing.T) {
	f := newFixture(t)
	f.open("s")
	plan := func(typ, data, time string) reply {
		return f.post("/v1/summits/s/facts", events.ContentType, event(typ, "meeting/m", data, "time", time))
	}
	scheduled := `{"title":"Talks","kind":"talks","when":{"best":"2030-01-01T10:00:00Z"},"sources":[{"id":"a","name":"A"}]}`
	plan("meeting.scheduled", scheduled, `"2025-08-01T10:00:00Z"`).want(http.StatusCreated)
	for typ, data := range map[string]string{
		"meeting.scheduled": scheduled, "meeting.cancelled": `{"sources":[{"id":"a","name":"A"}]}`,
		"meeting.started": `{"when":{"earliest":"2030-01-01T10:00:00Z","phase":"planned"},"sources":[{"id":"a","name":"A"}]}`,
	} {
		if got := plan(typ, data, `"2029-12-31T10:00:00Z"`).problem(http.StatusUnprocessableEntity).pointers(); got != "/time" {
			t.Errorf("%s: %s", typ, got)
		}
	}
}

// A line of a log is taken over as it is: what was right when it was recorded is
// not held to what was asked only later.
func TestACorrectionThatWasRecordedBeforeNeedsNoHeadline(t *testing.T) {
	f := newFixture(t)
	f.open("s")
	f.record("s", event("aircraft.landed", "aircraft/x", `{"headline":"It lands at B","place":{"name":"B"},"sources":[{"id":"a","name":"A"}]}`,
		"id", `"0198a9f2-7c1e-7000-8000-000000000001"`))
	patch := `{"target":"0198a9f2-7c1e-7000-8000-000000000001","patch":{"place":{"name":"C"}},"class":"corrected","notice":"C, not B"}`
	if got := f.post("/v1/summits/s/facts", events.ContentType, event("fact.corrected", "aircraft/x", patch)).problem(http.StatusUnprocessableEntity).pointers(); got != "/data/patch/headline" {
		t.Error(got)
	}
	f.record("s", event("fact.corrected", "aircraft/x", patch, "recordedtime", `"2025-08-14T10:00:00Z"`))
}
