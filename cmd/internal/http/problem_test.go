package httpserver_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/cmd/internal/http/api"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/events"
)

func TestABadParameterIsNamed(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	const fact = "/facts/41c0f77c-d14a-5ac3-aff9-6f6df1ad8a0c"
	for _, c := range []struct{ path, named string }{
		{"/timeline?from=x", "from"},
		{"/timeline?from=2025-08-15T10:30:00", "from"},
		{"/timeline?to=2025-08-15", "to"},
		{"/timeline?from=2025-08-15T00:00:00Z&to=2025-08-14T00:00:00Z", "to"},
		{"/timeline?from=2025-08-15T00:00:00Z&to=2025-08-15T00:00:00Z", "to"},
		{"/timeline?known=yesterday", "known"},
		{"/timeline?known=2199-01-01T00:00:00Z", "known"},
		{"/timeline?known=@x", "known"},
		{"/timeline?known=@999", "known"},
		{"/timeline?known=" + f.At("alaska-2025", 999), "known"},
		{"/timeline?known=00000000-1", "known"},
		{"/timeline?min=3", "min"},
		{"/timeline?min=00000000-1", "min"},
		{"/timeline?min=00000000-999", "min"},
		{"/timeline?type=aircraft", "type"},
		{"/timeline?type=*", "type"},
		{"/timeline?type=aircraft.*,", "type"},
		{"/timeline?type=aircraft.*,spaceship.*", "type"},
		{"/timeline?entity=il-96-300", "entity"},
		{"/timeline?entity=spaceship/one", "entity"},
		{"/timeline?entity=note/%3E", "entity"},
		{"/timeline?standing=true", "standing"},
		{"/timeline?min_grade=G1", "min_grade"},
		{"/timeline?min_grade=B7", "min_grade"},
		{"/timeline?order=time", "order"},
		{"/timeline?dir=down", "dir"},
		{"/timeline?limit=0", "limit"},
		{"/timeline?limit=501", "limit"},
		{"/timeline?limit=-1", "limit"},
		{"/timeline?limit=ten", "limit"},
		{"/timeline?cursor=!", "cursor"},
		{"/timeline?cursor=e30", "cursor"},
		{"/timeline?limt=1", "limt"},
		{"/timeline?limit=1&limit=2", "limit"},
		{"/timeline?from=x&known=y&type=z&limit=0&dir=sideways", "dir from known limit type"},
		{"/status?at=noon", "at"},
		{"/status?known=@999", "known"},
		{"/status?min=x", "min"},
		{"/status?limit=0", "limit"},
		{"/status?limit=1001", "limit"},
		{"/status?kind=spaceships", "kind"},
		{"/status?cursor=e30", "cursor"},
		{"/changes", "since"},
		{"/changes?since=x", "since"},
		{"/changes?since=@999", "since"},
		{"/changes?since=@1&until=x", "until"},
		{"/changes?since=@1&until=@999", "until"},
		{"/changes?since=@9&until=@3", "since"},
		{"/changes?since=@1&min=x", "min"},
		{"/conflicts?known=x", "known"},
		{"/log?from=0", "from"},
		{"/log?from=first", "from"},
		{"/log?to=0", "to"},
		{"/log?to=-5", "to"},
		{"/log?known=@1", "known"},
		{fact + "?known=x", "known"},
		{fact + "?min=x", "min"},
		{fact + "?at=2025-08-15T00:00:00Z", "at"},
		{"?known=x", "known"},
		{"/live?types=x", "types"},
		{"/live?entity=x", "entity"},
		{"/live?since=x", "since"},
		{"/live?last_event_id=x", "last_event_id"},
		{"/live?last_event_id=00000000-01", "last_event_id"},
	} {
		p := f.Get("/v1/summits/alaska-2025" + c.path).Problem(http.StatusBadRequest)
		if p.Pointers() != c.named {
			t.Errorf("%s: names %q, want %q", c.path, p.Pointers(), c.named)
		}
	}
	for path, named := range map[string]string{"?zone=Mars/Base": "zone", "?zone=Local": "zone", "?at=x": "at", "?known=x": "known", "?limit=0": "limit"} {
		if p := f.Get("/summits/alaska-2025" + path).Problem(http.StatusBadRequest); p.Pointers() != named {
			t.Errorf("page %s: names %q, want %q", path, p.Pointers(), named)
		}
	}
}

