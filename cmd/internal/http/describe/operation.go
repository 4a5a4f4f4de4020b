package describe

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
)

// Group is a group of operations in the manual.
type Group string

// The groups, in the order of the manual.
const (
	Opening   Group = "Opening and listing summits"
	Recording Group = "Recording"
	Reading   Group = "Reading"
	Following Group = "Following"
	Feeds     Group = "Feeds"
	Proving   Group = "Proving"
	Server    Group = "The server"
	Pages     Group = "Pages"
)

// Groups returns the groups in the order of the manual.
func Groups() []Group {
	return []Group{Opening, Recording, Reading, Following, Feeds, Proving, Server, Pages}
}

// Doc describes a route to people and to programs. A route without a group is not
// in the description.
type Doc struct {
	Group         Group
	Summary, Text string
	// Answer is a value of the type of a good answer, if that is one JSON object;
	// Batch one of the answer to a batch.
	Answer, Batch any
	// Media is the media type of a feed.
	Media string
}

// Operation is one method and path with its description.
type Operation struct {
	Method, Path string
	Params       []string
	Doc
}

// operation describes an operation as OpenAPI does.
func operation(o Operation, path string, schemas map[string]any) map[string]any {
	params := []any{}
	for part := range strings.SplitSeq(path, "/") {
		if strings.HasPrefix(part, "{") {
			name := strings.Trim(part, "{}")
			params = append(params, map[string]any{"name": name, "in": "path", "required": true, "schema": typed("string"), "description": paramDoc(path, name)})
		}
	}
	for _, p := range o.Params {
		params = append(params, map[string]any{"name": p, "in": "query", "schema": typed("string"), "description": paramDoc(path, p)})
	}
	good := map[string]any{"description": "the answer"}
	if content := answerOf(o, schemas); content != nil {
		good["content"] = content
	}
	responses := map[string]any{
		"default": map[string]any{"description": "what is wrong (RFC 9457)", "content": map[string]any{"application/problem+json": map[string]any{"schema": ref("Problem")}}},
		"200":     good,
	}
	if o.Media != "" {
		responses["200"] = map[string]any{
			"description": "the whole timeline, or with limit or cursor a page of it, whose Link header names the next",
			"content":     map[string]any{o.Media: map[string]any{}},
		}
	}
	op := map[string]any{
		"operationId": operationID(o.Method, path), "summary": o.Summary, "description": o.Text, "tags": []string{string(o.Group)}, "parameters": params,
		"responses": responses,
	}
	if o.Method == http.MethodPost {
		op["requestBody"] = bodyOf(o)
		responses["201"] = map[string]any{"description": "recorded", "content": good["content"]}
	}
	return op
}

// operationID returns the name of an operation for generated clients:
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

// answerOf describes a good answer that is an object; nil if it is none.
func answerOf(o Operation, schemas map[string]any) map[string]any {
	if o.Answer == nil {
		return nil
	}
	s := schemaOf(reflect.TypeOf(o.Answer), schemas)
	if o.Batch != nil {
		s = map[string]any{"oneOf": []any{s, schemaOf(reflect.TypeOf(o.Batch), schemas)}}
	}
	return map[string]any{jsonType: map[string]any{"schema": s}}
}

const (
	jsonType  = "application/json"
	batchType = "application/cloudevents-batch+json"
)

// bodyOf describes the body of a request that has one.
func bodyOf(o Operation) map[string]any {
	content := map[string]any{events.ContentType: map[string]any{"schema": ref("Event")}}
	if o.Group == Opening {
		content[jsonType] = map[string]any{"schema": ref("Opening")}
	} else {
		content[batchType] = map[string]any{"schema": map[string]any{"type": "array", "items": ref("Event")}}
		content[jsonType] = map[string]any{"schema": map[string]any{
			"type": "object", "description": "The data of one event in " + binaryDoc,
		}}
	}
	return map[string]any{"required": true, "content": content}
}

// binaryDoc describes how the data of an event is sent alone.
const binaryDoc = "the binary mode of the CloudEvents HTTP binding: its attributes are in the headers ce-type, ce-source, ce-subject and so on."

// openingSchema returns the schema of the data of the first event, as it is sent
// alone: with the id, or in binary mode, where a header has it. That is why the id
// is not among what is required: a schema does not see the headers.
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
	s["description"] = "The data of a summit.opened event with the id of the summit; or the data alone in " + binaryDoc
	s["properties"].(map[string]any)["id"] = map[string]any{ // it is the schema of an object
		"type": "string", "description": "The id of the summit. It is needed unless the header ce-subject is there, which names it.",
	}
	return s, nil
}
