package describe

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
)

// thing is an answer with every sort of member.
type thing struct {
	part
	Name    string            `json:"name"`
	Note    string            `json:"note,omitzero"`
	Count   int               `json:"count"`
	Share   float64           `json:"share"`
	Good    bool              `json:"good"`
	At      events.Instant    `json:"at"`
	Ended   *events.Instant   `json:"ended"`
	Next    *thing            `json:"next"`
	Maybe   *int              `json:"maybe,omitempty"`
	Parts   []part            `json:"parts"`
	Figures map[string]uint64 `json:"figures"`
	Data    jsontext.Value    `json:"data"`
}

type part struct {
	ID string `json:"id"`
}

// A member is required unless it may be left out, null is allowed where it is written,
// and an answer may hold itself.
func TestAnAnswerIsDescribedByItsType(t *testing.T) {
	schemas := map[string]any{}
	if got := schemaOf(reflect.TypeFor[[]thing](), schemas); !reflect.DeepEqual(plain(t, got), plain(t, map[string]any{"type": "array", "items": ref("Thing")})) {
		t.Errorf("%v", got)
	}
	want := `{
	 "Thing":{"type":"object","required":["id","name","count","share","good","at","ended","next","parts","figures","data"],"properties":{
	  "id":{"type":"string"},"name":{"type":"string"},"note":{"type":"string"},"count":{"type":"integer"},"share":{"type":"number"},"good":{"type":"boolean"},
	  "at":{"type":"string","format":"date-time"},"ended":{"type":["string","null"],"format":"date-time"},
	  "next":{"anyOf":[{"$ref":"#/components/schemas/Thing"},{"type":"null"}]},"maybe":{"type":"integer"},
	  "parts":{"type":"array","items":{"$ref":"#/components/schemas/Part"}},"figures":{"type":"object","additionalProperties":{"type":"integer"}},"data":{}}},
	 "Part":{"type":"object","required":["id"],"properties":{"id":{"type":"string"}}}}`
	var wanted any
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatal(err)
	}
	if got := plain(t, schemas); !reflect.DeepEqual(got, wanted) {
		t.Errorf("%v\nwant %v", got, wanted)
	}
}

// plain is a value as JSON has it.
func plain(t *testing.T, v any) (out any) {
	t.Helper()
	b, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The name of an operation is one word, and no two operations have the same.
func TestOperationsAreNamedByMethodAndPath(t *testing.T) {
	seen := map[string]string{}
	for _, path := range []string{"/v1/summits", "/v1/summits/{s}", "/v1/summits/{s}/facts", "/v1/summits/{s}/facts/{id}", "/v1/summits/{s}/tile/{tile}", "/openapi.json", "/", "/summits/{s}"} {
		for _, method := range []string{"GET", "POST"} {
			id := operationID(method, path)
			for _, r := range id {
				if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
					t.Errorf("%s %s is %q", method, path, id)
				}
			}
			if other := seen[id]; other != "" || id == "" {
				t.Errorf("%s %s and %s are both %q", method, path, other, id)
			}
			seen[id] = method + " " + path
		}
	}
	if seen["getSummitFact"] != "GET /v1/summits/{s}/facts/{id}" {
		t.Errorf("%v", seen)
	}
}
