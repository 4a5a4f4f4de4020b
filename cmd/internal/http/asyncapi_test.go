package httpserver_test

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/pb33f/jsonschema/v6"

	"github.com/summit-timeline/summit/events"
)

// asyncapiSchema is 3.0.0.json of the npm package @asyncapi/specs 6.11.1
// (Apache-2.0, see asyncapi.LICENSE and asyncapi.NOTICE).
//
//go:embed testdata/asyncapi-3.0.0.json
var asyncapiSchema string

func (f *fixture) parsed(text string) any {
	f.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	f.Must(err)
	return v
}

func TestTheAsyncDescriptionIsSoundAndWhole(t *testing.T) {
	if sum := sha256.Sum256([]byte(asyncapiSchema)); hex.EncodeToString(sum[:]) != "d4571a420e6ffb7fcc7066c95a6db1202f299a3c51daa103d0706bf30f95e626" {
		t.Fatal("the schema is not the one of the package")
	}
	f := newFixture(t)
	f.Alaska()
	body := f.Get("/asyncapi.json").Want(http.StatusOK).Body
	c := jsonschema.NewCompiler()
	f.Must(c.AddResource("http://asyncapi.com/definitions/3.0.0/asyncapi.json", f.parsed(asyncapiSchema)))
	schema, err := c.Compile("http://asyncapi.com/definitions/3.0.0/asyncapi.json")
	f.Must(err)
	f.Must(schema.Validate(f.parsed(body)))
	if schema.Validate(f.parsed(strings.Replace(body, `"action":"send"`, `"action":"shout"`, 1))) == nil {
		t.Error("the schema takes anything")
	}

	var d struct {
		Channels map[string]struct {
			Messages map[string]struct {
				Ref string `json:"$ref"`
			}
		}
		Components struct{ Messages map[string]json.RawMessage }
	}
	f.Must(json.Unmarshal([]byte(body), &d))
	if got, want := len(d.Channels["facts"].Messages), len(events.Types()); got != want {
		t.Errorf("%d types of events, want %d", got, want)
	}
	for channel, ch := range d.Channels {
		for name, m := range ch.Messages {
			if d.Components.Messages[strings.TrimPrefix(m.Ref, "#/components/messages/")] == nil {
				t.Errorf("%s: %s leads nowhere: %s", channel, name, m.Ref)
			}
		}
	}
	if !strings.Contains(body, `"enum":["aircraft","delegation","document","incident","measure","meeting","note","person","site","summit","topic","vehicle"]`) {
		t.Error("the kinds of entities are not told")
	}
}

// The server sends what the description lists, and nothing else.
func TestWhatComesIsAsDescribed(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	text := f.Get("/asyncapi.json").Want(http.StatusOK).Body
	doc := f.parsed(strings.ReplaceAll(text, `"properties":{`, `"unevaluatedProperties":false,"properties":{`))
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	f.Must(c.AddResource("http://summit.example/asyncapi.json", doc))
	for _, typ := range events.Types() {
		path := fmt.Sprintf("/schemas/%s/%d", typ.Name, typ.Version)
		f.Must(c.AddResource("http://summit.example"+path, f.parsed(f.Get(path).Want(http.StatusOK).Body)))
	}
	check := func(pointer, data string) {
		t.Helper()
		s, err := c.Compile("http://summit.example/asyncapi.json#/components/messages/" + pointer)
		f.Must(err)
		if err := s.Validate(f.parsed(data)); err != nil {
			t.Errorf("%s: %v\n%.300s", pointer, err, data)
		}
	}
	for _, line := range f.log("alaska-2025", "") {
		var e struct{ Type string }
		f.Must(json.Unmarshal([]byte(line), &e))
		check(e.Type+"/payload/schema", line)
	}
	seen := map[string]bool{}
	for _, query := range []string{"?since=@0", "?last_event_id=00000000-3"} {
		for _, fr := range f.follow("alaska-2025", query).until("caught-up") {
			seen[fr.event] = true
			check("live."+fr.event+"/payload", fr.data)
		}
	}
	for _, want := range []string{"fact", "summit", "caught-up", "gap"} {
		if !seen[want] {
			t.Errorf("no frame %s was seen", want)
		}
	}
}