func TestACursorGoesWithItsQuery(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	p := f.Timeline("alaska-2025", "?limit=2&type=aircraft.*")
	if p := f.Get("/v1/summits/alaska-2025/timeline?limit=2&cursor=" + *p.Next).Problem(http.StatusBadRequest); p.Pointers() != "cursor" {
		t.Errorf("names %q", p.Pointers())
	}
}

// The entity tag stays the same, so the bytes must: also an hour later, and after
// a plan became overdue both may change.
func TestAPageHasTheSameCursorWhileNothingChanges(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	const path = "/v1/summits/alaska-2025/timeline?limit=2"
	first := f.Get(path)
	f.Ahead.Add(int64(time.Hour))
	second := f.Get(path)
	if a, b := first.Header.Get("Etag"), second.Header.Get("Etag"); a != b || a == "" {
		t.Fatalf("entity tags %s and %s", a, b)
	}
	if first.Body != second.Body {
		t.Errorf("under one entity tag:\n%s\n%s", first.Body, second.Body)
	}
}

func TestWhatIsNotThere(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	for _, path := range []string{
		"/nothing", "/v1", "/v1/summits/nowhere", "/v1/summits/nowhere/timeline", "/v1/summits/nowhere/live", "/v1/summits/alaska-2025/nothing",
		"/v1/summits/alaska-2025/facts/" + servertest.ID(1), "/v1/summits/alaska-2025/facts/x", "/v1/summits/alaska-2025/facts/41c0f77c-d14a-5ac3-aff9-6f6df1ad8a0c?known=@2",
		"/schemas/nothing/1", "/schemas/note.added/99", "/schemas/note.added/0", "/schemas/note.added/x",
		"/summits/nowhere", "/assets/nothing.js", "/assets/index.html", "/assets/..%2fpage.go", "/assets/%2e%2e%2fassets%2fsummit.css",
	} {
		f.Get(path).Problem(http.StatusNotFound)
	}
	f.Post("/v1/summits/nowhere/facts", events.ContentType, servertest.Note("a", "a")).Problem(http.StatusNotFound)
}

func TestAnotherMethodIsToldWhatIsAllowed(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	for _, c := range []struct{ method, path, allow string }{
		{"PUT", "/v1/summits", "GET, POST"},
		{"DELETE", "/v1/summits/geneva", "GET"},
		{"GET", "/v1/summits/geneva/facts", "POST"},
		{"POST", "/v1/summits/geneva/timeline", "GET"},
		{"PATCH", "/v1/summits/geneva/facts/" + servertest.ID(1), "GET"},
		{"POST", "/", "GET"},
		{"POST", "/metrics", "GET"},
		{"POST", "/schemas/note.added/1", "GET"},
	} {
		a := f.Do(c.method, c.path, "")
		a.Problem(http.StatusMethodNotAllowed)
		if got := a.Header.Get("Allow"); got != c.allow {
			t.Errorf("%s %s: Allow %q, want %q", c.method, c.path, got, c.allow)
		}
	}
}

