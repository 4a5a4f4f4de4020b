package web

import (
	"encoding"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// stamped is what every answer of a summit begins with.
type stamped struct {
	Summit      string                    `json:"summit"`
	Position    string                    `json:"position"`
	Known       string                    `json:"known"`
	Complete    bool                      `json:"complete"`
	Quarantined []projections.Quarantined `json:"quarantined,omitempty"`
}

// The answers that programs read, as /openapi.json describes them. A test holds
// what is answered against it.
type (
	// Summits are those there are.
	Summits struct {
		Summits []listed `json:"summits"`
		Next    *string  `json:"next"`
	}
	// Summary is what a summit says of itself.
	Summary struct {
		stamped
		ID           string          `json:"id"`
		Title        string          `json:"title"`
		Zone         string          `json:"zone"`
		Zones        []string        `json:"zones"`
		Place        *events.Place   `json:"place"`
		Starts       *events.Instant `json:"starts"`
		Ends         *events.Instant `json:"ends"`
		Parties      []events.Party  `json:"parties"`
		Phase        string          `json:"phase"`
		Facts        uint64          `json:"facts"`
		Events       uint64          `json:"events"`
		Amendments   uint64          `json:"amendments"`
		LastRecorded *events.Instant `json:"last_recorded"`
	}
	// Status is a page of what stands.
	Status struct {
		projections.Status
		Next *string `json:"next"`
	}
	// Timeline is a page of it.
	Timeline struct {
		stamped
		Items []projections.Item `json:"items"`
		Next  *string            `json:"next"`
	}
	// Fact is one item, and every event that touches it.
	Fact struct {
		projections.Item
		Known   string           `json:"known"`
		History []jsontext.Value `json:"history"`
	}
	// Conflicts are the contradictions found.
	Conflicts struct {
		stamped
		Conflicts []projections.Conflict `json:"conflicts"`
	}
	// Changes are what knowledge changed.
	Changes struct {
		stamped
		Since     string                       `json:"since"`
		Until     string                       `json:"until"`
		Added     []projections.Item           `json:"added"`
		Corrected []projections.CorrectedFact  `json:"corrected"`
		Retracted []projections.Item           `json:"retracted"`
		Restored  []projections.Item           `json:"restored"`
		Standing  []projections.StandingChange `json:"standing"`
		Status    []projections.Difference     `json:"status"`
		Next      *string                      `json:"next"`
	}
	// RecordedBatch is what came of each event of a batch, in their order.
	RecordedBatch struct {
		Results []recorded `json:"results"`
	}
)

// answersOf are the answers of routes that are objects of a type.
var answersOf = map[string]any{
	"/v1/summits": Summits{}, "/v1/summits/{s}": Summary{}, "/v1/summits/{s}/timeline": Timeline{}, "/v1/summits/{s}/status": Status{},
	"/v1/summits/{s}/changes": Changes{}, "/v1/summits/{s}/conflicts": Conflicts{}, "/v1/summits/{s}/facts/{id}": Fact{},
}

// operationID names an operation, for those who make clients of the description:
// getSummitTimeline is GET /v1/summits/{s}/timeline.
func operationID(method, path string) string {
	name := strings.ToLower(method)
	rest, api := strings.CutPrefix(path, "/v1/")
	if !api && (path == "/" || strings.HasPrefix(path, "/summits")) {
		name += "Page"
	}
	words := strings.FieldsFunc(rest, func(c rune) bool { return c == '/' || c == '.' || c == '_' })
	for i, w := range words {
		if i > 0 && strings.HasPrefix(w, "{") && strings.HasSuffix(words[i-1], "s") {
			name = strings.TrimSuffix(name, "s") // one of those
			continue
		}
		w = strings.Trim(w, "{}")
		first, size := utf8.DecodeRuneInString(w)
		name += string(unicode.ToUpper(first)) + w[size:]
	}
	return name
}

// answerOf describes a good answer that is an object; nil where it is none.
func answerOf(rt route, schemas map[string]any) map[string]any {
	var s map[string]any
	switch kind, ok := answersOf[rt.path]; {
	case rt.path == "/v1/summits" && rt.method == http.MethodPost:
		s = schemaOf(reflect.TypeFor[Summary](), schemas)
	case rt.method == http.MethodPost:
		s = map[string]any{"oneOf": []any{schemaOf(reflect.TypeFor[recorded](), schemas), schemaOf(reflect.TypeFor[RecordedBatch](), schemas)}}
	case ok:
		s = schemaOf(reflect.TypeOf(kind), schemas)
	default:
		return nil
	}
	return map[string]any{jsonType: map[string]any{"schema": s}}
}

// bodyOf describes what is sent to a route that takes something.
func bodyOf(rt route) map[string]any {
	content := map[string]any{events.ContentType: map[string]any{"schema": ref("Event")}}
	if rt.path == "/v1/summits" {
		content[jsonType] = map[string]any{"schema": ref("Opening")}
	} else {
		content[batchType] = map[string]any{"schema": map[string]any{"type": "array", "items": ref("Event")}}
		content[jsonType] = map[string]any{"schema": map[string]any{
			"type": "object", "description": "The data of one event in the binary mode of the CloudEvents HTTP binding; its attributes are in the headers ce-type, ce-source, ce-subject and so on.",
		}}
	}
	return map[string]any{"required": true, "content": content}
}

// openingSchema is what opens a summit: the data of its first event, and its id.
func openingSchema() (map[string]any, error) {
	var version int
	for _, t := range events.Types() {
		if t.Name == events.TypeSummitOpened {
			version = t.Version
		}
	}
	b, _ := events.Schema(events.TypeSummitOpened, version)
	var s map[string]any
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("read the schema of an opening: %w", err)
	}
	delete(s, "$id")
	delete(s, "$schema")
	s["title"] = "opening"
	s["properties"].(map[string]any)["id"] = typed("string") // it is the schema of an object
	s["required"] = append(s["required"].([]any), "id")
	return s, nil
}

// schemaOf is the schema of what a type is encoded as. The schemas of structs
// are added by name, and referred to.
func schemaOf(t reflect.Type, schemas map[string]any) map[string]any {
	if t == reflect.TypeFor[events.Instant]() {
		return map[string]any{"type": "string", "format": "date-time"}
	}
	if t == reflect.TypeFor[jsontext.Value]() || t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return map[string]any{} // whatever it is
	}
	switch t.Kind() { //nolint:exhaustive // answers have no others
	case reflect.Pointer:
		return schemaOf(t.Elem(), schemas)
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem(), schemas)}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": schemaOf(t.Elem(), schemas)}
	case reflect.Bool:
		return typed("boolean")
	case reflect.String:
		return typed("string")
	case reflect.Float64:
		return typed("number")
	case reflect.Struct:
		name := strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
		if schemas[name] == nil {
			schemas[name] = true // it may hold itself
			schemas[name] = objectOf(t, schemas)
		}
		return ref(name)
	}
	return typed("integer")
}

func objectOf(t reflect.Type, schemas map[string]any) map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			continue // embedded: its fields are visible
		}
		s := schemaOf(f.Type, schemas)
		if !strings.HasPrefix(options, "omit") {
			required = append(required, name)
			if f.Type.Kind() == reflect.Pointer {
				s = nullable(s)
			}
		}
		properties[name] = s
	}
	return map[string]any{"type": "object", "properties": properties, "required": required}
}

// nullable is a schema of a value that may be null.
func nullable(s map[string]any) map[string]any {
	if name, ok := s["type"].(string); ok {
		s["type"] = []string{name, "null"}
		return s
	}
	return map[string]any{"anyOf": []any{s, typed("null")}}
}
