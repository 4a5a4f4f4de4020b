package httpserver_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-ical"

	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
)

func TestTheMeetingInTheCalendarIsHonestAboutItsTime(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	body := f.Get("/v1/summits/alaska-2025/timeline.ics?entity=meeting/leaders").Want(http.StatusOK).Body
	cal, err := ical.NewDecoder(strings.NewReader(body)).Decode()
	f.Must(err)
	if len(cal.Events()) != 1 {
		t.Fatalf("%d events", len(cal.Events()))
	}
	e := cal.Events()[0]
	text, err := e.Props.Text(ical.PropDescription)
	f.Must(err)
	if start, err := e.DateTimeStart(nil); err != nil || start.Format("20060102T150405Z") != "20250815T183000Z" || !strings.Contains(text, "not before Fri 15 Aug 2025 10:30 AKDT") {
		t.Errorf("start %v, %v, description %q", start, err, text)
	}
	if body := f.Get("/v1/summits/alaska-2025/timeline.ics").Body; strings.Contains(body, "press conference is") {
		t.Errorf("what has no time is in the calendar: %s", body)
	}
}

// TestTheCalendarFollowsAMeeting follows one meeting: it is called
// off and on again, begins late and ends.
func TestTheCalendarFollowsAMeeting(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	const by, plan = `"sources":[{"id":"s","name":"S"}]`, `"when":{"best":%q,"phase":"planned"}`
	planned := func(at string) string { return fmt.Sprintf(plan, at) }
	var sequences []string
	for n, c := range []struct{ typ, data, at, status, location, start, end string }{
		{"meeting.scheduled", `{"title":"Talks","kind":"talks","place":{"name":"Palais"},` + planned("2099-11-28T13:50:00Z") + `,` + by + `}`, "", "TENTATIVE", "Palais", "20991128T135000Z", ""},
		{"meeting.cancelled", `{"reason":"Storm",` + by + `}`, "", "CANCELLED", "Palais", "20991128T135000Z", ""},
		{"meeting.rescheduled", `{` + planned("2099-11-28T13:55:00Z") + `,` + by + `}`, "", "TENTATIVE", "Palais", "20991128T135500Z", ""},
		{"meeting.rescheduled", `{"place":{"name":"Villa"},` + by + `}`, "", "TENTATIVE", "Villa", "20991128T135500Z", ""},
		{"meeting.started", `{` + by + `}`, "2099-11-28T14:10:00Z", "CONFIRMED", "Villa", "20991128T141000Z", ""},
		{"meeting.ended", `{` + by + `}`, "2099-11-28T16:00:00Z", "CONFIRMED", "Villa", "20991128T141000Z", "20991128T160000Z"},
	} {
		members := []string{}
		if c.at != "" {
			members = []string{"time", string(servertest.Quoted(c.at))}
		}
		f.Record("geneva", servertest.Event(c.typ, "meeting/m", c.data, members...))
		body := f.Get("/v1/summits/geneva/timeline.ics").Want(http.StatusOK).Body
		cal, err := ical.NewDecoder(strings.NewReader(body)).Decode()
		f.Must(err)
		if len(cal.Events()) != 1 {
			t.Fatalf("%d events: %s", len(cal.Events()), body)
		}
		got := map[string]string{}
		for name, props := range cal.Events()[0].Props {
			got[name] = props[0].Value
		}
		if got["STATUS"] != c.status || got["LOCATION"] != c.location || got["DTSTART"] != c.start || got["DTEND"] != c.end || got["SUMMARY"] != "Talks" {
			t.Errorf("after event %d, %s: %v", n, c.typ, got)
		}
		sequences = append(sequences, got["SEQUENCE"])
	}
	if !slices.Equal(sequences, []string{"0", "1", "2", "3", "4", "5"}) {
		t.Errorf("sequences %v", sequences)
	}
	page := text(section(t, f.page("/summits/geneva"), "now"))
	if !strings.Contains(page, "28 Nov 2099 15:10 CET") || !strings.Contains(page, "Planned for Sat 28 Nov 2099 14:55 CET") {
		t.Errorf("the board: %s", page)
	}
}

// TestTheCalendarFollowsALanding follows one arrival: it is expected,
// expected later, happens, and was another's.
func TestTheCalendarFollowsALanding(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	const by = `"place":{"name":"Cointrin","icao":"LSGG"},"sources":[{"id":"s","name":"S"}]`
	plan := func(at string) string {
		return fmt.Sprintf(`{"model":"VC-25A","when":{"best":%q,"phase":"planned"},%s}`, at, by)
	}
	uid := ""
	for n, c := range []struct{ typ, data, status, start, summary, says string }{
		{"aircraft.landed", plan("2025-08-14T10:00:00Z"), "TENTATIVE", "20250814T100000Z", "OVERDUE: VC-25A is expected at Cointrin", "not planned anew"},
		{"aircraft.landed", plan("2099-08-14T11:00:00Z"), "TENTATIVE", "20990814T110000Z", "VC-25A is expected at Cointrin", "Before that: Thu 14 Aug 2025 12:00 CEST"},
		{"aircraft.landed", `{"when":{"best":"2025-08-14T11:20:00Z","phase":"actual"},` + by + `}`, "TENTATIVE", "20250814T112000Z", "VC-25A lands at Cointrin", "Planned for: Fri 14 Aug 2099 13:00 CEST"},
		{"fact.retracted", fmt.Sprintf(`{"target":%q,"reason":"It was another."}`, servertest.ID(2)), "TENTATIVE", "20990814T110000Z", "VC-25A is expected at Cointrin", "When: Fri 14 Aug 2099 13:00 CEST"},
	} {
		f.Record("geneva", servertest.Event(c.typ, "aircraft/vc-25a", c.data, "id", string(servertest.Quoted(servertest.ID(n)))))
		cal, err := ical.NewDecoder(strings.NewReader(f.Get("/v1/summits/geneva/timeline.ics").Want(http.StatusOK).Body)).Decode()
		f.Must(err)
		if len(cal.Events()) != 1 {
			t.Fatalf("after event %d: %d entries", n, len(cal.Events()))
		}
		got := map[string]string{}
		for name, props := range cal.Events()[0].Props {
			got[name] = props[0].Value
		}
		if uid == "" {
			uid = got["UID"]
		}
		if got["UID"] != uid || got["STATUS"] != c.status || got["DTSTART"] != c.start || got["SUMMARY"] != c.summary || strings.Contains(got["DESCRIPTION"], c.says) == (n == 0) {
			t.Errorf("after event %d, %s: %v", n, c.typ, got)
		}
	}
}
