package feeds

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-ical"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// readICS reads a calendar with another's parser, after it has looked at the
// lines themselves.
func readICS(t *testing.T, f Feed) map[string]ical.Event {
	t.Helper()
	text := written(t, func(b *bytes.Buffer) error { return writeICS(b, f) })
	for l := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(l) > 75 || !utf8.ValidString(l) || strings.ContainsAny(l, "\r\n\x00\x1b\u202e") {
			t.Errorf("line %q", l)
		}
	}
	cal, err := ical.NewDecoder(strings.NewReader(text)).Decode()
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if err := ical.NewEncoder(new(bytes.Buffer)).Encode(cal); err != nil {
		t.Fatalf("another writer refuses it: %v in %s", err, text) // it checks what a calendar must have
	}
	found := map[string]ical.Event{}
	for _, e := range cal.Events() {
		uid := value(t, e, ical.PropUID)
		if _, twice := found[uid]; twice {
			t.Errorf("UID %s twice", uid)
		}
		found[uid] = e
	}
	return found
}

func value(t *testing.T, e ical.Event, name string) string {
	t.Helper()
	if e.Props.Get(name) == nil {
		return ""
	}
	if name == ical.PropSequence {
		return e.Props.Get(name).Value // a number, and no text
	}
	s, err := e.Props.Text(name)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return s
}

func at(t *testing.T, e ical.Event, name string) time.Time {
	t.Helper()
	v, err := e.Props.DateTime(name, time.UTC)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return v
}

func meets(h int) func(*projections.Item) {
	return func(it *projections.Item) {
		it.Recorded = hour(h)
		it.When = &events.Moment{Best: hour(10 + h), Phase: events.PhasePlanned}
	}
}

// only is the one event of a calendar.
func only(t *testing.T, found map[string]ical.Event) ical.Event {
	t.Helper()
	if len(found) != 1 {
		t.Fatalf("%d events", len(found))
	}
	for _, e := range found {
		return e
	}
	return ical.Event{}
}

func TestAMeetingThatIsMovedStaysOneEvent(t *testing.T) {
	plan, moved := fact(factA, "meeting.scheduled", "meeting/m", meets(1)), fact(factB, "meeting.rescheduled", "meeting/m", meets(2))
	first := only(t, readICS(t, feed(t, map[string]string{"m": "scheduled"}, plan)))
	plan.Standing = projections.StandingSuperseded
	second := only(t, readICS(t, feed(t, map[string]string{"m": "scheduled"}, plan, moved)))
	called := fact(factC, "meeting.cancelled", "meeting/m", func(it *projections.Item) { it.Recorded = hour(3) })
	third := only(t, readICS(t, feed(t, map[string]string{"m": "cancelled"}, plan, moved, called)))
	for i, e := range []ical.Event{first, second, third} {
		if value(t, e, ical.PropUID) != value(t, first, ical.PropUID) || value(t, e, ical.PropSequence) != []string{"0", "1", "2"}[i] ||
			!at(t, e, ical.PropDateTimeStamp).Equal(hour(i+1).Time) || !at(t, e, ical.PropLastModified).Equal(hour(i+1).Time) || !at(t, e, ical.PropCreated).Equal(hour(1).Time) {
			t.Errorf("version %d: %v", i, e.Props)
		}
	}
	if !at(t, first, ical.PropDateTimeStart).Equal(hour(11).Time) || !at(t, second, ical.PropDateTimeStart).Equal(hour(12).Time) || !at(t, third, ical.PropDateTimeStart).Equal(hour(12).Time) {
		t.Error("the start does not move with the plan")
	}
	if value(t, second, ical.PropStatus) != "TENTATIVE" || value(t, third, ical.PropStatus) != "CANCELLED" {
		t.Errorf("status %s, then %s", value(t, second, ical.PropStatus), value(t, third, ical.PropStatus))
	}
	if d := value(t, second, ical.PropDescription); !strings.Contains(d, "Before that: Fri 15 Aug 2025 11:00 UTC") {
		t.Errorf("description %q", d)
	}
}

func TestAPlanThatIsWithdrawnStaysAsCalledOff(t *testing.T) {
	retracted := func(it *projections.Item) {
		meets(1)(it)
		it.Standing = projections.StandingRetracted
		amended(it, projections.AmendmentOf{ID: amend, Type: "fact.retracted", Recorded: hour(4), Notice: "It was wrong."})
	}
	for _, it := range []projections.Item{fact(factA, "meeting.scheduled", "meeting/m", retracted), fact(factA, "delegate.arrived", "person/p", retracted)} {
		e := only(t, readICS(t, feed(t, nil, it)))
		if value(t, e, ical.PropStatus) != "CANCELLED" || value(t, e, ical.PropSequence) != "1" || !strings.HasPrefix(value(t, e, ical.PropSummary), "RETRACTED: ") {
			t.Errorf("%s: %v", it.Type, e.Props)
		}
	}
}

