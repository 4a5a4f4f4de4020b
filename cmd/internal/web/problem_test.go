package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/events"
)

func TestABadParameterIsNamed(t *testing.T) {
	f := newFixture(t)
	f.alaska()
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
		{"/timeline?known=" + f.at("alaska-2025", 999), "known"},
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
		p := f.get("/v1/summits/alaska-2025" + c.path).problem(http.StatusBadRequest)
		if p.pointers() != c.named {
			t.Errorf("%s: names %q, want %q", c.path, p.pointers(), c.named)
		}
	}
	for path, named := range map[string]string{"?zone=Mars/Base": "zone", "?zone=Local": "zone", "?at=x": "at", "?known=x": "known", "?limit=0": "limit"} {
		if p := f.get("/summits/alaska-2025" + path).problem(http.StatusBadRequest); p.pointers() != named {
			t.Errorf("page %s: names %q, want %q", path, p.pointers(), named)
		}
	}
}

func TestACursorGoesWithItsQuery(t *testing.T) {
	f := newFixture(t)
	f.alaska()
	p := f.timeline("alaska-2025", "?limit=2&type=aircraft.*")
	if p := f.get("/v1/summits/alaska-2025/timeline?limit=2&cursor=" + *p.Next).problem(http.StatusBadRequest); p.pointers() != "cursor" {
		t.Errorf("names %q", p.pointers())
	}
}

// The entity tag stays the same, so the bytes must: also an hour later, and after
// a plan became overdue both may change.
func TestAPageHasTheSameCursorWhileNothingChanges(t *testing.T) {
	f := newFixture(t)
	f.alaska()
	const path = "/v1/summits/alaska-2025/timeline?limit=2"
	first := f.get(path)
	f.ahead.Add(int64(time.Hour))
	second := f.get(path)
	if a, b := first.header.Get("Etag"), second.header.Get("Etag"); a != b || a == "" {
		t.Fatalf("entity tags %s and %s", a, b)
	}
	if first.body != second.body {
		t.Errorf("under one entity tag:\n%s\n%s", first.body, second.body)
	}
}

func TestWhatIsNotThere(t *testing.T) {
	f := newFixture(t)
	f.alaska()
	for _, path := range []string{
		"/nothing", "/v1", "/v1/summits/nowhere", "/v1/summits/nowhere/timeline", "/v1/summits/nowhere/live", "/v1/summits/alaska-2025/nothing",
		"/v1/summits/alaska-2025/facts/" + id(1), "/v1/summits/alaska-2025/facts/x", "/v1/summits/alaska-2025/facts/41c0f77c-d14a-5ac3-aff9-6f6df1ad8a0c?known=@2",
		"/schemas/nothing/1", "/schemas/note.added/2", "/schemas/note.added/0", "/schemas/note.added/x",
		"/summits/nowhere", "/assets/nothing.js", "/assets/index.html", "/assets/..%2fpage.go", "/assets/%2e%2e%2fassets%2fsummit.css",
	} {
		f.get(path).problem(http.StatusNotFound)
	}
	f.post("/v1/summits/nowhere/facts", events.ContentType, note("a", "a")).problem(http.StatusNotFound)
}

func TestAnotherMethodIsToldWhatIsAllowed(t *testing.T) {
	f := newFixture(t)
	f.open("geneva")
	for _, c := range []struct{ method, path, allow string }{
		{"PUT", "/v1/summits", "GET, POST"},
		{"DELETE", "/v1/summits/geneva", "GET"},
		{"GET", "/v1/summits/geneva/facts", "POST"},
		{"POST", "/v1/summits/geneva/timeline", "GET"},
		{"PATCH", "/v1/summits/geneva/facts/" + id(1), "GET"},
		{"POST", "/", "GET"},
		{"POST", "/metrics", "GET"},
		{"POST", "/schemas/note.added/1", "GET"},
	} {
		a := f.do(c.method, c.path, "")
		a.problem(http.StatusMethodNotAllowed)
		if got := a.header.Get("Allow"); got != c.allow {
			t.Errorf("%s %s: Allow %q, want %q", c.method, c.path, got, c.allow)
		}
	}
}

