package httpserver_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"github.com/summit-timeline/summit/cmd/internal/http/api"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/eventstest"
)

const foggy = `{"text":"Fog","sources":[{"id":"s","name":"S"}]}`

// inBinary are the headers of an event as the npm package cloudevents 10.0.0
// sends it by default.
func inBinary(more ...string) []string {
	return append([]string{
		"ce-id", servertest.ID(1), "ce-time", "2025-08-15T10:30:00.000Z", "ce-type", "note.added", "ce-source", "/desks/node",
		"ce-specversion", "1.0", "ce-subject", "note/fog",
	}, more...)
}

func TestAnEventInBinaryMode(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	const facts = "/v1/summits/geneva/facts"
	more := []string{"ce-partitionkey", "%D0%BA%D0%BB%D1%8E%D1%87%20%22a%22%20100%25", "CE-Sampled", "true", "ce-weight", "5", "ce-quoted", `"a \"b\" \\c"`, "ce-raw", "100%", "ce-recordedby", "forged"}
	for i, mediaType := range []string{"application/json; charset=utf-8", "application/json", "Application/JSON;Charset=UTF-8", "application/vnd.summit+json", ""} {
		var a api.Recorded
		status := http.StatusOK
		if i == 0 {
			status = http.StatusCreated
		}
		f.Post(facts, mediaType, foggy, inBinary(more...)...).Want(status).Into(&a)
		if a.ID != servertest.ID(1) || a.Seq != 2 {
			t.Errorf("%s: %+v", mediaType, a)
		}
	}
	s, _ := f.Registry.Summit("geneva")
	rec, err := s.Log.Get(context.Background(), 2)
	f.Must(err)
	const end = `,"quoted":"a \"b\" \\c","raw":"100%","sampled":"true","weight":"5"}`
	if raw := string(rec.Raw); !strings.HasSuffix(raw, end) || !strings.Contains(raw, `"partitionkey":"ключ \"a\" 100%"`) || strings.Contains(raw, "forged") ||
		!strings.Contains(raw, `"time":"2025-08-15T10:30:00.000Z"`) || !strings.Contains(raw, `"data":{"sources":[{"id":"s","name":"S"}],"text":"Fog"}`) {
		t.Errorf("stored %s", raw)
	}
	structured := servertest.Event("note.added", "note/fog", foggy, "id", `"`+servertest.ID(1)+`"`, "source", `"/desks/node"`, "time", `"2025-08-15T10:30:00Z"`,
		"partitionkey", `"ключ \"a\" 100%"`, "sampled", "true", "weight", "5", "quoted", `"a \"b\" \\c"`, "raw", `"100%"`)
	f.Post(facts, events.ContentType+"; charset=utf-8", structured).Want(http.StatusOK)
	f.Post(facts, events.ContentType, structured, "ce-id", servertest.ID(9), "ce-type", "no.such").Want(http.StatusOK) // the media type says which mode
	f.Post(facts, "application/cloudevents-batch+json; charset=UTF-8", "["+structured+"]").Want(http.StatusOK)
}

func TestWhatIsWrongInBinaryMode(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	const facts = "/v1/summits/geneva/facts"
	for _, row := range []struct {
		mediaType, body, pointers string
		headers                   []string
	}{
		{respond.JSONType, foggy, "/type", []string{"ce-source", "/d", "ce-subject", "note/n"}},
		{respond.JSONType, foggy, "/specversion", inBinary("ce-specversion", "0.3")},
		{respond.JSONType, foggy, "/time", inBinary("ce-time", "2026-01-01T00:00:00+24:00")},
		{respond.JSONType, foggy, "/partitionkey", inBinary("ce-partitionkey", "%C0%A0")},
		{respond.JSONType, foggy, "/partitionkey", inBinary("ce-partitionkey", "caf\xe9")},
		{respond.JSONType, foggy, "/partitionkey", inBinary("ce-partitionkey", "a%0Ab")},
		{respond.JSONType, foggy, "/datacontenttype", inBinary("ce-datacontenttype", "application/json")},
		{respond.JSONType, foggy, "/data", inBinary("ce-data", "{}")},
		{respond.JSONType, foggy, "/data_base64", inBinary("ce-data_base64", "e30=")},
		{respond.JSONType, foggy, "/subject", inBinary("ce-subject", "note%2FFog")},
		{respond.JSONType, "", "/data", inBinary()},
		{respond.JSONType, "[1]", "/data", inBinary()},
		{respond.JSONType, `{},"id":"x"`, "/data", inBinary()},
		{respond.JSONType, foggy + foggy, "/data", inBinary()},
		{respond.JSONType, `{"text":"Fog"}`, "/data/sources", inBinary()},
		{respond.JSONType, `{"text":5}`, "/data/sources /data/text /time", inBinary("ce-time", "now")},
	} {
		p := f.Post(facts, row.mediaType, row.body, row.headers...).Problem(http.StatusUnprocessableEntity)
		if p.Pointers() != row.pointers {
			t.Errorf("%s %v: %+v, want faults at %s", row.body, row.headers, p, row.pointers)
		}
	}
	for _, mediaType := range []string{"text/plain", "application/json; charset=latin1", "application/xml", "application/cloudevents+xml", "application/cloudevents+json; charset=utf-16", "nonsense;"} {
		f.Post(facts, mediaType, foggy, inBinary()...).Problem(http.StatusUnsupportedMediaType)
	}
	f.Post(facts, respond.JSONType, foggy).Problem(http.StatusUnsupportedMediaType)
	f.Post(facts, respond.JSONType, `{"text":"`+strings.Repeat("x", events.MaxSize)+`"}`, inBinary()...).Problem(http.StatusRequestEntityTooLarge)
}

