package httpserver_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/cmd/internal/http/api"
	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/eventstest"
)

const cloudEvents = events.ContentType

// Every odd instant, at every member of every type that holds one, is recorded
// or is a fault at that member. What is recorded can be read.
func TestOddInstantsOverHTTP(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.Open("geneva")
	var taken, refused []eventstest.OddInstant
	for _, odd := range eventstest.OddInstants() {
		if odd.Taken() {
			taken = append(taken, odd)
		} else {
			refused = append(refused, odd)
		}
	}
	for _, m := range eventstest.TimeMembers() {
		f.refusesAll(m, refused)
		if !strings.HasPrefix(m.Type, "summit.") {
			f.takesAll(m, taken)
		}
	}
	for i, odd := range taken {
		m := eventstest.TimeMember(events.TypeSummitOpened, "/data/starts")
		f.Post("/v1/summits", cloudEvents, string(m.Event(eventstest.Settled{Summit: fmt.Sprint("odd-", i)}, odd.Text))).Want(http.StatusCreated)
	}
	closing := eventstest.TimeMember(events.TypeSummitClosed, "/time")
	f.Record("geneva", string(closing.Event(eventstest.Settled{Summit: "geneva"}, taken[0].Text)))
	f.settled()
}

// refusesAll hands in a batch of nothing but refused instants.
func (f *fixture) refusesAll(m eventstest.Member, refused []eventstest.OddInstant) {
	f.Helper()
	var list, want []string
	for i, odd := range refused {
		list = append(list, string(m.Event(eventstest.Settled{Summit: "geneva", Target: servertest.ID(1)}, odd.Text)))
		want = append(want, fmt.Sprint("/", i, m.Pointer))
	}
	p := f.Post("/v1/summits/geneva/facts", api.BatchType, servertest.Batch(list...)).Problem(http.StatusUnprocessableEntity)
	slices.Sort(want)
	if got := p.Pointers(); got != strings.Join(want, " ") {
		f.Errorf("%s: faults at %s, want one for each refused instant", m, got)
	}
}

// takesAll records a batch of nothing but instants that are taken, each of an
// amendment about a fact of its own.
func (f *fixture) takesAll(m eventstest.Member, taken []eventstest.OddInstant) {
	f.Helper()
	var list []string
	for _, odd := range taken {
		target := uuid.NewString()
		if strings.HasPrefix(m.Type, "fact.") {
			list = append(list, servertest.Note("odd", "a fact", "id", `"`+target+`"`))
		}
		list = append(list, string(m.Event(eventstest.Settled{Summit: "geneva", Target: target}, odd.Text)))
	}
	if r := f.Post("/v1/summits/geneva/facts", api.BatchType, servertest.Batch(list...)); r.Status != http.StatusCreated {
		f.Errorf("%s: %d %s", m, r.Status, r.Body)
	}
}

// settled waits until all is served, and reads it.
func (f *fixture) settled() {
	f.Helper()
	var log string
	at := f.Head("geneva").String()
	log = f.Get("/v1/summits/geneva/log").Want(http.StatusOK).Body
	for _, odd := range eventstest.OddInstants() {
		if odd.Taken() && !strings.Contains(log, `"`+odd.Text+`"`) {
			f.Errorf("%s: %q is not in the log", odd.Name, odd.Text)
		}
	}
	var a struct{ Complete bool }
	f.Get("/v1/summits/geneva?min=" + at).Want(http.StatusOK).Into(&a)
	f.Get("/v1/summits/geneva/timeline?limit=500").Want(http.StatusOK)
	f.Get("/v1/summits/geneva/status").Want(http.StatusOK)
	if !a.Complete {
		f.Error("something that was recorded could not be read")
	}
}

// Every odd instant in a parameter is taken, or the parameter is named.
func TestOddInstantsAsParameters(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	for _, row := range [][2]string{
		{"/timeline?", "from"},
		{"/timeline?", "to"},
		{"/timeline?", "known"},
		{"/status?", "at"},
		{"/status?", "known"},
		{"/changes?", "since"},
		{"/changes?since=1800-01-01T00:00:00Z&", "until"},
		{"/conflicts?", "known"},
		{"/live?", "since"},
	} {
		for _, odd := range eventstest.OddInstants() {
			if odd.Text == "" || odd.Taken() && row[0] == "/live?" {
				continue // it says nothing, or the answer does not end
			}
			f.oddParameter(row[0], row[1], odd)
		}
	}
}

func (f *fixture) oddParameter(path, name string, odd eventstest.OddInstant) {
	f.Helper()
	r := f.Get("/v1/summits/geneva" + path + url.Values{name: {odd.Text}}.Encode())
	switch {
	case odd.Taken() && r.Status != http.StatusOK:
		f.Errorf("%s%s=%q (%s): %d %s", path, name, odd.Text, odd.Name, r.Status, r.Body)
	case !odd.Taken() && (r.Status != http.StatusBadRequest || r.Problem(http.StatusBadRequest).Pointers() != name):
		f.Errorf("%s%s=%q (%s): %d %s, want 400 that names it", path, name, odd.Text, odd.Name, r.Status, r.Body)
	}
}
