package locale

import (
	"encoding/json"
	"strings"
	"sync"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
)

// Member names a member of a fact or of a status: altitude_m is altitude m. A name
// that the catalogue lacks is told as it is on the wire.
func (l *Language) Member(name string) string {
	if l.HasMember(name) {
		return l.Say("member." + name)
	}
	return plain(name)
}

// HasMember reports whether the catalogue names a member.
func (l *Language) HasMember(name string) bool { return l.has("member." + name) }

// Type names a type of facts, such as aircraft.landed.
func (l *Language) Type(name string) string {
	if key := "type/" + name; hasLabel(key) {
		return l.messages.Label(key)
	}
	return plain(name)
}

// labelled are the labels that the values of a member may have, by what they are of.
// Another member of which a schema lists the values has labels of its own name.
var labelled = map[string][]string{
	"state": {"state", "site"}, "phase": {"phase"}, "stance": {"stance"}, "level": {"level"}, "aspect": {"aspect"}, "standing": {"standing"},
	"kind": {"kind", "meeting", "source", "vehicle", "document", "measure", "incident"}, "role": {"role"}, "basis": nil,
}

// Value returns the word for a value of a member that has few, such as en_route of
// state, and false for members whose values are somebody's own words. Of says
// what sort of entity has the member, or is "".
func (l *Language) Value(of, member, value string) (string, bool) {
	lists, known := labelled[member]
	if !known {
		key := member + "/" + value
		if !listed()[member] || !hasLabel(key) {
			return "", false
		}
		return l.messages.Label(key), true
	}
	if of != "" {
		lists = append([]string{of}, lists...)
	}
	for _, list := range lists {
		if key := list + "/" + value; hasLabel(key) {
			return l.messages.Label(key), true
		}
	}
	if key := "value." + value; l.has(key) {
		return l.Say(key), true
	}
	if member == "role" {
		return "", false // of a person: in somebody's own words
	}
	return plain(value), true
}

// listed are the members of which a schema of a type lists the values.
var listed = sync.OnceValue(func() map[string]bool {
	members := map[string]bool{}
	for _, t := range events.Types() {
		text, _ := events.Schema(t.Name, t.Version)
		var s schema
		if err := json.Unmarshal(text, &s); err != nil {
			panic("locale: the schema of " + t.Name + ": " + err.Error()) // it is in the program
		}
		for member := range s.values() {
			members[member] = true
		}
	}
	return members
})

// schema is the part of a JSON Schema that names members and their values.
type schema struct {
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
	Enum       []any             `json:"enum"`
}

// values are the values that a schema lists, by the member, at any depth.
func (s schema) values() map[string][]string {
	all := map[string][]string{}
	if s.Items != nil {
		all = s.Items.values()
	}
	for name, p := range s.Properties {
		for _, v := range p.Enum {
			if text, is := v.(string); is {
				all[name] = append(all[name], text)
			}
		}
		for below, values := range p.values() {
			all[below] = append(all[below], values...)
		}
	}
	return all
}

func hasLabel(key string) bool {
	_, labels := message.Defined()
	_, ok := labels[key]
	return ok
}

// plain shows a name of the wire: en_route is en route.
func plain(s string) string { return strings.NewReplacer("_", " ", "-", " ").Replace(s) }