func TestConflictsAreRefused(t *testing.T) {
	f := newFixture(t)
	f.open("geneva")
	facts := "/v1/summits/geneva/facts"
	first := f.record("geneva", note("a", "one", "id", `"`+id(1)+`"`))
	f.post(facts, events.ContentType, note("a", "two", "id", `"`+id(1)+`"`)).problem(http.StatusConflict)
	f.post(facts, events.ContentType, note("b", "one", "id", `"`+id(1)+`"`)).problem(http.StatusConflict)
	f.post("/v1/summits", JSONType, `{"id":"geneva","title":"Another","zone":"UTC","parties":[]}`).problem(http.StatusConflict)
	f.record("geneva", event("summit.closed", "summit/geneva", `{}`))
	f.post(facts, events.ContentType, note("c", "after")).problem(http.StatusConflict)
	f.post(facts, BatchType, batch(retraction("note/a", first.ID), note("c", "after"))).problem(http.StatusConflict)
	f.post(facts, events.ContentType, event("summit.closed", "summit/geneva", `{}`)).problem(http.StatusConflict)
	if a := f.post(facts, events.ContentType, note("a", "one", "id", `"`+id(1)+`"`)).want(http.StatusOK); !strings.Contains(a.body, "duplicate") {
		t.Errorf("the same event after closing: %s", a.body)
	}
	f.record("geneva", retraction("note/a", first.ID))
	if got := f.head("geneva").Seq; got != 4 {
		t.Errorf("the log ends at %d, want 4: a refused event was taken", got)
	}
}

func TestALogWithOtherSettingsIsNotServed(t *testing.T) {
	f := newFixture(t)
	js, err := jetstream.New(f.nats)
	f.must(err)
	_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "SUMMIT_geneva", Subjects: []string{"facts.geneva.>"}})
	f.must(err)
	p := f.post("/v1/summits", JSONType, `{"id":"geneva","title":"G","zone":"UTC","parties":[]}`).problem(http.StatusServiceUnavailable)
	if !strings.Contains(p.Detail, "deny_purge is false instead of true") {
		t.Errorf("detail %s", p.Detail)
	}
}

func TestAnAmendmentOfWhatHasMovedIsRefused(t *testing.T) {
	f := newFixture(t)
	f.open("geneva")
	facts := "/v1/summits/geneva/facts"
	a, b := f.record("geneva", note("a", "a")), f.record("geneva", note("b", "b"))
	moved := f.record("geneva", event("fact.graded", "note/a", fmt.Sprintf(`{"target":%q,"grade":{"source":"B","info":2}}`, a.ID), "id", `"`+id(2)+`"`), "If-Match", `"`+a.Position+`"`)
	grade := retraction("note/a", a.ID, "id", `"`+id(3)+`"`)
	f.post(facts, events.ContentType, grade, "If-Match", `"`+b.Position+`"`).problem(http.StatusPreconditionFailed)
	f.post(facts, events.ContentType, grade, "If-Match", `"00000000-99"`).problem(http.StatusPreconditionFailed)
	f.post(facts, BatchType, batch(note("c", "c"), grade), "If-Match", `"`+b.Position+`"`).problem(http.StatusPreconditionFailed)
	if p := f.post(facts, events.ContentType, grade, "If-Match", `"x"`).problem(http.StatusBadRequest); p.pointers() != "If-Match" {
		t.Errorf("names %q", p.pointers())
	}
	f.record("geneva", retraction("note/b", b.ID), "If-Match", `"`+b.Position+`"`)
	f.record("geneva", grade, "If-Match", `"`+moved.Position+`"`)
	again := f.post(facts, events.ContentType, grade, "If-Match", `"`+moved.Position+`"`).want(http.StatusOK)
	if !strings.Contains(again.body, "duplicate") {
		t.Errorf("a repeated amendment: %s", again.body)
	}
}

