package words

import (
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

// Value shows a JSON value, a time in the clock's zone.
func (c Clock) Value(b []byte) string {
	s := Value(b)
	if t, err := events.ParseInstant(s); err == nil {
		return c.Instant(t.Time)
	}
	return s
}

var field = strings.NewReplacer("/", " · ", "~1", "/", "~0", "~", "_", " ")

// Field shows a JSON Pointer to people: /data/when/latest is when · latest.
func Field(pointer string) string {
	return field.Replace(strings.TrimPrefix(strings.TrimPrefix(pointer, "/data"), "/"))
}

// Label shows a name of the wire to people: en_route is en route.
func Label(s string) string { return strings.NewReplacer("_", " ", "-", " ").Replace(s) }
