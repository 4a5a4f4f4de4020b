package describe

import (
	"encoding"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
)

func typed(name string) map[string]any { return map[string]any{"type": name} }

func ref(name string) map[string]any { return map[string]any{"$ref": "#/components/schemas/" + name} }

// schemaOf returns the schema of the JSON of a type. It adds the schemas of structs
// to schemas by name, and refers to them.
func schemaOf(t reflect.Type, schemas map[string]any) map[string]any {
	if t.Kind() == reflect.Pointer {
		return schemaOf(t.Elem(), schemas)
	}
	if t == reflect.TypeFor[events.Instant]() {
		return map[string]any{"type": "string", "format": "date-time"}
	}
	if t == reflect.TypeFor[jsontext.Value]() || t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return map[string]any{} // whatever it is
	}
	switch t.Kind() { //nolint:exhaustive // answers have no others
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

// nullable returns the schema of a value that may be null.
func nullable(s map[string]any) map[string]any {
	if name, ok := s["type"].(string); ok {
		s["type"] = []string{name, "null"}
		return s
	}
	return map[string]any{"anyOf": []any{s, typed("null")}}
}
