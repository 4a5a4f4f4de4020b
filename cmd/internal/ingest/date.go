package ingest

import (
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/summit-timeline/summit/events"
)

// northAmerica are the zones that RFC 822 names, which dates of RSS follow. Of
// any other name nobody can tell which offset it is.
var northAmerica = map[string]string{
	"EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500", "MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700",
	"GMT": "+0000", "UT": "+0000", "UTC": "+0000", "Z": "+0000",
}

// date reads the date of an item, in the zone that it was given in. One without
// a zone names no instant, and none is made up.
func date(s string) (events.Instant, error) {
	s = strings.Join(strings.Fields(s), " ")
	if t, err := events.ParseInstant(s); err == nil {
		return t, nil
	}
	front, zone := s, ""
	if i := strings.LastIndexByte(s, ' '); i > 0 {
		front, zone = s[:i], s[i+1:]
	}
	if offset, known := northAmerica[strings.ToUpper(zone)]; known {
		zone = offset
	}
	if !strings.HasPrefix(zone, "+") && !strings.HasPrefix(zone, "-") {
		return events.Instant{}, fmt.Errorf("the date %q has no zone that can be told", s)
	}
	t, err := mail.ParseDate(front + " " + zone)
	if err != nil {
		return events.Instant{}, fmt.Errorf("the date %q cannot be read", s)
	}
	return events.ParseInstant(t.Format(time.RFC3339Nano)) //nolint:wrapcheck // it says what is wrong with it
}