func TestWhatIsTooLargeIsRefused(t *testing.T) {
	f := newFixture(t)
	f.open("geneva")
	facts := "/v1/summits/geneva/facts"
	// padded is a valid event of so many bytes, as it is handed in.
	padded := func(size int) string {
		e := note("large", "t")
		for i := 0; size-len(e) > 2100; i++ {
			e = strings.Replace(e, `"sources":[`, fmt.Sprintf(`"sources":[{"id":"s%d","name":"S","url":"https://example.org/%s"},`, i, strings.Repeat("x", 1900)), 1)
		}
		return strings.Replace(e, `"text":"`, `"text":"`+strings.Repeat("x", size-len(e)), 1)
	}
	big := note("a", strings.Repeat("x", events.MaxSize))
	f.post(facts, events.ContentType, big).problem(http.StatusRequestEntityTooLarge)
	f.post(facts, BatchType, batch(note("a", "a"), big)).problem(http.StatusRequestEntityTooLarge)
	f.post("/v1/summits", JSONType, `{"id":"vienna","title":"`+strings.Repeat("x", events.MaxSize)+`"}`).problem(http.StatusRequestEntityTooLarge)
	many := make([]string, 1001)
	for i := range many {
		many[i] = note(fmt.Sprint("n", i), "n")
	}
	f.post(facts, BatchType, batch(many...)).problem(http.StatusRequestEntityTooLarge)
	f.post(facts, BatchType, "["+strings.Repeat(" ", MaxBody)+"]").problem(http.StatusRequestEntityTooLarge)
	// What the server adds counts too.
	f.post(facts, events.ContentType, padded(events.MaxSize-40)).problem(http.StatusRequestEntityTooLarge)
	if got := f.head("geneva").Seq; got != 1 {
		t.Errorf("the log ends at %d, want 1", got)
	}
	f.record("geneva", padded(events.MaxSize-1000))
	var a struct{ Results []Recorded }
	f.post(facts, BatchType, batch(many[:1000]...)).want(http.StatusCreated).into(&a)
	if len(a.Results) != 1000 || a.Results[999].Seq != 1002 {
		t.Errorf("%d results", len(a.Results))
	}
}

func TestOtherMediaTypesAreRefused(t *testing.T) {
	f := newFixture(t)
	f.open("geneva")
	for _, contentType := range []string{"", "text/plain", JSONType, "application/cloudevents", "application/x-www-form-urlencoded", events.ContentType + "; charset=latin1", "multipart/form-data; boundary=x"} {
		f.post("/v1/summits/geneva/facts", contentType, note("a", "a")).problem(http.StatusUnsupportedMediaType)
	}
	for _, contentType := range []string{"", "text/plain", BatchType} {
		f.post("/v1/summits", contentType, `{}`).problem(http.StatusUnsupportedMediaType)
	}
	f.post("/v1/summits/geneva/facts", events.ContentType+"; charset=UTF-8", note("a", "a")).want(http.StatusCreated)
}

func TestAnotherHostsNameIsRefused(t *testing.T) {
	f := newFixture(t)
	for _, name := range []string{"example.org", "example.org:8080", "localhost.example.org", "10.0.0.1", "127.0.0.1.example.org", "[2001:db8::1]:80"} {
		f.get("/v1/summits", "Host", name).problem(http.StatusMisdirectedRequest)
		f.get("/", "Host", name).problem(http.StatusMisdirectedRequest)
	}
	for _, name := range []string{"localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.2:99", "[::1]:8080", "[::1]"} {
		f.get("/v1/summits", "Host", name).want(http.StatusOK)
	}
}