func TestConflictsAreRefused(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	facts := "/v1/summits/geneva/facts"
	first := f.Record("geneva", servertest.Note("a", "one", "id", `"`+servertest.ID(1)+`"`))
	f.Post(facts, events.ContentType, servertest.Note("a", "two", "id", `"`+servertest.ID(1)+`"`)).Problem(http.StatusConflict)
	f.Post(facts, events.ContentType, servertest.Note("b", "one", "id", `"`+servertest.ID(1)+`"`)).Problem(http.StatusConflict)
	f.Post("/v1/summits", respond.JSONType, `{"id":"geneva","title":"Another","zone":"UTC","parties":[]}`).Problem(http.StatusConflict)
	f.Record("geneva", servertest.Event("summit.closed", "summit/geneva", `{}`))
	f.Post(facts, events.ContentType, servertest.Note("c", "after")).Problem(http.StatusConflict)
	f.Post(facts, api.BatchType, servertest.Batch(servertest.Retraction("note/a", first.ID), servertest.Note("c", "after"))).Problem(http.StatusConflict)
	f.Post(facts, events.ContentType, servertest.Event("summit.closed", "summit/geneva", `{}`)).Problem(http.StatusConflict)
	if a := f.Post(facts, events.ContentType, servertest.Note("a", "one", "id", `"`+servertest.ID(1)+`"`)).Want(http.StatusOK); !strings.Contains(a.Body, "duplicate") {
		t.Errorf("the same event after closing: %s", a.Body)
	}
	f.Record("geneva", servertest.Retraction("note/a", first.ID))
	if got := f.Head("geneva").Seq; got != 4 {
		t.Errorf("the log ends at %d, want 4: a refused event was taken", got)
	}
}

func TestALogWithOtherSettingsIsNotServed(t *testing.T) {
	f := newFixture(t)
	js, err := jetstream.New(f.NATS)
	f.Must(err)
	_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "SUMMIT_geneva", Subjects: []string{"facts.geneva.>"}})
	f.Must(err)
	p := f.Post("/v1/summits", respond.JSONType, `{"id":"geneva","title":"G","zone":"UTC","parties":[]}`).Problem(http.StatusServiceUnavailable)
	if !strings.Contains(p.Detail, "deny_purge is false instead of true") {
		t.Errorf("detail %s", p.Detail)
	}
}

func TestAnAmendmentOfWhatHasMovedIsRefused(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	facts := "/v1/summits/geneva/facts"
	a, b := f.Record("geneva", servertest.Note("a", "a")), f.Record("geneva", servertest.Note("b", "b"))
	moved := f.Record("geneva", servertest.Event("fact.graded", "note/a", fmt.Sprintf(`{"target":%q,"grade":{"source":"B","info":2}}`, a.ID), "id", `"`+servertest.ID(2)+`"`), "If-Match", `"`+a.Position+`"`)
	grade := servertest.Retraction("note/a", a.ID, "id", `"`+servertest.ID(3)+`"`)
	f.Post(facts, events.ContentType, grade, "If-Match", `"`+b.Position+`"`).Problem(http.StatusPreconditionFailed)
	f.Post(facts, events.ContentType, grade, "If-Match", `"00000000-99"`).Problem(http.StatusPreconditionFailed)
	f.Post(facts, api.BatchType, servertest.Batch(servertest.Note("c", "c"), grade), "If-Match", `"`+b.Position+`"`).Problem(http.StatusPreconditionFailed)
	if p := f.Post(facts, events.ContentType, grade, "If-Match", `"x"`).Problem(http.StatusBadRequest); p.Pointers() != "If-Match" {
		t.Errorf("names %q", p.Pointers())
	}
	f.Record("geneva", servertest.Retraction("note/b", b.ID), "If-Match", `"`+b.Position+`"`)
	f.Record("geneva", grade, "If-Match", `"`+moved.Position+`"`)
	again := f.Post(facts, events.ContentType, grade, "If-Match", `"`+moved.Position+`"`).Want(http.StatusOK)
	if !strings.Contains(again.Body, "duplicate") {
		t.Errorf("a repeated amendment: %s", again.Body)
	}
}

