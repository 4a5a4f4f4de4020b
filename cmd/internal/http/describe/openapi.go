// Package describe describes the server to programs: OpenAPI, AsyncAPI and the
// JSON Schemas of facts.
//
// The operations are the rows of the table that serves them. The schemas of answers
// are made from their types.
package describe

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/class"
)

// Describer answers with descriptions of the server.
type Describer struct {
	Version    string
	Operations []Operation
	// Summary is a value of the type that describes a summit.
	Summary any
}

// Schema answers the JSON Schema of a type of fact.
func (*Describer) Schema(w http.ResponseWriter, r *http.Request) error {
	version, err := strconv.Atoi(r.PathValue("version"))
	b, ok := events.Schema(r.PathValue("type"), version)
	if err != nil || !ok {
		var names []string
		for _, t := range events.Types() {
			names = append(names, t.Name+"/"+strconv.Itoa(t.Version))
		}
		return class.New(class.Absent, "there is no such schema; the schemas are "+strings.Join(names, ", "))
	}
	w.Header().Set("Content-Type", "application/schema+json")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(b) // the reader may be gone
	return nil
}

// OpenAPI answers the description of all operations.
func (x *Describer) OpenAPI(w http.ResponseWriter, _ *http.Request) error {
	paths, schemas := map[string]map[string]any{}, map[string]any{}
	for _, o := range x.Operations {
		if o.Group == "" {
			continue
		}
		path := strings.ReplaceAll(strings.TrimSuffix(o.Path, "{$}"), "...}", "}")
		if paths[path] == nil {
			paths[path] = map[string]any{}
		}
		paths[path][strings.ToLower(o.Method)] = operation(o, path, schemas)
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
	return respond.JSON(w, http.StatusOK, map[string]any{
		"openapi": "3.1.0",
		"info":    map[string]any{"title": "Summit", "version": x.Version, "description": "An event-sourced summit timeline with both time axes on every read."},
		"paths":   paths, "components": map[string]any{"schemas": schemas},
	})
}