// Requests in binary mode, openings included, are as OpenAPI describes them.
func TestBinaryModeIsDescribed(t *testing.T) {
	f := newFixture(t)
	doc, err := libopenapi.NewDocument([]byte(f.Get("/openapi.json").Want(http.StatusOK).Body))
	f.Must(err)
	v, errs := validator.NewValidator(doc)
	f.Must(errors.Join(errs...))
	const data = `{"title":"Geneva","zone":"Europe/Zurich","parties":[{"id":"a","name":"A"}]}`
	opening := []string{"ce-id", servertest.ID(1), "ce-specversion", "1.0", "ce-type", "summit.opened", "ce-source", "/d", "ce-subject", "summit/geneva"}
	for _, c := range []struct {
		path, body string
		headers    []string
		described  bool
	}{
		{"/v1/summits", data, opening, true},
		{"/v1/summits", `{"id":"bern",` + data[1:], nil, true},
		{"/v1/summits", `{"title":"Geneva"}`, opening, false},
		{"/v1/summits/bern/facts", foggy, inBinary("ce-subject", "note/fog"), true},
	} {
		req, err := http.NewRequest(http.MethodPost, f.URL+c.path, strings.NewReader(c.body))
		f.Must(err)
		req.Header.Set("Content-Type", respond.JSONType)
		for i := 0; i < len(c.headers); i += 2 {
			req.Header.Set(c.headers[i], c.headers[i+1])
		}
		ok, faults := v.ValidateHttpRequest(req)
		if ok != c.described {
			t.Errorf("POST %s %s: %v", c.path, c.body, faults)
		}
		if answer := f.Post(c.path, respond.JSONType, c.body, c.headers...); (answer.Status < http.StatusBadRequest) != c.described {
			t.Errorf("POST %s %s: %d %s", c.path, c.body, answer.Status, answer.Body)
		}
	}
}

func TestAnOpeningInBinaryMode(t *testing.T) {
	f := newFixture(t)
	const data = `{"title":"Geneva","zone":"Europe/Zurich","parties":[{"id":"a","name":"A"}]}`
	headers := []string{"ce-id", servertest.ID(1), "ce-specversion", "1.0", "ce-type", "summit.opened", "ce-source", "/d", "ce-subject", "summit/geneva"}
	f.Post("/v1/summits", respond.JSONType, data, headers...).Want(http.StatusCreated)
	f.Post("/v1/summits", respond.JSONType, data, headers...).Want(http.StatusOK)
	if p := f.Post("/v1/summits", respond.JSONType, foggy, inBinary()...).Problem(http.StatusUnprocessableEntity); p.Pointers() != "/type" {
		t.Errorf("%+v", p)
	}
}

// sdkProgram sends one event in each mode with the npm package cloudevents, and
// prints the answers.
const sdkProgram = `
import { CloudEvent, HTTP, emitterFor, httpTransport } from "cloudevents";
const url = process.env.FACTS;
const event = new CloudEvent({
  id: process.env.ID, type: "note.added", source: "/desks/node", subject: "note/node", partitionkey: "p", sampled: true, sequence: "7",
  data: { text: "Туман", sources: [{ id: "s", name: "S" }] },
});
const { headers, body } = HTTP.binary(event);
const r = await fetch(url, { method: "POST", headers, body });
console.log(r.status, (await r.json()).outcome);
for (const options of [undefined, { mode: "structured" }]) {
  const answer = await emitterFor(httpTransport(url), options)(event);
  console.log(JSON.parse(answer.body).outcome);
}
`

func TestAStockSDKRecords(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			eventstest.Lacking(t, err.Error())
		}
	}
	f := newFixture(t)
	f.Open("geneva")
	dir := t.TempDir()
	run := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "FACTS="+f.URL+"/v1/summits/geneva/facts", "ID="+servertest.ID(1))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		return string(out)
	}
	run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "cloudevents@10.0.0")
	f.Must(os.WriteFile(filepath.Join(dir, "record.mjs"), []byte(sdkProgram), 0o600))
	if got, want := run("node", "record.mjs"), "201 created\n"+strings.Repeat("duplicate\n", 2); got != want {
		t.Errorf("answers %q, want %q", got, want)
	}
	if seq := f.Head("geneva").Seq; seq != 2 {
		t.Errorf("the log ends at %d, want 2", seq)
	}
}
