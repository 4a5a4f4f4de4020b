package humanize

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
)

// Change is a difference between two statuses in words.
type Change struct{ What, Was, Now string }

// Change describes what changed at a path of a status. It returns false for a change of
// the facts that a value rests on: only programs need that.
func (c Clock) Change(path string, was, now []byte) (Change, bool) {
	tokens := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, t := range tokens {
		tokens[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(t)
	}
	if tokens[len(tokens)-1] == "facts" {
		return Change{}, false
	}
	kind := singular(tokens[0])
	before, after := c.memberOf(kind, tokens[len(tokens)-1], parsed(was)), c.memberOf(kind, tokens[len(tokens)-1], parsed(now))
	return Change{What: c.subject(kind, tokens), Was: before, Now: after}, before != after
}

// Correction describes what an amendment changed at a path of an item, which is about an
// entity, KIND/ID, or "" if that is not known.
func (c Clock) Correction(entity, path string, was, now []byte) Change {
	kind, _, _ := strings.Cut(entity, "/")
	member := path[strings.LastIndexByte(path, '/')+1:]
	if kind == "" && member == "kind" {
		return Change{What: c.Field(path), Was: c.Brief(was), Now: c.Brief(now)} // each kind of entity has kinds of its own
	}
	return Change{What: c.Field(path), Was: c.memberOf(kind, member, parsed(was)), Now: c.memberOf(kind, member, parsed(now))}
}

// subject names what a path of a status is about: /aircraft/il-96-300/state is
// the state of aircraft il-96-300.
func (c Clock) subject(kind string, tokens []string) string {
	l := c.language()
	s := locale.Words(l.Member(kind))
	if len(tokens) == 1 || tokens[0] == "warnings" { // a contradiction says itself what it is about
		return string(s)
	}
	s += locale.Words(" " + l.Isolate(tokens[1]))
	of := ""
	for _, t := range tokens[2:] {
		part := locale.Words(l.Member(t))
		switch of {
		case "delegates", "stances":
			part = locale.Words(l.Isolate(Label(t)))
		case "aspects":
			part = locale.Words(c.word("", "aspect", t))
		}
		switch of = t; t {
		case "delegates", "aspects", "stances": // what follows names the one
			continue
		}
		s = c.say("list.comma", "one", s, "other", part)
	}
	return string(s)
}

// word returns the word for a value of a member, or the value itself if it has none.
func (c Clock) word(of, member, value string) string {
	if w, ok := c.language().Value(of, member, value); ok && value != "" {
		return w
	}
	return c.language().Isolate(value)
}

// memberOf describes the value of a member: in a word of the language if it is one of
// few, else in a few words.
func (c Clock) memberOf(of, member string, v any) string {
	if s, ok := v.(string); ok {
		if w, ok := c.language().Value(of, member, s); ok {
			return w
		}
	}
	return c.brief(v)
}

func singular(list string) string {
	if list == "agenda" || list == "aircraft" {
		return list
	}
	return strings.TrimSuffix(list, "s")
}

// telling lists the members of a status entry that are shown to people, in this order.
var telling = []string{
	"title", "name", "model", "operator", "role", "kind", "state", "actor", "stance", "level", "expected", "contested",
	"when", "planned", "since", "place", "from", "to", "watchers", "detail", "delegates", "aspects", "stances",
}

// Brief describes a value of a status in a few words.
func (c Clock) Brief(b []byte) string { return c.brief(parsed(b)) }

// parsed reads a JSON value. It returns nil for one that cannot be read.
func parsed(b []byte) any {
	var v any
	if len(b) == 0 || json.Unmarshal(b, &v) != nil {
		return nil
	}
	return v
}

func (c Clock) brief(v any) string {
	switch x := v.(type) {
	case nil:
		return c.none()
	case string:
		if t, err := events.ParseInstant(x); err == nil {
			return c.Instant(t.Time)
		}
		return c.language().Isolate(x)
	case bool:
		return string(c.say(map[bool]string{true: "value.yes", false: "value.no"}[x]))
	case float64:
		if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
			return c.language().Number(int64(x))
		}
	case []any:
		return c.briefList(x)
	case map[string]any:
		return c.briefObject(x)
	}
	return fmt.Sprint(v)
}

// none stands for a value that does not exist.
func (c Clock) none() string { return string(c.say("value.none")) }

// listed joins the parts of a list by a text of the catalogue.
func (c Clock) listed(by string, parts []string) string {
	if len(parts) == 0 {
		return c.none()
	}
	s := locale.Words(parts[0])
	for _, p := range parts[1:] {
		s = c.say(by, "one", s, "other", locale.Words(p))
	}
	return string(s)
}

func (c Clock) briefList(list []any) string {
	parts := make([]string, 0, len(list))
	for _, v := range list {
		parts = append(parts, c.brief(v))
	}
	return c.listed("list.semicolon", parts)
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
	return c.listed("list.comma", parts)
}

// member describes one member of an entry, or "" if there is nothing to tell.
func (c Clock) member(name string, v any) string {
	if aspects, ok := v.(map[string]any); ok && name == "aspects" {
		return c.aspects(aspects)
	}
	if n, isNumber := v.(float64); v == nil || v == "" || v == false && name == "contested" || isNumber && n == 0 {
		return ""
	}
	text := c.memberOf("", name, v)
	switch name {
	case "expected":
		return string(c.say(map[any]string{true: "value.expected", false: "value.not-expected"}[v]))
	case "contested":
		return string(c.say("value.contested"))
	case "watchers", "from", "to", "when", "planned", "since":
		return c.named(c.language().Member(name), text)
	}
	if text == c.none() {
		return ""
	}
	return text
}

func (c Clock) named(member, value string) string {
	return string(c.say("value.named", "member", locale.Words(member), "value", locale.Words(value)))
}

// aspects describes how far a site is ready, by the name of each aspect.
func (c Clock) aspects(of map[string]any) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		parts = append(parts, c.named(c.word("", "aspect", name), c.brief(of[name])))
	}
	return c.listed("list.semicolon", parts)
}
