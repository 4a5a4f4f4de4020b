package events

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Schema is the JSON Schema (draft 2020-12) of the data of a type in a
// version. It is false if there is no such type or version.
func Schema(typ string, version int) ([]byte, bool) {
	e := registry[typ]
	if e == nil || version < 1 || version > e.version() {
		return nil, false
	}
	s := e.shapes[version-1].schema()
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["$id"] = fmt.Sprintf("%s%s/%d", schemaRoot, typ, version)
	s["title"] = typ
	s["description"] = e.doc
	return mustJSON(s), true
}

// EnvelopeSchema is the JSON Schema of an event as it is handed in.
func EnvelopeSchema() []byte {
	s := envelopeShape.schema()
	s["title"] = "event"
	s["description"] = "One CloudEvents 1.0 event, structured JSON."
	return mustJSON(s)
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		panic("events: schema: " + err.Error()) // maps of plain values always encode
	}
	return b
}

func (s *shape) schema() map[string]any {
	p := s.plainSchema()
	if s.sealable {
		p["type"] = []string{p["type"].(string), "object"}
		p["properties"] = map[string]any{"sealed": map[string]any{
			"type": "string", "pattern": fmt.Sprintf("^[A-Za-z0-9_-]{%d}$", commitmentSize),
			"description": "Commitment to a sealed value: base64url of SHA-256 of the salt, the pointer, a zero byte and the JSON (RFC 8785) of the value.",
		}}
		p["required"], p["additionalProperties"] = []string{"sealed"}, false
	}
	return p
}

func (s *shape) plainSchema() map[string]any {
	switch s.kind {
	case shapeObject:
		return s.objectSchema()
	case shapeArray:
		return map[string]any{"type": "array", "items": s.elem.schema(), "maxItems": s.rule.items}
	case shapeString:
		return s.rule.stringSchema()
	case shapeInstant:
		return map[string]any{"type": "string", "format": "date-time"}
	case shapeNumber:
		return s.rule.numberSchema("number")
	case shapeInteger:
		return s.rule.numberSchema("integer")
	case shapeBool:
		return map[string]any{"type": "boolean"}
	case shapeValue:
		return map[string]any{"type": []string{"string", "array"}, "items": map[string]any{"type": "string"}}
	default:
		return map[string]any{"type": "object"}
	}
}

func (s *shape) objectSchema() map[string]any {
	properties := map[string]any{}
	needed := []string{}
	for _, f := range s.fields {
		p := f.shape.schema()
		if f.doc != "" {
			p["description"] = f.doc
		}
		switch f.need {
		case required:
			needed = append(needed, f.name)
		case optional:
			p["type"] = append(typesOf(p), "null") // what null says is in takenback.go
			if enum, ok := p["enum"].([]any); ok {
				p["enum"] = append(enum, nil)
			}
		}
		properties[f.name] = p
	}
	out := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if s.open {
		out["additionalProperties"] = map[string]any{
			"anyOf": []any{
				map[string]any{"type": "string", "minLength": 1, "maxLength": MaxExtensionSize},
				map[string]any{"type": "boolean"},
				map[string]any{"type": "integer"},
			},
			"description": fmt.Sprintf("An extension attribute, kept as it came: %d at most.", MaxExtensions),
		}
		out["propertyNames"] = map[string]any{"pattern": fmt.Sprintf("^[a-z0-9]{1,%d}$", maxExtensionName)}
	}
	if len(needed) > 0 {
		out["required"] = needed
	}
	return out
}

// typesOf returns the types that a schema allows.
func typesOf(schema map[string]any) []string {
	if list, several := schema["type"].([]string); several {
		return list
	}
	return []string{schema["type"].(string)}
}

func (r rule) stringSchema() map[string]any {
	s := map[string]any{"type": "string", "minLength": 1}
	switch r.format {
	case "slug":
		s["pattern"] = "^[a-z0-9][a-z0-9-]{0,62}$"
	case "entity":
		s["pattern"] = "^(" + strings.Join(r.kinds, "|") + ")/[a-z0-9][a-z0-9-]{0,62}$"
	case "icao":
		s["pattern"] = "^[A-Z0-9]{4}$"
	case "url":
		s["format"] = "uri"
	case "uuid":
		s["format"] = "uuid"
	}
	if r.enum == nil {
		s["maxLength"] = r.max
		return s
	}
	enum := make([]any, len(r.enum))
	for i, v := range r.enum {
		enum[i] = v
	}
	s["enum"] = enum
	return s
}

func (r rule) numberSchema(typ string) map[string]any {
	s := map[string]any{"type": typ}
	if r.min != nil {
		s["minimum"] = *r.min
	}
	if r.top != nil {
		s["maximum"] = *r.top
	}
	return s
}