func TestPagesOfOtherOriginsMayNotWrite(t *testing.T) {
	f := newFixture(t)
	f.open("geneva")
	facts := "/v1/summits/geneva/facts"
	for _, header := range [][]string{
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"},
		{"Origin", "https://example.org"},
		{"Origin", "null"},
		{"Sec-Fetch-Site", "cross-site", "Origin", f.url},
	} {
		f.post(facts, events.ContentType, note("a", "a"), header...).problem(http.StatusForbidden)
		f.post("/v1/summits", JSONType, `{"id":"vienna","title":"V","zone":"UTC","parties":[]}`, header...).problem(http.StatusForbidden)
		f.get("/v1/summits", header...).want(http.StatusOK)
	}
	for i, header := range [][]string{{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"}, {"Origin", f.url}, nil} {
		f.post(facts, events.ContentType, note(fmt.Sprint("b", i), "b"), header...).want(http.StatusCreated)
	}
	if got := f.streams(); !slices.Equal(got, []string{"SUMMIT_geneva"}) {
		t.Errorf("streams %v", got)
	}
}

func TestEveryFaultOfAnEventIsNamed(t *testing.T) {
	f := newFixture(t)
	f.open("geneva")
	first := f.record("geneva", note("a", "a"))
	const sources = `"sources":[{"id":"s","name":"S"}]`
	for _, c := range []struct{ name, body, named string }{
		{"no JSON", `{`, ""},
		{"text after the event", note("a", "a") + " {}", ""},
		{"no object", `[]`, ""},
		{"nothing", `{}`, "/data /source /subject /type"},
		{"unknown type", event("a.b", "note/a", `{}`), "/type"},
		{"unknown member", note("a", "a", "Extra", "1"), "/Extra"},
		{"another summit", note("a", "a", "summit", `"vienna"`), "/summit"},
		{"no UUID", note("a", "a", "id", `"one"`), "/id"},
		{"an old CloudEvents", note("a", "a", "specversion", `"0.3"`), "/specversion"},
		{"a schema of another type", note("a", "a", "dataschema", `"/schemas/agenda.set/1"`), "/dataschema"},
		{"a schema of the future", note("a", "a", "dataschema", `"/schemas/note.added/9"`), "/dataschema"},
		{"another kind of entity", event("note.added", "topic/a", `{"text":"a",`+sources+`}`), "/subject"},
		{"a time without a zone", note("a", "a", "time", `"2025-08-14T10:00:00"`), "/time"},
		{"time and best apart", event("note.added", "note/a", `{"text":"a",`+sources+`,"when":{"best":"2025-08-14T10:00:00Z"}}`, "time", `"2025-08-14T11:00:00Z"`), "/time"},
		{"ends the wrong way round", event("note.added", "note/a", `{"text":"a",`+sources+`,"when":{"earliest":"2025-08-14T10:00:00Z","latest":"2025-08-14T09:00:00Z"}}`), "/data/when/latest"},
		{"no sources", event("note.added", "note/a", `{"text":"a"}`), "/data/sources"},
		{
			"several faults of data", event("note.added", "note/a", `{"text":"","sources":[{"id":"s"},{"id":"t","name":"T","url":"javascript:alert(1)"}],"grade":{"source":"Z","info":9},"extra":1}`),
			"/data/extra /data/grade/info /data/grade/source /data/sources/0/name /data/sources/1/url /data/text",
		},
		{"envelope and data", event("note.added", "x", `{"text":1,`+sources+`}`, "source", `""`), "/data/text /source /subject"},
		{"via nothing", event("note.added", "note/a", `{"text":"a","sources":[{"id":"s","name":"S","via":["t"]}]}`), "/data/sources/0/via/0"},
		{"via in a circle", event("note.added", "note/a", `{"text":"a","sources":[{"id":"s","name":"S","via":["t"]},{"id":"t","name":"T","via":["s"]}]}`), "/data/sources"},
		{"info 1 on one word", event("note.added", "note/a", `{"text":"a",`+sources+`,"grade":{"source":"A","info":1}}`), "/data/grade/info"},
		{"an amendment of nothing", retraction("note/a", id(77)), "/data/target"},
		{"an amendment on another entity", retraction("note/b", first.ID), "/subject"},
		{"a correction that leaves no valid fact", event("fact.corrected", "note/a", fmt.Sprintf(`{"target":%q,"patch":{"text":null},"class":"corrected","notice":"n"}`, first.ID)), "/data/patch/text"},
		{"another opening", event("summit.opened", "summit/geneva", `{"title":"G","zone":"UTC","parties":[]}`), "/type"},
	} {
		p := f.post("/v1/summits/geneva/facts", events.ContentType, c.body).problem(http.StatusUnprocessableEntity)
		if p.pointers() != c.named || len(p.Errors) == 0 {
			t.Errorf("%s: names %q, want %q: %s", c.name, p.pointers(), c.named, p.Detail)
		}
	}
	for _, c := range []struct{ name, body, named string }{
		{"no list", note("a", "a"), ""},
		{"two faulty events", batch(note("b", "b"), event("note.added", "note/c", `{"text":1,`+sources+`}`), note("d", "d", "id", `"x"`)), "/1/data/text /2/id"},
		{"an id twice", batch(note("b", "b", "id", `"`+id(5)+`"`), note("c", "c", "id", `"`+id(5)+`"`)), "/1/id"},
		{"an amendment of nothing", batch(note("b", "b"), retraction("note/b", id(77))), "/1/data/target"},
		{"an amendment of what comes later", batch(retraction("note/b", id(6)), note("b", "b", "id", `"`+id(6)+`"`)), "/0/data/target"},
	} {
		p := f.post("/v1/summits/geneva/facts", BatchType, c.body).problem(http.StatusUnprocessableEntity)
		if p.pointers() != c.named || len(p.Errors) == 0 {
			t.Errorf("batch, %s: names %q, want %q: %s", c.name, p.pointers(), c.named, p.Detail)
		}
	}
	for _, c := range []struct{ name, body, named string }{
		{"no object", `[]`, ""},
		{"nothing", `{}`, "/id"},
		{"an id alone", `{"id":"vienna"}`, "/parties /title /zone"},
		{"an unknown zone", `{"id":"vienna","title":"V","zone":"Mars/Base","parties":[]}`, "/zone"},
		{"another type", note("a", "a"), "/type"},
		{"an event of another summit", event("summit.opened", "summit/vienna", `{"title":"V","zone":"UTC","parties":[]}`, "summit", `"geneva"`), "/subject"},
	} {
		p := f.post("/v1/summits", JSONType, c.body).problem(http.StatusUnprocessableEntity)
		if p.pointers() != c.named || len(p.Errors) == 0 {
			t.Errorf("opening, %s: names %q, want %q: %s", c.name, p.pointers(), c.named, p.Detail)
		}
	}
	if got := f.head("geneva").Seq; got != 2 {
		t.Errorf("the log ends at %d, want 2", got)
	}
}

func TestHostileIDsMakeNoStream(t *testing.T) {
	f := newFixture(t)
	f.open("geneva")
	for _, name := range []string{
		"", ".", "..", "../etc", "a.b", ">", "*", "a.>", "a/b", "a%2fb", "%2f", "-a", "A", "a b", "a\nb", "a\x00b", "ä", "日本", "a\u202eb", "$JS", "SUMMIT_a",
		strings.Repeat("a", 64), strings.Repeat("a", 5000),
	} {
		const data = `{"title":"T","zone":"UTC","parties":[]}`
		p := f.post("/v1/summits", JSONType, strings.Replace(data, "{", `{"id":`+string(quoted(name))+`,`, 1)).problem(http.StatusUnprocessableEntity)
		if p.pointers() != "/id" {
			t.Errorf("opening %q: names %q", name, p.pointers())
		}
		f.post("/v1/summits", events.ContentType, event("summit.opened", "summit/"+name, data)).problem(http.StatusUnprocessableEntity)
		f.post("/v1/summits", events.ContentType, event("summit.opened", "summit/vienna", data, "summit", string(quoted(name)))).problem(http.StatusUnprocessableEntity)
		p = f.post("/v1/summits/geneva/facts", events.ContentType, note(name, "a")).problem(http.StatusUnprocessableEntity)
		if p.pointers() != "/subject" {
			t.Errorf("a fact on %q: names %q", name, p.pointers())
		}
		f.post("/v1/summits/geneva/facts", events.ContentType, note("a", "a", "id", string(quoted(name)))).problem(http.StatusUnprocessableEntity)
	}
	for _, name := range []string{"a.b", "%3E", "*", "a%2Fb", "%2F", "..%2F..%2Fetc", "%E2%98%83", "GENEVA", "geneva.", "geneva%00", strings.Repeat("a", 64), strings.Repeat("a", 5000)} {
		f.get("/v1/summits/" + name + "/timeline").problem(http.StatusNotFound)
		f.get("/summits/" + name).problem(http.StatusNotFound)
		f.post("/v1/summits/"+name+"/facts", events.ContentType, note("a", "a")).problem(http.StatusNotFound)
		f.get("/v1/summits/geneva/facts/" + name).problem(http.StatusNotFound)
	}
	for _, path := range []string{"/v1/summits/../timeline", "/v1/summits/geneva/../../timeline", "//v1/summits"} {
		if a := f.get(path); a.status != http.StatusNotFound && a.status/100 != 3 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if got := f.streams(); !slices.Equal(got, []string{"SUMMIT_geneva"}) || f.head("geneva").Seq != 1 {
		t.Errorf("streams %v, at %s", got, f.head("geneva"))
	}
	longest := strings.Repeat("a", 63)
	f.open(longest)
	f.record(longest, note(longest, "the longest ids there may be", "id", `"`+strings.ToUpper(uuid.NewString())+`"`))
}
