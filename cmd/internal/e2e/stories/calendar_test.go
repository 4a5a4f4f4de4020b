package stories

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"
)

// The parts of an entry that depend on the clock of the test: when a fact was recorded,
// and when an amendment.
var (
	recorded = regexp.MustCompile(`(?m)^Recorded: .*\n`)
	amended  = regexp.MustCompile(`(?m)^([A-Z]+), \w+ \d+ Aug 2025 \d\d:\d\d [^:]+: `)
)

// TestTheCalendar reads the calendar with another's parser, and writes what people see:
// meetings with their place and time, arrivals and departures, each once.
func TestTheCalendar(t *testing.T) {
	each(t, func(t *testing.T, s story) {
		cal, err := ical.NewDecoder(strings.NewReader(s.Get("/v1/summits/" + s.id + "/timeline.ics").Want(http.StatusOK).Body)).Decode()
		s.Must(err)
		var b strings.Builder
		zone := s.zone()
		seen := map[string]bool{}
		for _, e := range cal.Events() {
			uid := e.Props.Get(ical.PropUID).Value
			if seen[uid] {
				t.Errorf("%s stands twice", uid)
			}
			seen[uid] = true
			b.WriteString(entry(t, e, zone))
		}
		s.same("ics.txt", s.anywhere(b.String()))
	})
}

// zone is that of the summit.
func (s story) zone() *time.Location {
	s.Helper()
	var summit struct{ Zone string }
	s.Get("/v1/summits/" + s.id).Want(http.StatusOK).Into(&summit)
	zone, err := time.LoadLocation(summit.Zone)
	s.Must(err)
	return zone
}

// entry writes an entry of a calendar as people see it.
func entry(t *testing.T, e ical.Event, zone *time.Location) string {
	t.Helper()
	text := func(name string) string {
		p := e.Props.Get(name)
		if p == nil {
			return ""
		}
		s, err := p.Text()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	clock := func(name string) string {
		if e.Props.Get(name) == nil {
			return "?"
		}
		at, err := e.Props.DateTime(name, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		return at.In(zone).Format("2006-01-02 15:04")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s to %s  %s\n", clock(ical.PropDateTimeStart), clock(ical.PropDateTimeEnd), text(ical.PropStatus))
	fmt.Fprintf(&b, "    %s\n", text(ical.PropSummary))
	if at := text(ical.PropLocation); at != "" {
		fmt.Fprintf(&b, "    at %s\n", at)
	}
	description := amended.ReplaceAllString(recorded.ReplaceAllString(text(ical.PropDescription), ""), "$1: ")
	for line := range strings.SplitSeq(strings.TrimSuffix(description, "\n"), "\n") {
		fmt.Fprintf(&b, "    | %s\n", line)
	}
	return b.String()
}
