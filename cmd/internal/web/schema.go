package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
)

func (x *Handler) schema(w http.ResponseWriter, r *http.Request) error {
	version, err := strconv.Atoi(r.PathValue("version"))
	b, ok := events.Schema(r.PathValue("type"), version)
	if err != nil || !ok {
		var names []string
		for _, t := range events.Types() {
			names = append(names, t.Name+"/"+strconv.Itoa(t.Version))
		}
		return &Problem{Status: http.StatusNotFound, Detail: "there is no such schema; there are " + strings.Join(names, ", ")}
	}
	w.Header().Set("Content-Type", "application/schema+json")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(b) // the reader may be gone
	return nil
}

// openapi describes the routes out of the table that serves them.
func (x *Handler) openapi(w http.ResponseWriter, _ *http.Request) error {
	paths, schemas := map[string]map[string]any{}, map[string]any{}
	for _, rt := range x.routes() {
		path := strings.ReplaceAll(strings.TrimSuffix(rt.path, "{$}"), "...}", "}")
		if paths[path] == nil {
			paths[path] = map[string]any{}
		}
		paths[path][strings.ToLower(rt.method)] = operation(rt, path, schemas)
	}
	opening, err := openingSchema()
	if err != nil {
		return err
	}
	schemas["Opening"] = opening
	schemas["Event"] = jsontext.Value(events.EnvelopeSchema())
	schemas["Problem"] = map[string]any{"type": "object", "required": []string{"type", "title", "status", "detail"}, "properties": map[string]any{
		"type": typed("string"), "title": typed("string"), "status": typed("integer"), "detail": typed("string"),
		"errors": map[string]any{"type": "array", "items": map[string]any{"type": "object", "properties": map[string]any{"pointer": typed("string"), "detail": typed("string")}}},
	}}
	return writeJSON(w, http.StatusOK, map[string]any{
		"openapi": "3.1.0",
		"info":    map[string]any{"title": "Summit", "version": x.o.Version, "description": "An event-sourced summit timeline with both time axes on every read."},
		"paths":   paths, "components": map[string]any{"schemas": schemas},
	})
}

func typed(name string) map[string]any { return map[string]any{"type": name} }

func operation(rt route, path string, schemas map[string]any) map[string]any {
	params := []any{}
	for part := range strings.SplitSeq(path, "/") {
		if strings.HasPrefix(part, "{") {
			name := strings.Trim(part, "{}")
			params = append(params, map[string]any{"name": name, "in": "path", "required": true, "schema": typed("string"), "description": paramDoc(path, name)})
		}
	}
	for _, p := range rt.params {
		params = append(params, map[string]any{"name": p, "in": "query", "schema": typed("string"), "description": paramDoc(path, p)})
	}
	told := operations[rt.method+" "+rt.path]
	op := map[string]any{
		"operationId": operationID(rt.method, path), "summary": rt.summary, "description": told.text, "tags": []string{told.group}, "parameters": params,
		"responses": map[string]any{
			"default": map[string]any{"description": "what is wrong (RFC 9457)", "content": map[string]any{"application/problem+json": map[string]any{"schema": ref("Problem")}}},
		},
	}
	good := map[string]any{"description": "the answer"}
	if content := answerOf(rt, schemas); content != nil {
		good["content"] = content
	}
	op["responses"].(map[string]any)["200"] = good
	if media := feedMedia(rt.path); media != "" {
		op["responses"].(map[string]any)["200"] = map[string]any{
			"description": "the whole timeline, or with limit or cursor a page of it, whose Link header names the next",
			"content":     map[string]any{media: map[string]any{}},
		}
	}
	if rt.method == http.MethodPost {
		op["requestBody"] = bodyOf(rt)
		op["responses"].(map[string]any)["201"] = map[string]any{"description": "recorded", "content": good["content"]}
	}
	return op
}

func ref(name string) map[string]any { return map[string]any{"$ref": "#/components/schemas/" + name} }