func TestAMeetingMovedToNoTimeIsCalledOffWhereItWas(t *testing.T) {
	open := fact(factB, "meeting.rescheduled", "meeting/m", func(it *projections.Item) { it.Recorded = hour(2) })
	e := only(t, readICS(t, feed(t, map[string]string{"m": "scheduled"}, fact(factA, "meeting.scheduled", "meeting/m", meets(1)), open)))
	if value(t, e, ical.PropStatus) != "CANCELLED" || !at(t, e, ical.PropDateTimeStart).Equal(hour(11).Time) || !strings.Contains(value(t, e, ical.PropDescription), "no time is known") {
		t.Errorf("event %v", e.Props)
	}
	if found := readICS(t, feed(t, nil, open)); len(found) != 0 {
		t.Errorf("what has no time is in it: %v", found)
	}
}

func TestAMeetingThatTookPlaceTellsWhen(t *testing.T) {
	run := func(h int) func(*projections.Item) {
		return func(it *projections.Item) { it.When = &events.Moment{Best: hour(h), Phase: events.PhaseActual} }
	}
	e := only(t, readICS(t, feed(t, map[string]string{"m": "ended"}, fact(factA, "meeting.scheduled", "meeting/m", meets(1)),
		fact(factB, "meeting.started", "meeting/m", run(13)), fact(factC, "meeting.ended", "meeting/m", run(16)))))
	if value(t, e, ical.PropStatus) != "CONFIRMED" || !at(t, e, ical.PropDateTimeStart).Equal(hour(13).Time) || !at(t, e, ical.PropDateTimeEnd).Equal(hour(16).Time) {
		t.Errorf("event %v", e.Props)
	}
}

func TestUncertainTimesAreToldAsTheyAre(t *testing.T) {
	for text, m := range map[string]*events.Moment{
		"not before Fri 15 Aug 2025 18:00 UTC":               {Earliest: hour(18), Phase: events.PhasePlanned},
		"between Fri 15 Aug 2025 18:00 and 20:00 UTC":        {Earliest: hour(18), Latest: hour(20), Phase: events.PhaseActual},
		"before Fri 15 Aug 2025 18:00 UTC":                   {Latest: hour(18), Phase: events.PhaseActual},
		"late (Fri 15 Aug 2025 18:00 UTC)":                   {Best: hour(18), Text: "late", Phase: events.PhaseActual},
		"about: between Fri 15 Aug 2025 18:00 and 19:00 UTC": {Earliest: hour(18), Latest: hour(19), Approximate: true, Phase: events.PhaseActual},
	} {
		e := only(t, readICS(t, feed(t, nil, fact(factA, "aircraft.landed", "aircraft/x", func(it *projections.Item) { it.When = m }))))
		if d := value(t, e, ical.PropDescription); !strings.Contains(d, "When: "+text+"\n") || !at(t, e, ical.PropDateTimeStart).Equal(hour(18).Time) {
			t.Errorf("%q: %v", text, e.Props)
		}
		if ended := e.Props.Get(ical.PropDateTimeEnd) != nil; ended != (!m.Earliest.IsZero() && !m.Latest.IsZero()) {
			t.Errorf("%q: an end was invented, or lost: %v", text, e.Props)
		}
	}
}

func TestICSHostileTextIsText(t *testing.T) {
	e := only(t, readICS(t, feed(t, nil, fact(factA, "note.added", "note/a", func(it *projections.Item) {
		it.When = &events.Moment{Best: hour(18), Phase: events.PhaseActual}
		lat, lon := -61.25, 1e-7
		it.Headline, it.Attribution, it.Where = hostile, hostile, &events.Place{Name: hostile, Lat: &lat, Lon: &lon}
	}))))
	if s := value(t, e, ical.PropSummary); s != "=HYPERLINK(\"http://x\",\"y\") END:VEVENT <script>alert(1)</script> & ]]> \"},{ gpj.exe[31m\ufffd; a, b\\n é 🛬" {
		t.Errorf("summary %q", s)
	}
	if g := e.Props.Get(ical.PropGeo).Value; g != "-61.25;0.0000001" {
		t.Errorf("geo %q", g)
	}
}

func TestACalendarOfNothingIsOne(t *testing.T) {
	if found := readICS(t, feed(t, nil)); len(found) != 0 {
		t.Errorf("events %v", found)
	}
}