func TestWhatIsTooLargeIsRefused(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	facts := "/v1/summits/geneva/facts"
	// padded is a valid event of so many bytes, as it is handed in.
	padded := func(size int) string {
		e := servertest.Note("large", "t")
		for i := 0; size-len(e) > 2100; i++ {
			e = strings.Replace(e, `"sources":[`, fmt.Sprintf(`"sources":[{"id":"s%d","name":"S","url":"https://example.org/%s"},`, i, strings.Repeat("x", 1900)), 1)
		}
		return strings.Replace(e, `"text":"`, `"text":"`+strings.Repeat("x", size-len(e)), 1)
	}
	big := servertest.Note("a", strings.Repeat("x", events.MaxSize))
	f.Post(facts, events.ContentType, big).Problem(http.StatusRequestEntityTooLarge)
	f.Post(facts, api.BatchType, servertest.Batch(servertest.Note("a", "a"), big)).Problem(http.StatusRequestEntityTooLarge)
	f.Post("/v1/summits", respond.JSONType, `{"id":"vienna","title":"`+strings.Repeat("x", events.MaxSize)+`"}`).Problem(http.StatusRequestEntityTooLarge)
	many := make([]string, 1001)
	for i := range many {
		many[i] = servertest.Note(fmt.Sprint("n", i), "n")
	}
	f.Post(facts, api.BatchType, servertest.Batch(many...)).Problem(http.StatusRequestEntityTooLarge)
	f.Post(facts, api.BatchType, "["+strings.Repeat(" ", api.MaxBody)+"]").Problem(http.StatusRequestEntityTooLarge)
	// What the server adds counts too.
	f.Post(facts, events.ContentType, padded(events.MaxSize-40)).Problem(http.StatusRequestEntityTooLarge)
	if got := f.Head("geneva").Seq; got != 1 {
		t.Errorf("the log ends at %d, want 1", got)
	}
	f.Record("geneva", padded(events.MaxSize-1000))
	var a struct{ Results []api.Recorded }
	f.Post(facts, api.BatchType, servertest.Batch(many[:1000]...)).Want(http.StatusCreated).Into(&a)
	if len(a.Results) != 1000 || a.Results[999].Seq != 1002 {
		t.Errorf("%d results", len(a.Results))
	}
}

func TestOtherMediaTypesAreRefused(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	for _, contentType := range []string{"", "text/plain", respond.JSONType, "application/cloudevents", "application/x-www-form-urlencoded", events.ContentType + "; charset=latin1", "multipart/form-data; boundary=x"} {
		f.Post("/v1/summits/geneva/facts", contentType, servertest.Note("a", "a")).Problem(http.StatusUnsupportedMediaType)
	}
	for _, contentType := range []string{"", "text/plain", api.BatchType} {
		f.Post("/v1/summits", contentType, `{}`).Problem(http.StatusUnsupportedMediaType)
	}
	f.Post("/v1/summits/geneva/facts", events.ContentType+"; charset=UTF-8", servertest.Note("a", "a")).Want(http.StatusCreated)
}

