package humanize

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/summit-timeline/summit/events"
)

// Change is a difference between two statuses in words.
type Change struct{ What, Was, Now string }

// Change describes what changed at a path of a status. Which facts a value rests on
// is for programs: that is no change to people.
func (c Clock) Change(path string, was, now []byte) (Change, bool) {
	tokens := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, t := range tokens {
		tokens[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(t)
	}
	if tokens[len(tokens)-1] == "facts" {
		return Change{}, false
	}
	before, after := c.Brief(was), c.Brief(now)
	if named[tokens[len(tokens)-1]] {
		before, after = Label(before), Label(after)
	}
	return Change{What: subject(tokens), Was: before, Now: after}, before != after
}

// subject names what a path of a status is about: /aircraft/il-96-300/state is
// the state of aircraft il-96-300.
func subject(tokens []string) string {
	kind := singular(tokens[0])
	if len(tokens) == 1 {
		return Label(kind)
	}
	s := kind + " " + tokens[1]
	for rest := tokens[2:]; len(rest) > 0; rest = rest[1:] {
		switch rest[0] {
		case "delegates", "aspects", "stances": // what follows names the one
			continue
		}
		s += ", " + Label(rest[0])
	}
	return s
}

func singular(list string) string {
	if list == "agenda" || list == "aircraft" {
		return list
	}
	return strings.TrimSuffix(list, "s")
}

// telling are the members of a status entry that are shown to people, in this order.
var telling = []string{
	"title", "name", "model", "operator", "role", "kind", "state", "actor", "stance", "level", "expected", "contested",
	"when", "planned", "since", "place", "from", "to", "watchers", "detail", "delegates", "aspects", "stances",
}

// named are the members whose values are names of the wire.
var named = map[string]bool{"phase": true, "state": true, "kind": true}

// Brief describes a value of a status in a few words.
func (c Clock) Brief(b []byte) string {
	var v any
	if len(b) == 0 || json.Unmarshal(b, &v) != nil {
		return "–"
	}
	return c.brief(v)
}

func (c Clock) brief(v any) string {
	switch x := v.(type) {
	case nil:
		return "–"
	case string:
		if t, err := events.ParseInstant(x); err == nil {
			return c.Instant(t.Time)
		}
		return x
	case bool:
		return map[bool]string{true: "yes", false: "no"}[x]
	case []any:
		return c.briefList(x)
	case map[string]any:
		return c.briefObject(x)
	}
	return fmt.Sprint(v)
}

func (c Clock) briefList(list []any) string {
	parts := make([]string, 0, len(list))
	for _, v := range list {
		parts = append(parts, c.brief(v))
	}
	if len(parts) == 0 {
		return "–"
	}
	return strings.Join(parts, "; ")
}

func (c Clock) briefObject(o map[string]any) string {
	if b, err := json.Marshal(o); err == nil {
		if m, ok := moment(b); ok {
			return c.Moment(m)
		}
	}
	var parts []string
	for _, name := range telling {
		if text := c.member(name, o[name]); text != "" {
			parts = append(parts, text)
		}
	}
	if len(parts) == 0 {
		return "–"
	}
	return strings.Join(parts, ", ")
}

// member describes one member of an entry, or "" if there is nothing to tell.
func (c Clock) member(name string, v any) string {
	if aspects, ok := v.(map[string]any); ok && name == "aspects" {
		return c.aspects(aspects)
	}
	if n, isNumber := v.(float64); v == nil || v == "" || v == false && name == "contested" || isNumber && n == 0 {
		return ""
	}
	text := c.brief(v)
	switch name {
	case "state", "kind":
		return Label(text)
	case "expected":
		return map[any]string{true: "expected", false: "not expected"}[v]
	case "contested":
		return name
	case "watchers", "from", "to", "when", "planned", "since":
		return name + " " + text
	}
	return strings.TrimPrefix(text, "–")
}

// aspects describes how far a site is ready, by the name of each aspect.
func (c Clock) aspects(of map[string]any) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		parts = append(parts, name+" "+c.brief(of[name]))
	}
	return strings.Join(parts, "; ")
}
