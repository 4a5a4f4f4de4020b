package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/events"
)

func TestTheSameEventAgainIsADuplicate(t *testing.T) {
	f := newFixture(t)
	f.open("geneva")
	facts := "/v1/summits/geneva/facts"
	body := note("a", "seen", "id", `"`+id(1)+`"`)
	first := f.record("geneva", body)
	if first.ID != id(1) || first.Seq != 2 || first.Position != f.at("geneva", 2) || first.Outcome != "created" {
		t.Errorf("first: %+v", first)
	}
	f.record("geneva", note("b", "between"))
	for _, again := range []string{
		body,
		" " + strings.ReplaceAll(body, `":`, `" : `),
		note("a", "seen", "id", `"`+strings.ToUpper(id(1))+`"`),
		note("a", "seen", "id", `"`+id(1)+`"`, "specversion", `"1.0"`, "summit", `"geneva"`, "datacontenttype", `"application/json"`,
			"dataschema", `"/schemas/note.added/1"`, "recordedtime", `"1999-01-01T00:00:00Z"`),
	} {
		var a Recorded
		r := f.post(facts, events.ContentType, again).want(http.StatusOK)
		r.into(&a)
		want := first
		want.Outcome = "duplicate"
		if a != want || r.header.Get("Summit-Position") != first.Position {
			t.Errorf("again: %+v at %s, want %+v", a, r.header.Get("Summit-Position"), want)
		}
	}
	if got := f.head("geneva").Seq; got != 3 {
		t.Errorf("the log ends at %d, want 3", got)
	}
	one, two := f.record("geneva", note("c", "no id")), f.record("geneva", note("c", "no id"))
	if one.ID == two.ID || two.Seq != 5 {
		t.Errorf("without an id: %+v, %+v: two events were meant", one, two)
	}
}

func TestAnOpeningAgainIsADuplicate(t *testing.T) {
	f := newFixture(t)
	const data = `{"id":"geneva","title":"Geneva","zone":"Europe/Zurich","parties":[{"id":"a","name":"A"}]}`
	r := f.post("/v1/summits", JSONType, data).want(http.StatusCreated)
	if r.header.Get("Location") != "/v1/summits/geneva" || r.header.Get("Summit-Position") != f.at("geneva", 1) {
		t.Errorf("header %v", r.header)
	}
	var a struct{ ID, Title, Zone, Phase, Position string }
	r.into(&a)
	if a.ID != "geneva" || a.Title != "Geneva" || a.Zone != "Europe/Zurich" || a.Phase != "opened" || a.Position != f.at("geneva", 1) {
		t.Errorf("answer %s", r.body)
	}
	f.post("/v1/summits", JSONType, data).want(http.StatusOK)
	whole := event("summit.opened", "summit/vienna", `{"title":"Vienna","zone":"UTC","parties":[]}`, "id", `"`+id(1)+`"`)
	f.post("/v1/summits", events.ContentType, whole).want(http.StatusCreated)
	f.post("/v1/summits", events.ContentType, whole).want(http.StatusOK)
	var list struct {
		Summits []struct {
			ID, Title, Phase, Position string
			Facts                      int
		}
	}
	f.record("vienna", note("a", "a"))
	f.get("/v1/summits").want(http.StatusOK).into(&list)
	if got := fmt.Sprint(list.Summits); got != fmt.Sprintf("[{vienna Vienna opened %s 1} {geneva Geneva opened %s 0}]", f.at("vienna", 2), f.at("geneva", 1)) {
		t.Errorf("summits %s", got)
	}
}

// outcomes posts a batch and gives its outcomes as sequence and outcome.
func (f *fixture) outcomes(status int, list ...string) string {
	f.Helper()
	var a struct{ Results []Recorded }
	f.post("/v1/summits/geneva/facts", BatchType, batch(list...)).want(status).into(&a)
	var out []string
	for _, r := range a.Results {
		if r.Position != f.at("geneva", int(r.Seq)) {
			f.Errorf("position %s of %d", r.Position, r.Seq)
		}
		out = append(out, fmt.Sprint(r.Seq, " ", r.Outcome))
	}
	return strings.Join(out, ", ")
}

func TestABatchIsTakenOnce(t *testing.T) {
	f := newFixture(t)
	f.open("geneva")
	n := func(i int) string { return note(fmt.Sprint("n", i), fmt.Sprint("note ", i), "id", `"`+id(i)+`"`) }
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
		{"with an amendment of its own event", 201, []string{n(6), retraction("note/n6", id(6), "id", `"`+id(16)+`"`)}, "7 created, 8 created"},
		{"of one", 201, []string{n(7)}, "9 created"},
		{"an amendment of what is there", 201, []string{retraction("note/n1", id(1), "id", `"`+id(11)+`"`), n(1)}, "10 created, 2 duplicate"},
		{"of none", 200, nil, ""},
	} {
		if got := f.outcomes(c.status, c.list...); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestABatchIsTakenWholeOrNotAtAll(t *testing.T) {
	f := newFixture(t)
	f.open("geneva")
	taken := f.record("geneva", note("a", "a", "id", `"`+id(1)+`"`))
	facts := "/v1/summits/geneva/facts"
	for name, c := range map[string]struct {
		status int
		last   string
	}{
		"invalid":               {422, `{"type":"note.added"}`},
		"an id that is taken":   {409, note("a", "something else", "id", `"`+id(1)+`"`)},
		"amends nothing":        {422, retraction("note/a", id(99))},
		"amends another entity": {422, retraction("note/b", taken.ID)},
		"too large":             {413, note("b", strings.Repeat("x", events.MaxSize))},
	} {
		if a := f.post(facts, BatchType, batch(note("b", "b"), note("c", "c"), c.last)); a.problem(c.status).Detail == "" || f.head("geneva").Seq != 2 {
			t.Errorf("%s: the log ends at %d", name, f.head("geneva").Seq)
		}
	}
	next := f.record("geneva", note("d", "d"))
	if next.Seq != 3 {
		t.Errorf("the next event is %d, want 3", next.Seq)
	}
	if got := f.timeline("geneva", "?min="+next.Position).seqs(); !slices.Equal(got, []uint64{2, 3}) {
		t.Errorf("timeline %v", got)
	}
}

func TestAFactIsServedWhereItsPositionIsAskedFor(t *testing.T) {
	f := newFixture(t)
	f.open("geneva")
	for i := range 20 {
		var a Recorded
		f.post("/v1/summits/geneva/facts", events.ContentType, note(fmt.Sprint("n", i), "n")).want(http.StatusCreated).into(&a)
		for _, path := range []string{"/timeline?order=recorded&min=", "/facts/" + a.ID + "?min=", "/status?min=", "/conflicts?min=", "?min=", "/changes?since=@1&min="} {
			r := f.get("/v1/summits/geneva" + path + a.Position).want(http.StatusOK)
			if r.header.Get("Summit-Position") != a.Position || !strings.Contains(r.body, `"position":"`+a.Position+`"`) {
				t.Fatalf("%s: at %s, want %s: %s", path, r.header.Get("Summit-Position"), a.Position, r.body)
			}
		}
	}
}