func TestEveryFaultOfAnEventIsNamed(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	first := f.Record("geneva", servertest.Note("a", "a"))
	const sources = `"sources":[{"id":"s","name":"S"}]`
	for _, c := range []struct{ name, body, named string }{
		{"no JSON", `{`, ""},
		{"text after the event", servertest.Note("a", "a") + " {}", ""},
		{"no object", `[]`, ""},
		{"nothing", `{}`, "/data /source /subject /type"},
		{"unknown type", servertest.Event("a.b", "note/a", `{}`), "/type"},
		{"unknown member", servertest.Note("a", "a", "Extra", "1"), "/Extra"},
		{"another summit", servertest.Note("a", "a", "summit", `"vienna"`), "/summit"},
		{"no UUID", servertest.Note("a", "a", "id", `"one"`), "/id"},
		{"an old CloudEvents", servertest.Note("a", "a", "specversion", `"0.3"`), "/specversion"},
		{"a schema of another type", servertest.Note("a", "a", "dataschema", `"/schemas/agenda.set/1"`), "/dataschema"},
		{"a schema of the future", servertest.Note("a", "a", "dataschema", `"/schemas/note.added/9"`), "/dataschema"},
		{"another kind of entity", servertest.Event("note.added", "topic/a", `{"text":"a",`+sources+`}`), "/subject"},
		{"a time without a zone", servertest.Note("a", "a", "time", `"2025-08-14T10:00:00"`), "/time"},
		{"time and best apart", servertest.Event("note.added", "note/a", `{"text":"a",`+sources+`,"when":{"best":"2025-08-14T10:00:00Z"}}`, "time", `"2025-08-14T11:00:00Z"`), "/time"},
		{"ends the wrong way round", servertest.Event("note.added", "note/a", `{"text":"a",`+sources+`,"when":{"earliest":"2025-08-14T10:00:00Z","latest":"2025-08-14T09:00:00Z"}}`), "/data/when/latest"},
		{"no sources", servertest.Event("note.added", "note/a", `{"text":"a"}`), "/data/sources"},
		{
			"several faults of data", servertest.Event("note.added", "note/a", `{"text":"","sources":[{"id":"s"},{"id":"t","name":"T","url":"javascript:alert(1)"}],"grade":{"source":"Z","info":9},"extra":1}`),
			"/data/extra /data/grade/info /data/grade/source /data/sources/0/name /data/sources/1/url /data/text",
		},
		{"envelope and data", servertest.Event("note.added", "x", `{"text":1,`+sources+`}`, "source", `""`), "/data/text /source /subject"},
		{"via nothing", servertest.Event("note.added", "note/a", `{"text":"a","sources":[{"id":"s","name":"S","via":["t"]}]}`), "/data/sources/0/via/0"},
		{"via in a circle", servertest.Event("note.added", "note/a", `{"text":"a","sources":[{"id":"s","name":"S","via":["t"]},{"id":"t","name":"T","via":["s"]}]}`), "/data/sources"},
		{"info 1 on one word", servertest.Event("note.added", "note/a", `{"text":"a",`+sources+`,"grade":{"source":"A","info":1}}`), "/data/grade/info"},
		{"an amendment of nothing", servertest.Retraction("note/a", servertest.ID(77)), "/data/target"},
		{"an amendment on another entity", servertest.Retraction("note/b", first.ID), "/subject"},
		{"a correction that leaves no valid fact", servertest.Event("fact.corrected", "note/a", fmt.Sprintf(`{"target":%q,"patch":{"text":null},"class":"corrected","notice":"n"}`, first.ID)), "/data/patch/text"},
		{"another opening", servertest.Event("summit.opened", "summit/geneva", `{"title":"G","zone":"UTC","parties":[]}`), "/type"},
	} {
		p := f.Post("/v1/summits/geneva/facts", events.ContentType, c.body).Problem(http.StatusUnprocessableEntity)
		if p.Pointers() != c.named || len(p.Errors) == 0 {
			t.Errorf("%s: names %q, want %q: %s", c.name, p.Pointers(), c.named, p.Detail)
		}
	}
	for _, c := range []struct{ name, body, named string }{
		{"no list", servertest.Note("a", "a"), ""},
		{"two faulty events", servertest.Batch(servertest.Note("b", "b"), servertest.Event("note.added", "note/c", `{"text":1,`+sources+`}`), servertest.Note("d", "d", "id", `"x"`)), "/1/data/text /2/id"},
		{"an id twice", servertest.Batch(servertest.Note("b", "b", "id", `"`+servertest.ID(5)+`"`), servertest.Note("c", "c", "id", `"`+servertest.ID(5)+`"`)), "/1/id"},
		{"an amendment of nothing", servertest.Batch(servertest.Note("b", "b"), servertest.Retraction("note/b", servertest.ID(77))), "/1/data/target"},
		{"an amendment of what comes later", servertest.Batch(servertest.Retraction("note/b", servertest.ID(6)), servertest.Note("b", "b", "id", `"`+servertest.ID(6)+`"`)), "/0/data/target"},
	} {
		p := f.Post("/v1/summits/geneva/facts", api.BatchType, c.body).Problem(http.StatusUnprocessableEntity)
		if p.Pointers() != c.named || len(p.Errors) == 0 {
			t.Errorf("batch, %s: names %q, want %q: %s", c.name, p.Pointers(), c.named, p.Detail)
		}
	}
	for _, c := range []struct{ name, body, named string }{
		{"no object", `[]`, ""},
		{"nothing", `{}`, "/id"},
		{"an id alone", `{"id":"vienna"}`, "/parties /title /zone"},
		{"an unknown zone", `{"id":"vienna","title":"V","zone":"Mars/Base","parties":[]}`, "/zone"},
		{"another type", servertest.Note("a", "a"), "/type"},
		{"an event of another summit", servertest.Event("summit.opened", "summit/vienna", `{"title":"V","zone":"UTC","parties":[]}`, "summit", `"geneva"`), "/subject"},
	} {
		p := f.Post("/v1/summits", respond.JSONType, c.body).Problem(http.StatusUnprocessableEntity)
		if p.Pointers() != c.named || len(p.Errors) == 0 {
			t.Errorf("opening, %s: names %q, want %q: %s", c.name, p.Pointers(), c.named, p.Detail)
		}
	}
	if got := f.Head("geneva").Seq; got != 2 {
		t.Errorf("the log ends at %d, want 2", got)
	}
}

