package events

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

var update = flag.Bool("update", false, "write the golden files that are missing; those that are there are never changed")

// Golden bytes are how an event of each type and version was written down. They
// are kept for ever: logs hold such bytes.
func TestGoldenBytesDecodeForEver(t *testing.T) {
	for name, e := range registry {
		for version := 1; version <= e.version(); version++ {
			t.Run(fmt.Sprintf("%s/%d", name, version), func(t *testing.T) {
				raw := golden(t, e, version)
				event, err := Decode(raw)
				if err != nil {
					t.Fatal(err)
				}
				asTheLibraryReads(t, raw, event)
				again, err := Encode(event)
				if err != nil {
					t.Fatal(err)
				}
				if version == e.version() && string(again) != string(raw) {
					t.Errorf("is encoded otherwise:\n got %s\nwant %s", again, raw)
				}
				if !strings.Contains(string(again), SchemaPath(name)) {
					t.Errorf("is not lifted to the newest version: %s", again)
				}
				if lifted, err := Decode(again); err != nil || lifted.ID != event.ID {
					t.Errorf("what was encoded cannot be decoded: %v", err)
				}
			})
		}
	}
}

func golden(t *testing.T, e *entry, version int) []byte {
	t.Helper()
	path := filepath.Join("testdata", "golden", e.name, itoa(version)+".json")
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) && *update {
		raw = specimen(t, e, version)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		err = os.WriteFile(path, raw, 0o644)
	}
	if err != nil {
		t.Fatalf("%v: a new type or version needs golden bytes: go test ./events -run Golden -update", err)
	}
	return raw
}

// specimen is an event of a type and version with every field set.
func specimen(t *testing.T, e *entry, version int) []byte {
	t.Helper()
	kind := e.kind
	if kind == "" {
		kind = KindAircraft
	}
	subject := Entity{Kind: kind, ID: "specimen"}
	raw, err := json.Marshal(envelope{
		SpecVersion: "1.0", ID: "0198a9f2-7c1e-7000-8000-000000000001", Source: "/desks/anchorage", Type: e.name, Subject: subject.String(),
		Time: specimenTime(t, "when.best"), Recorded: specimenTime(t, "recordedtime"), Summit: "specimen", DataContentType: "application/json",
		DataSchema: schemaRoot + e.name + "/" + itoa(version), Data: specimenOf(t, e.shapes[version-1], ""),
	}, json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func specimenTime(t *testing.T, of string) Instant {
	text := "2025-08-14T22:00:00-08:00"
	switch {
	case strings.HasSuffix(of, "earliest"), strings.HasSuffix(of, "starts"):
		text = "2025-08-14T18:00:00-08:00"
	case strings.HasSuffix(of, "latest"), strings.HasSuffix(of, "ends"):
		text = "2025-08-15T00:00:00-08:00"
	case strings.HasSuffix(of, "recordedtime"):
		text = "2025-08-15T06:40:12.345Z"
	}
	i, err := ParseInstant(text)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// specimenOf writes a value of a shape, every field set.
func specimenOf(t *testing.T, s *shape, at string) jsontext.Value {
	switch s.kind {
	case shapeObject:
		var parts []string
		for _, f := range s.fields {
			if at == "" && f.name == "watchers" && s.byName["viewers"] != 0 {
				continue // the old name of the same
			}
			parts = append(parts, fmt.Sprintf("%q:%s", f.name, specimenOf(t, f.shape, strings.TrimPrefix(at+"."+f.name, "."))))
		}
		return jsontext.Value("{" + strings.Join(parts, ",") + "}")
	case shapeArray:
		switch {
		case strings.HasSuffix(at, "via"):
			return jsontext.Value(`["s2"]`)
		case at == "sealed":
			return jsontext.Value(`["/note"]`)
		}
		elem := string(specimenOf(t, s.elem, at))
		if at != "sources" {
			return jsontext.Value("[" + elem + "]")
		}
		root := `{"id":"s2","name":"Russian Telegram channels","kind":"social","role":"originator"}`
		witness := `{"id":"s3","name":"A spotter at the airfield","kind":"witness","role":"witness"}`
		return jsontext.Value("[" + elem + "," + root + "," + witness + "]")
	case shapeInstant:
		return jsontext.Value(`"` + specimenTime(t, at).String() + `"`)
	case shapePatch:
		return jsontext.Value(`{"note":"a note"}`)
	case shapeValue:
		return jsontext.Value(`"a value"`)
	case shapeBool:
		return jsontext.Value("true")
	case shapeNumber, shapeInteger:
		return jsontext.Value("3")
	}
	if at == "note" && s.sealable {
		return sealedJSON(strings.Repeat("A", commitmentSize))
	}
	return jsontext.Value(fmt.Sprintf("%q", specimenText(s.rule, at)))
}

func specimenText(r rule, at string) string {
	switch {
	case at == "when.phase":
		return PhaseActual
	case strings.HasSuffix(at, "salt"):
		return strings.Repeat("A", commitmentSize)
	case at == "sources.id":
		return "s1"
	case r.enum != nil:
		return r.enum[0]
	}
	switch r.format {
	case "slug":
		return "specimen"
	case "entity":
		if len(r.kinds) < len(firstKinds) {
			return r.kinds[0] + "/specimen"
		}
		return "meeting/leaders"
	case "zone":
		return "America/Anchorage"
	case "url":
		return "https://example.org/story"
	case "lang":
		return "en"
	case "icao":
		return "PAED"
	case "uuid":
		return "0198a9f2-7c1e-7000-8000-000000000002"
	}
	return "the " + strings.ReplaceAll(at, ".", " ")
}

// Whatever member is missing, of another kind, or unknown, decoding names a
// fault at it, and never panics.
func TestEveryMemberIsJudged(t *testing.T) {
	for name, e := range registry {
		raw := golden(t, e, e.version())
		var env map[string]jsontext.Value
		if err := json.Unmarshal(raw, &env); err != nil {
			t.Fatal(err)
		}
		for _, f := range e.shapes[len(e.shapes)-1].fields {
			var data map[string]jsontext.Value
			if err := json.Unmarshal(env["data"], &data); err != nil {
				t.Fatal(err)
			}
			data[f.name] = jsontext.Value("[[]]")
			data["unknown"] = jsontext.Value("1")
			pointers := faultsOf(t, env, data)
			for _, want := range []string{"/data/" + f.name, "/data/unknown"} {
				if !hasPrefixIn(pointers, want) {
					t.Errorf("%s: no fault at %s in %v", name, want, pointers)
				}
			}
			delete(data, "unknown")
			delete(data, f.name)
			if got := faultsOf(t, env, data); f.need == required && !hasPrefixIn(got, "/data/"+f.name) {
				t.Errorf("%s without %s: %v", name, f.name, got)
			}
		}
	}
}

func faultsOf(t *testing.T, env, data map[string]jsontext.Value) []string {
	t.Helper()
	raw, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	env["data"] = raw
	text, err := json.Marshal(env)
	if err != nil {
		t.Fatal(err)
	}
	var faults Faults
	_, err = Decode(text)
	errors.As(err, &faults)
	var pointers []string
	for _, f := range faults {
		pointers = append(pointers, f.Pointer)
	}
	return pointers
}

func hasPrefixIn(list []string, prefix string) bool {
	for _, s := range list {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return false
}
