package eventstest

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/summit-timeline/summit/events"
)

// Member is a place in events of a type where an instant may stand.
type Member struct {
	Type    string
	Pointer string // a JSON Pointer into the event, such as /data/when/best
	form    *form
}

// form is what events of a type have in common.
type form struct {
	kind   events.Kind
	schema schema
	data   []byte // what the type requires
}

// String returns the type and the pointer.
func (m Member) String() string { return m.Type + m.Pointer }

// TimeMembers returns every member that holds an instant of every type that is taken from
// anybody, found in the served schemas; /time and /recordedtime of the event itself are among
// them.
func TimeMembers() []Member {
	var list []Member
	for _, t := range events.Types() {
		if t.Server {
			continue
		}
		f := formOf(t)
		for _, pointer := range append([]string{"/time", "/recordedtime"}, instants(f.schema, "/data")...) {
			if !strings.HasSuffix(pointer, "/unseal_at") { // it stands beside what is sealed alone
				list = append(list, Member{Type: t.Name, Pointer: pointer, form: f})
			}
		}
	}
	return list
}

// TimeMember returns one of TimeMembers.
func TimeMember(typ, pointer string) Member {
	for _, m := range TimeMembers() {
		if m.Type == typ && m.Pointer == pointer {
			return m
		}
	}
	panic("eventstest: no instant stands at " + typ + pointer)
}

func formOf(t events.TypeInfo) *form {
	f := &form{kind: t.Kind}
	text, _ := events.Schema(t.Name, t.Version)
	must(json.Unmarshal(text, &f.schema))
	data := map[string]any{"sources": []any{map[string]any{"id": "s", "name": "A source"}}}
	if t.Name == events.TypeFactGraded {
		data["grade"] = map[string]any{"source": "B", "info": 2}
	}
	required(f.schema, data)
	f.data = encoded(data)
	p, err := events.DecodeData(t.Name, f.data, "/data")
	must(err)
	for _, name := range events.Owed(p) {
		data[name] = value(f.schema.Properties[name], name)
	}
	f.data = encoded(data)
	return f
}

func encoded(v any) []byte {
	b, err := json.Marshal(v)
	must(err)
	return b
}

func must(err error) {
	if err != nil {
		panic("eventstest: " + err.Error())
	}
}

type schema struct {
	Type       any               `json:"type"`
	Format     string            `json:"format"`
	Pattern    string            `json:"pattern"`
	Enum       []any             `json:"enum"`
	Properties map[string]schema `json:"properties"`
	Required   []string          `json:"required"`
	Items      *schema           `json:"items"`
}

func instants(s schema, at string) (list []string) {
	if s.Format == "date-time" {
		return []string{at}
	}
	if s.Items != nil {
		return instants(*s.Items, at+"/0")
	}
	for name, p := range s.Properties {
		list = append(list, instants(p, at+"/"+name)...)
	}
	return list
}

// Settled are the attributes of an event that a caller chooses.
type Settled struct {
	Summit, ID, Recorded string
	Subject              string // "" for one that the type takes
	Target               string // of an amendment
}

// Event writes an event of the member's type that has text at its pointer, and
// besides it what the type requires.
func (m Member) Event(c Settled, text string) []byte {
	var data map[string]any
	must(json.Unmarshal(m.form.data, &data))
	if _, amends := data["target"]; amends && c.Target != "" {
		data["target"] = c.Target
	}
	event := map[string]any{
		"specversion": "1.0", "source": "/desks/odd", "type": m.Type, "subject": m.subject(c), "summit": c.Summit,
		"datacontenttype": "application/json", "dataschema": events.SchemaPath(m.Type), "data": data,
	}
	for name, v := range map[string]string{"id": c.ID, "recordedtime": c.Recorded} {
		if v != "" {
			event[name] = v
		}
	}
	put(event, strings.Split(m.Pointer, "/")[1:], text, schema{Properties: map[string]schema{"data": m.form.schema}})
	return encoded(event)
}

func (m Member) subject(c Settled) string {
	switch {
	case c.Subject != "":
		return c.Subject
	case m.form.kind == "":
		return "note/odd"
	case m.form.kind == events.KindSummit:
		return "summit/" + c.Summit
	}
	return string(m.form.kind) + "/odd"
}

// required fills in what a schema requires of an object.
func required(s schema, into map[string]any) {
	for _, name := range s.Required {
		if _, have := into[name]; !have {
			into[name] = value(s.Properties[name], name)
		}
	}
	if _, place := s.Properties["icao"]; place && into["name"] == nil {
		into["name"] = "A place" // a place has a name, an indicator or coordinates
	}
}

// value returns a value that a schema takes.
func value(s schema, name string) any {
	typ, _ := s.Type.(string)
	if several, _ := s.Type.([]any); len(several) > 0 {
		typ, _ = several[0].(string) // of what may be sealed, or null
	}
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case typ == "object" && s.Properties != nil:
		object := map[string]any{}
		required(s, object)
		return object
	case s.Items != nil:
		return []any{value(*s.Items, name)}
	case typ == "integer" || typ == "number":
		return 1
	case typ == "boolean":
		return true
	case typ == "object":
		return map[string]any{"note": "A note"} // a patch
	case s.Format == "uuid":
		return "0198a9f2-7c1e-7000-8000-000000000002"
	case s.Format == "date-time":
		return "2025-08-15T10:30:00Z"
	case name == "salt":
		return strings.Repeat("A", 43)
	case name == "zone":
		return "Europe/Helsinki"
	case strings.HasPrefix(s.Pattern, "^(aircraft"):
		return "note/odd"
	}
	return "some-" + strings.ReplaceAll(name, "_", "-")
}

// put sets the value at a path, and makes what lies on the way.
func put(node any, path []string, text string, s schema) {
	switch at := node.(type) {
	case map[string]any:
		name, below := path[0], s.Properties[path[0]]
		if len(path) == 1 {
			at[name] = text
			return
		}
		if at[name] == nil {
			at[name] = value(below, name)
		}
		put(at[name], path[1:], text, below)
	case []any:
		put(at[0], path[1:], text, *s.Items)
	default:
		panic(fmt.Sprintf("eventstest: there is no member at %q", path))
	}
}
