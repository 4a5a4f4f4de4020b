package web

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/events"
)

const foggy = `{"text":"Fog","sources":[{"id":"s","name":"S"}]}`

// inBinary are the headers of an event as the npm package cloudevents 10.0.0
// sends it by default.
func inBinary(more ...string) []string {
	return append([]string{
		"ce-id", id(1), "ce-time", "2025-08-15T10:30:00.000Z", "ce-type", "note.added", "ce-source", "/desks/node",
		"ce-specversion", "1.0", "ce-subject", "note/fog",
	}, more...)
}

func TestAnEventInBinaryMode(t *testing.T) {
	f := newFixture(t)
	f.open("geneva")
	const facts = "/v1/summits/geneva/facts"
	more := []string{"ce-partitionkey", "%D0%BA%D0%BB%D1%8E%D1%87%20%22a%22%20100%25", "CE-Sampled", "true", "ce-weight", "5", "ce-quoted", `"a \"b\" \\c"`, "ce-raw", "100%", "ce-recordedby", "forged"}
	for i, mediaType := range []string{"application/json; charset=utf-8", "application/json", "Application/JSON;Charset=UTF-8", "application/vnd.summit+json", ""} {
		var a Recorded
		status := http.StatusOK
		if i == 0 {
			status = http.StatusCreated
		}
		f.post(facts, mediaType, foggy, inBinary(more...)...).want(status).into(&a)
		if a.ID != id(1) || a.Seq != 2 {
			t.Errorf("%s: %+v", mediaType, a)
		}
	}
	s, _ := f.host.Summit("geneva")
	rec, err := s.Log.Get(context.Background(), 2)
	f.must(err)
	const end = `,"quoted":"a \"b\" \\c","raw":"100%","sampled":"true","weight":"5"}`
	if raw := string(rec.Raw); !strings.HasSuffix(raw, end) || !strings.Contains(raw, `"partitionkey":"ключ \"a\" 100%"`) || strings.Contains(raw, "forged") ||
		!strings.Contains(raw, `"time":"2025-08-15T10:30:00.000Z"`) || !strings.Contains(raw, `"data":{"sources":[{"id":"s","name":"S"}],"text":"Fog"}`) {
		t.Errorf("stored %s", raw)
	}
	structured := event("note.added", "note/fog", foggy, "id", `"`+id(1)+`"`, "source", `"/desks/node"`, "time", `"2025-08-15T10:30:00Z"`,
		"partitionkey", `"ключ \"a\" 100%"`, "sampled", "true", "weight", "5", "quoted", `"a \"b\" \\c"`, "raw", `"100%"`)
	f.post(facts, events.ContentType+"; charset=utf-8", structured).want(http.StatusOK)
	f.post(facts, events.ContentType, structured, "ce-id", id(9), "ce-type", "no.such").want(http.StatusOK) // the media type says which mode
	f.post(facts, "application/cloudevents-batch+json; charset=UTF-8", "["+structured+"]").want(http.StatusOK)
}

func TestWhatIsWrongInBinaryMode(t *testing.T) {
	f := newFixture(t)
	f.open("geneva")
	const facts = "/v1/summits/geneva/facts"
	for _, row := range []struct {
		mediaType, body, pointers string
		headers                   []string
	}{
		{JSONType, foggy, "/type", []string{"ce-source", "/d", "ce-subject", "note/n"}},
		{JSONType, foggy, "/specversion", inBinary("ce-specversion", "0.3")},
		{JSONType, foggy, "/time", inBinary("ce-time", "2026-01-01T00:00:00+24:00")},
		{JSONType, foggy, "/partitionkey", inBinary("ce-partitionkey", "%C0%A0")},
		{JSONType, foggy, "/partitionkey", inBinary("ce-partitionkey", "caf\xe9")},
		{JSONType, foggy, "/partitionkey", inBinary("ce-partitionkey", "a%0Ab")},
		{JSONType, foggy, "/datacontenttype", inBinary("ce-datacontenttype", "application/json")},
		{JSONType, foggy, "/data", inBinary("ce-data", "{}")},
		{JSONType, foggy, "/data_base64", inBinary("ce-data_base64", "e30=")},
		{JSONType, foggy, "/subject", inBinary("ce-subject", "note%2FFog")},
		{JSONType, "", "/data", inBinary()},
		{JSONType, "[1]", "/data", inBinary()},
		{JSONType, `{},"id":"x"`, "/data", inBinary()},
		{JSONType, foggy + foggy, "/data", inBinary()},
		{JSONType, `{"text":"Fog"}`, "/data/sources", inBinary()},
		{JSONType, `{"text":5}`, "/data/sources /data/text /time", inBinary("ce-time", "now")},
	} {
		p := f.post(facts, row.mediaType, row.body, row.headers...).problem(http.StatusUnprocessableEntity)
		if p.pointers() != row.pointers {
			t.Errorf("%s %v: %+v, want faults at %s", row.body, row.headers, p, row.pointers)
		}
	}
	for _, mediaType := range []string{"text/plain", "application/json; charset=latin1", "application/xml", "application/cloudevents+xml", "application/cloudevents+json; charset=utf-16", "nonsense;"} {
		f.post(facts, mediaType, foggy, inBinary()...).problem(http.StatusUnsupportedMediaType)
	}
	f.post(facts, JSONType, foggy).problem(http.StatusUnsupportedMediaType)
	f.post(facts, JSONType, `{"text":"`+strings.Repeat("x", events.MaxSize)+`"}`, inBinary()...).problem(http.StatusRequestEntityTooLarge)
}

func TestAnOpeningInBinaryMode(t *testing.T) {
	f := newFixture(t)
	const data = `{"title":"Geneva","zone":"Europe/Zurich","parties":[{"id":"a","name":"A"}]}`
	headers := []string{"ce-id", id(1), "ce-specversion", "1.0", "ce-type", "summit.opened", "ce-source", "/d", "ce-subject", "summit/geneva"}
	f.post("/v1/summits", JSONType, data, headers...).want(http.StatusCreated)
	f.post("/v1/summits", JSONType, data, headers...).want(http.StatusOK)
	if p := f.post("/v1/summits", JSONType, foggy, inBinary()...).problem(http.StatusUnprocessableEntity); p.pointers() != "/type" {
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
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
	f := newFixture(t)
	f.open("geneva")
	dir := t.TempDir()
	run := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "FACTS="+f.url+"/v1/summits/geneva/facts", "ID="+id(1))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		return string(out)
	}
	run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "cloudevents@10.0.0")
	f.must(os.WriteFile(filepath.Join(dir, "record.mjs"), []byte(sdkProgram), 0o600))
	if got, want := run("node", "record.mjs"), "201 created\n"+strings.Repeat("duplicate\n", 2); got != want {
		t.Errorf("answers %q, want %q", got, want)
	}
	if seq := f.head("geneva").Seq; seq != 2 {
		t.Errorf("the log ends at %d, want 2", seq)
	}
}
