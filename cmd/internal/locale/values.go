package locale

import (
	"strings"

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
		return "", false
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

func hasLabel(key string) bool {
	_, labels := message.Defined()
	_, ok := labels[key]
	return ok
}

// plain shows a name of the wire: en_route is en route.
func plain(s string) string { return strings.NewReplacer("_", " ", "-", " ").Replace(s) }
