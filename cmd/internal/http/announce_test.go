package httpserver_test

import (
	"net/http"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/events"
)

// The time of an announcement is when it was announced: it may come long before
// what it plans for, and not after it is recorded.
func TestTheTimeOfAnAnnouncementIsNotAfterItIsRecorded(t *testing.T) {
	f := newFixture(t)
	f.Open("s")
	plan := func(typ, data, time string) servertest.Reply {
		return f.Post("/v1/summits/s/facts", events.ContentType, servertest.Event(typ, "meeting/m", data, "time", time))
	}
	scheduled := `{"title":"Talks","kind":"talks","when":{"best":"2030-01-01T10:00:00Z"},"sources":[{"id":"a","name":"A"}]}`
	plan("meeting.scheduled", scheduled, `"2025-08-01T10:00:00Z"`).Want(http.StatusCreated)
	for typ, data := range map[string]string{
		"meeting.scheduled": scheduled, "meeting.cancelled": `{"sources":[{"id":"a","name":"A"}]}`,
		"meeting.started": `{"when":{"earliest":"2030-01-01T10:00:00Z","phase":"planned"},"sources":[{"id":"a","name":"A"}]}`,
	} {
		if got := plan(typ, data, `"2029-12-31T10:00:00Z"`).Problem(http.StatusUnprocessableEntity).Pointers(); got != "/time" {
			t.Errorf("%s: %s", typ, got)
		}
	}
}

// A line of a log is taken over as it is: what was right when it was recorded is
// not held to what was asked only later.
func TestACorrectionThatWasRecordedBeforeNeedsNoHeadline(t *testing.T) {
	f := newFixture(t)
	f.Open("s")
	f.Record("s", servertest.Event("aircraft.landed", "aircraft/x", `{"headline":"It lands at B","place":{"name":"B"},"sources":[{"id":"a","name":"A"}]}`,
		"id", `"0198a9f2-7c1e-7000-8000-000000000001"`))
	patch := `{"target":"0198a9f2-7c1e-7000-8000-000000000001","patch":{"place":{"name":"C"}},"class":"corrected","notice":"C, not B"}`
	if got := f.Post("/v1/summits/s/facts", events.ContentType, servertest.Event("fact.corrected", "aircraft/x", patch)).Problem(http.StatusUnprocessableEntity).Pointers(); got != "/data/patch/headline" {
		t.Error(got)
	}
	f.Record("s", servertest.Event("fact.corrected", "aircraft/x", patch, "recordedtime", `"2025-08-14T10:00:00Z"`))
}
