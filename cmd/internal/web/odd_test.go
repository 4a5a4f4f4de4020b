package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/eventstest"
)

const cloudEvents = events.ContentType

// Every odd instant, at every member of every type that holds one, is recorded
// or is a fault at that member. What is recorded can be read.
func TestOddInstantsOverHTTP(t *testing.T) {
	f := newFixture(t)
	f.open("geneva")
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
		f.post("/v1/summits", cloudEvents, string(m.Event(eventstest.Settled{Summit: fmt.Sprint("odd-", i)}, odd.Text))).want(http.StatusCreated)
	}
	closing := eventstest.TimeMember(events.TypeSummitClosed, "/time")
	f.record("geneva", string(closing.Event(eventstest.Settled{Summit: "geneva"}, taken[0].Text)))
	f.settled()
}

// refusesAll hands in a batch of nothing but refused instants.
func (f *fixture) refusesAll(m eventstest.Member, refused []eventstest.OddInstant) {
	f.Helper()
	var list, want []string
	for i, odd := range refused {
		list = append(list, string(m.Event(eventstest.Settled{Summit: "geneva", Target: id(1)}, odd.Text)))
		want = append(want, fmt.Sprint("/", i, m.Pointer))
	}
	p := f.post("/v1/summits/geneva/facts", BatchType, batch(list...)).problem(http.StatusUnprocessableEntity)
	slices.Sort(want)
	if got := p.pointers(); got != strings.Join(want, " ") {
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
			list = append(list, note("odd", "a fact", "id", `"`+target+`"`))
		}
		list = append(list, string(m.Event(eventstest.Settled{Summit: "geneva", Target: target}, odd.Text)))
	}
	if r := f.post("/v1/summits/geneva/facts", BatchType, batch(list...)); r.status != http.StatusCreated {
		f.Errorf("%s: %d %s", m, r.status, r.body)
	}
}

// settled waits until all is served, and reads it.
func (f *fixture) settled() {
	f.Helper()
	var log string
	at := f.head("geneva").String()
	log = f.get("/v1/summits/geneva/log").want(http.StatusOK).body
	for _, odd := range eventstest.OddInstants() {
		if odd.Taken() && !strings.Contains(log, `"`+odd.Text+`"`) {
			f.Errorf("%s: %q is not in the log", odd.Name, odd.Text)
		}
	}
	var a struct{ Complete bool }
	f.get("/v1/summits/geneva?min=" + at).want(http.StatusOK).into(&a)
	f.get("/v1/summits/geneva/timeline?limit=500").want(http.StatusOK)
	f.get("/v1/summits/geneva/status").want(http.StatusOK)
	if !a.Complete {
		f.Error("something that was recorded could not be read")
	}
}

// Every odd instant in a parameter is taken, or the parameter is named.
func TestOddInstantsAsParameters(t *testing.T) {
	f := newFixture(t)
	f.open("geneva")
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
	r := f.get("/v1/summits/geneva" + path + url.Values{name: {odd.Text}}.Encode())
	switch {
	case odd.Taken() && r.status != http.StatusOK:
		f.Errorf("%s%s=%q (%s): %d %s", path, name, odd.Text, odd.Name, r.status, r.body)
	case !odd.Taken() && (r.status != http.StatusBadRequest || r.problem(http.StatusBadRequest).pointers() != name):
		f.Errorf("%s%s=%q (%s): %d %s, want 400 that names it", path, name, odd.Text, odd.Name, r.status, r.body)
	}
}
