package humanize

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/summit-timeline/summit/events"
)

// Value shows a JSON value: a text bare, nothing as a dash, the rest as it is.
func Value(b []byte) string {
	var s string
	if json.Unmarshal(b, &s) == nil && string(b) != "null" {
		return s
	}
	if len(b) == 0 || string(b) == "null" {
		return "–"
	}
	return string(b)
}

// Value shows a JSON value, a time in the clock's zone, and a moment in words.
func (c Clock) Value(b []byte) string {
	if m, ok := moment(b); ok {
		return c.Moment(m)
	}
	s := Value(b)
	if t, err := events.ParseInstant(s); err == nil {
		return c.Instant(t.Time)
	}
	return s
}

// moment reads a JSON value as a moment, or false if it is something else, which
// has members that no moment has.
func moment(b []byte) (*events.Moment, bool) {
	var m events.Moment
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if len(b) < 3 || b[0] != '{' || d.Decode(&m) != nil {
		return nil, false
	}
	return &m, true
}

// Field shows a JSON Pointer to people: /data/when/latest is when · latest.
func (c Clock) Field(pointer string) string {
	tokens := strings.Split(strings.TrimPrefix(strings.TrimPrefix(pointer, "/data"), "/"), "/")
	for i, t := range tokens {
		tokens[i] = strings.NewReplacer("~1", "/", "~0", "~", "_", " ").Replace(t)
		if l := c.language(); l.HasMember(t) {
			tokens[i] = l.Member(t)
		}
	}
	return strings.Join(tokens, " · ")
}

// Label shows a name of the wire to people: en_route is en route.
func Label(s string) string { return strings.NewReplacer("_", " ", "-", " ").Replace(s) }
