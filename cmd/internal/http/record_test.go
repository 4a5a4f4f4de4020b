package httpserver_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/api"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/events"
)

func TestTheSameEventAgainIsADuplicate(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	facts := "/v1/summits/geneva/facts"
	body := servertest.Note("a", "seen", "id", `"`+servertest.ID(1)+`"`)
	first := f.Record("geneva", body)
	if first.ID != servertest.ID(1) || first.Seq != 2 || first.Position != f.At("geneva", 2) || first.Outcome != "created" {
		t.Errorf("first: %+v", first)
	}
	f.Record("geneva", servertest.Note("b", "between"))
	for _, again := range []string{
		body,
		" " + strings.ReplaceAll(body, `":`, `" : `),
		servertest.Note("a", "seen", "id", `"`+strings.ToUpper(servertest.ID(1))+`"`),
		servertest.Note("a", "seen", "id", `"`+servertest.ID(1)+`"`, "specversion", `"1.0"`, "summit", `"geneva"`, "datacontenttype", `"application/json"`,
			"dataschema", `"/schemas/note.added/1"`, "recordedtime", `"1999-01-01T00:00:00Z"`),
	} {
		var a api.Recorded
		r := f.Post(facts, events.ContentType, again).Want(http.StatusOK)
		r.Into(&a)
		want := first
		want.Outcome = "duplicate"
		if a != want || r.Header.Get("Summit-Position") != first.Position {
			t.Errorf("again: %+v at %s, want %+v", a, r.Header.Get("Summit-Position"), want)
		}
	}
	if got := f.Head("geneva").Seq; got != 3 {
		t.Errorf("the log ends at %d, want 3", got)
	}
	one, two := f.Record("geneva", servertest.Note("c", "no id")), f.Record("geneva", servertest.Note("c", "no id"))
	if one.ID == two.ID || two.Seq != 5 {
		t.Errorf("without an id: %+v, %+v: two events were meant", one, two)
	}
}

func TestAnOpeningAgainIsADuplicate(t *testing.T) {
	f := newFixture(t)
	const data = `{"id":"geneva","title":"Geneva","zone":"Europe/Zurich","parties":[{"id":"a","name":"A"}]}`
	r := f.Post("/v1/summits", respond.JSONType, data).Want(http.StatusCreated)
	if r.Header.Get("Location") != "/v1/summits/geneva" || r.Header.Get("Summit-Position") != f.At("geneva", 1) {
		t.Errorf("header %v", r.Header)
	}
	var a struct{ ID, Title, Zone, Phase, Position string }
	r.Into(&a)
	if a.ID != "geneva" || a.Title != "Geneva" || a.Zone != "Europe/Zurich" || a.Phase != "opened" || a.Position != f.At("geneva", 1) {
		t.Errorf("answer %s", r.Body)
	}
	f.Post("/v1/summits", respond.JSONType, data).Want(http.StatusOK)
	whole := servertest.Event("summit.opened", "summit/vienna", `{"title":"Vienna","zone":"UTC","parties":[]}`, "id", `"`+servertest.ID(1)+`"`)
	f.Post("/v1/summits", events.ContentType, whole).Want(http.StatusCreated)
	f.Post("/v1/summits", events.ContentType, whole).Want(http.StatusOK)
	var list struct {
		Summits []struct {
			ID, Title, Phase, Position string
			Facts                      int
		}
	}
	f.Record("vienna", servertest.Note("a", "a"))
	f.Get("/v1/summits").Want(http.StatusOK).Into(&list)
	if got := fmt.Sprint(list.Summits); got != fmt.Sprintf("[{vienna Vienna opened %s 1} {geneva Geneva opened %s 0}]", f.At("vienna", 2), f.At("geneva", 1)) {
		t.Errorf("summits %s", got)
	}
}