func TestHostileIDsMakeNoStream(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	for _, name := range []string{
		"", ".", "..", "../etc", "a.b", ">", "*", "a.>", "a/b", "a%2fb", "%2f", "-a", "A", "a b", "a\nb", "a\x00b", "ä", "日本", "a\u202eb", "$JS", "SUMMIT_a",
		strings.Repeat("a", 64), strings.Repeat("a", 5000),
	} {
		const data = `{"title":"T","zone":"UTC","parties":[]}`
		p := f.Post("/v1/summits", respond.JSONType, strings.Replace(data, "{", `{"id":`+string(servertest.Quoted(name))+`,`, 1)).Problem(http.StatusUnprocessableEntity)
		if p.Pointers() != "/id" {
			t.Errorf("opening %q: names %q", name, p.Pointers())
		}
		f.Post("/v1/summits", events.ContentType, servertest.Event("summit.opened", "summit/"+name, data)).Problem(http.StatusUnprocessableEntity)
		f.Post("/v1/summits", events.ContentType, servertest.Event("summit.opened", "summit/vienna", data, "summit", string(servertest.Quoted(name)))).Problem(http.StatusUnprocessableEntity)
		p = f.Post("/v1/summits/geneva/facts", events.ContentType, servertest.Note(name, "a")).Problem(http.StatusUnprocessableEntity)
		if p.Pointers() != "/subject" {
			t.Errorf("a fact on %q: names %q", name, p.Pointers())
		}
		f.Post("/v1/summits/geneva/facts", events.ContentType, servertest.Note("a", "a", "id", string(servertest.Quoted(name)))).Problem(http.StatusUnprocessableEntity)
	}
	for _, name := range []string{"a.b", "%3E", "*", "a%2Fb", "%2F", "..%2F..%2Fetc", "%E2%98%83", "GENEVA", "geneva.", "geneva%00", strings.Repeat("a", 64), strings.Repeat("a", 5000)} {
		f.Get("/v1/summits/" + name + "/timeline").Problem(http.StatusNotFound)
		f.Get("/summits/" + name).Problem(http.StatusNotFound)
		f.Post("/v1/summits/"+name+"/facts", events.ContentType, servertest.Note("a", "a")).Problem(http.StatusNotFound)
		f.Get("/v1/summits/geneva/facts/" + name).Problem(http.StatusNotFound)
	}
	for _, path := range []string{"/v1/summits/../timeline", "/v1/summits/geneva/../../timeline", "//v1/summits"} {
		if a := f.Get(path); a.Status != http.StatusNotFound && a.Status/100 != 3 {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if got := f.Streams(); !slices.Equal(got, []string{"SUMMIT_geneva"}) || f.Head("geneva").Seq != 1 {
		t.Errorf("streams %v, at %s", got, f.Head("geneva"))
	}
	longest := strings.Repeat("a", 63)
	f.Open(longest)
	f.Record(longest, servertest.Note(longest, "the longest ids there may be", "id", `"`+strings.ToUpper(uuid.NewString())+`"`))
}