// outcomes posts a batch and gives its outcomes as sequence and outcome.
func (f *fixture) outcomes(status int, list ...string) string {
	f.Helper()
	var a struct{ Results []api.Recorded }
	f.Post("/v1/summits/geneva/facts", api.BatchType, servertest.Batch(list...)).Want(status).Into(&a)
	var out []string
	for _, r := range a.Results {
		if r.Position != f.At("geneva", int(r.Seq)) {
			f.Errorf("position %s of %d", r.Position, r.Seq)
		}
		out = append(out, fmt.Sprint(r.Seq, " ", r.Outcome))
	}
	return strings.Join(out, ", ")
}

func TestABatchIsTakenOnce(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	n := func(i int) string {
		return servertest.Note(fmt.Sprint("n", i), fmt.Sprint("note ", i), "id", `"`+servertest.ID(i)+`"`)
	}
	for _, c := range []struct {
		name   string
		status int
		list   []string
		want   string
	}{
		{"new", 201, []string{n(1), n(2), n(3)}, "2 created, 3 created, 4 created"},
		{"again", 200, []string{n(1), n(2), n(3)}, "2 duplicate, 3 duplicate, 4 duplicate"},
		{"again in another order", 200, []string{n(3), n(1)}, "4 duplicate, 2 duplicate"},
		{"partly there", 201, []string{n(4), n(2), n(5)}, "5 created, 3 duplicate, 6 created"},
		{"with an amendment of its own event", 201, []string{n(6), servertest.Retraction("note/n6", servertest.ID(6), "id", `"`+servertest.ID(16)+`"`)}, "7 created, 8 created"},
		{"of one", 201, []string{n(7)}, "9 created"},
		{"an amendment of what is there", 201, []string{servertest.Retraction("note/n1", servertest.ID(1), "id", `"`+servertest.ID(11)+`"`), n(1)}, "10 created, 2 duplicate"},
		{"of none", 200, nil, ""},
	} {
		if got := f.outcomes(c.status, c.list...); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestABatchIsTakenWholeOrNotAtAll(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	taken := f.Record("geneva", servertest.Note("a", "a", "id", `"`+servertest.ID(1)+`"`))
	facts := "/v1/summits/geneva/facts"
	for name, c := range map[string]struct {
		status int
		last   string
	}{
		"invalid":               {422, `{"type":"note.added"}`},
		"an id that is taken":   {409, servertest.Note("a", "something else", "id", `"`+servertest.ID(1)+`"`)},
		"amends nothing":        {422, servertest.Retraction("note/a", servertest.ID(99))},
		"amends another entity": {422, servertest.Retraction("note/b", taken.ID)},
		"too large":             {413, servertest.Note("b", strings.Repeat("x", events.MaxSize))},
	} {
		if a := f.Post(facts, api.BatchType, servertest.Batch(servertest.Note("b", "b"), servertest.Note("c", "c"), c.last)); a.Problem(c.status).Detail == "" || f.Head("geneva").Seq != 2 {
			t.Errorf("%s: the log ends at %d", name, f.Head("geneva").Seq)
		}
	}
	next := f.Record("geneva", servertest.Note("d", "d"))
	if next.Seq != 3 {
		t.Errorf("the next event is %d, want 3", next.Seq)
	}
	if got := f.Timeline("geneva", "?min="+next.Position).Seqs(); !slices.Equal(got, []uint64{2, 3}) {
		t.Errorf("timeline %v", got)
	}
}

func TestAFactIsServedWhereItsPositionIsAskedFor(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	for i := range 20 {
		var a api.Recorded
		f.Post("/v1/summits/geneva/facts", events.ContentType, servertest.Note(fmt.Sprint("n", i), "n")).Want(http.StatusCreated).Into(&a)
		for _, path := range []string{"/timeline?order=recorded&min=", "/facts/" + a.ID + "?min=", "/status?min=", "/conflicts?min=", "?min=", "/changes?since=@1&min="} {
			r := f.Get("/v1/summits/geneva" + path + a.Position).Want(http.StatusOK)
			if r.Header.Get("Summit-Position") != a.Position || !strings.Contains(r.Body, `"position":"`+a.Position+`"`) {
				t.Fatalf("%s: at %s, want %s: %s", path, r.Header.Get("Summit-Position"), a.Position, r.Body)
			}
		}
	}
}
