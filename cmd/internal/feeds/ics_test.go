package feeds

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-ical"
	"pgregory.net/rapid"

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

// statusOf is the status of the one meeting, in the words of the contract.
func statusOf(m Meeting) map[string]Meeting {
	m.ID = "m"
	return map[string]Meeting{"m": m}
}

func planned(h int) *events.Moment { return &events.Moment{Best: hour(h), Phase: events.PhasePlanned} }

func actual(h int) *events.Moment { return &events.Moment{Best: hour(h), Phase: events.PhaseActual} }

func TestAMeetingThatIsMovedStaysOneEvent(t *testing.T) {
	plan, moved := fact(factA, "meeting.scheduled", "meeting/m", meets(1)), fact(factB, "meeting.rescheduled", "meeting/m", meets(2))
	plan.Seq, moved.Seq = 2, 3
	first := only(t, readICS(t, feed(t, statusOf(Meeting{State: "scheduled", When: planned(11)}), plan)))
	plan.Standing = projections.StandingSuperseded
	since := Meeting{State: "scheduled", When: planned(12), Previous: []events.Moment{*planned(11)}}
	second := only(t, readICS(t, feed(t, statusOf(since), moved, plan))) // in the order of their times, whichever that is
	called := fact(factC, "meeting.cancelled", "meeting/m", func(it *projections.Item) { it.Seq, it.Recorded = 4, hour(3) })
	since.State = "cancelled"
	third := only(t, readICS(t, feed(t, statusOf(since), plan, moved, called)))
	again := fact(later, "meeting.rescheduled", "meeting/m", func(it *projections.Item) { it.Seq, it.Recorded = 5, hour(4) })
	fourth := only(t, readICS(t, feed(t, statusOf(Meeting{State: "scheduled", When: planned(12)}), plan, moved, called, again)))
	for i, e := range []ical.Event{first, second, third, fourth} {
		if value(t, e, ical.PropUID) != value(t, first, ical.PropUID) || value(t, e, ical.PropSequence) != []string{"0", "1", "2", "3"}[i] ||
			!at(t, e, ical.PropDateTimeStamp).Equal(hour(i+1).Time) || !at(t, e, ical.PropLastModified).Equal(hour(i+1).Time) || !at(t, e, ical.PropCreated).Equal(hour(1).Time) {
			t.Errorf("version %d: %v", i, e.Props)
		}
		if want := []string{"TENTATIVE", "TENTATIVE", "CANCELLED", "TENTATIVE"}[i]; value(t, e, ical.PropStatus) != want {
			t.Errorf("version %d is %s, want %s", i, value(t, e, ical.PropStatus), want)
		}
		if want := []int{11, 12, 12, 12}[i]; !at(t, e, ical.PropDateTimeStart).Equal(hour(want).Time) {
			t.Errorf("version %d begins at %s", i, at(t, e, ical.PropDateTimeStart))
		}
	}
	if d := value(t, second, ical.PropDescription); !strings.Contains(d, "Before that: Fri 15 Aug 2025 11:00 UTC") {
		t.Errorf("description %q", d)
	}
}

func TestTheCalendarSaysWhatTheStatusSays(t *testing.T) {
	hall := &events.Place{Name: "Hall", ICAO: "PAED"}
	run := func(typ string, when *events.Moment) projections.Item {
		return fact(factB, typ, "meeting/m", func(it *projections.Item) { it.Seq, it.When = 3, when })
	}
	plan := fact(factA, "meeting.scheduled", "meeting/m", meets(1))
	for _, c := range []struct {
		name   string
		status Meeting
		facts  []projections.Item
		state  string
		start  int
		end    int // 0 is none
	}{
		{"planned", Meeting{State: "scheduled", When: planned(11)}, []projections.Item{plan}, "TENTATIVE", 11, 0},
		{"planned, on two words", Meeting{State: "scheduled", When: planned(11), Standing: "corroborated"}, []projections.Item{plan}, "CONFIRMED", 11, 0},
		{"overdue", Meeting{State: "scheduled", When: planned(11), Standing: "overdue"}, []projections.Item{plan}, "TENTATIVE", 11, 0},
		{"begun later than planned", Meeting{State: "under_way", When: actual(13), Planned: planned(11)}, []projections.Item{plan, run("meeting.started", actual(13))}, "CONFIRMED", 13, 0},
		{"paused", Meeting{State: "paused", When: actual(13), Planned: planned(11)}, []projections.Item{plan, run("meeting.paused", actual(14))}, "CONFIRMED", 13, 0},
		{"ended", Meeting{State: "ended", When: actual(13), Planned: planned(11)}, []projections.Item{plan, run("meeting.ended", actual(16))}, "CONFIRMED", 13, 16},
		{"begun between two times", Meeting{State: "under_way", When: &events.Moment{Earliest: hour(13), Latest: hour(14), Phase: events.PhaseActual}}, []projections.Item{plan}, "CONFIRMED", 13, 0},
		{"begun, nobody said when", Meeting{State: "under_way"}, []projections.Item{plan, run("meeting.started", nil)}, "CONFIRMED", 11, 0},
		{"ended, and on again", Meeting{State: "under_way", When: actual(17)}, []projections.Item{plan, run("meeting.ended", actual(16))}, "CONFIRMED", 17, 0},
		{"called off", Meeting{State: "cancelled", When: planned(11)}, []projections.Item{plan, run("meeting.cancelled", nil)}, "CANCELLED", 11, 0},
	} {
		c.status.Place, c.status.Title = hall, "The talks"
		e := only(t, readICS(t, feed(t, statusOf(c.status), c.facts...)))
		if got := value(t, e, ical.PropStatus); got != c.state || !at(t, e, ical.PropDateTimeStart).Equal(hour(c.start).Time) {
			t.Errorf("%s: %s from %s", c.name, got, at(t, e, ical.PropDateTimeStart))
		}
		if ended := e.Props.Get(ical.PropDateTimeEnd) != nil; ended != (c.end > 0) || ended && !at(t, e, ical.PropDateTimeEnd).Equal(hour(c.end).Time) {
			t.Errorf("%s: the end: %v", c.name, e.Props)
		}
		if value(t, e, ical.PropLocation) != "Hall (PAED)" || value(t, e, ical.PropSummary) != "The talks" {
			t.Errorf("%s: %s at %s", c.name, value(t, e, ical.PropSummary), value(t, e, ical.PropLocation))
		}
		d := value(t, e, ical.PropDescription)
		if !strings.Contains(d, "What happened\n") || strings.Contains(d, "Planned for: Fri 15 Aug 2025 11:00 UTC") != (c.status.Planned != nil) || !strings.Contains(d, "Where: Hall (PAED)") {
			t.Errorf("%s: description %q", c.name, d)
		}
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
	open := fact(factB, "meeting.rescheduled", "meeting/m", func(it *projections.Item) { it.Seq, it.Recorded = 3, hour(2) })
	meetings := statusOf(Meeting{State: "scheduled", When: &events.Moment{Text: "some day", Phase: events.PhasePlanned}})
	e := only(t, readICS(t, feed(t, meetings, fact(factA, "meeting.scheduled", "meeting/m", meets(1)), open)))
	if value(t, e, ical.PropStatus) != "CANCELLED" || !at(t, e, ical.PropDateTimeStart).Equal(hour(11).Time) || !strings.Contains(value(t, e, ical.PropDescription), "no time is known") {
		t.Errorf("event %v", e.Props)
	}
	if found := readICS(t, feed(t, meetings, open)); len(found) != 0 {
		t.Errorf("what has no time is in it: %v", found)
	}
}

func TestTheCalendarHasMeetingsArrivalsAndDepartures(t *testing.T) {
	for typ, want := range map[string]bool{
		"meeting.scheduled": true, "meeting.started": true, "aircraft.departed": true, "aircraft.landed": true, "delegate.arrived": true, "delegate.departed": true,
		"delegation.arrived": true, "delegation.departed": true, "vehicle.arrived": true, "vehicle.departed": true,
		"note.added": false, "statement.made": false, "aircraft.tracked": false, "site.prepared": false, "position.stated": false, "agenda.set": false, "document.signed": false,
	} {
		kind, _, _ := strings.Cut(typ, ".")
		found := readICS(t, feed(t, nil, fact(factA, typ, kind+"/m", func(it *projections.Item) { it.When = actual(12) })))
		if len(found) == 1 != want {
			t.Errorf("%s: %d events", typ, len(found))
		}
	}
}

// Whatever is said, the lines of a calendar are at most 75 octets and another's
// parser reads the words back (RFC 5545, section 3.1 and 3.3.11).
func TestLongAndForeignWordsAreFoldedByOctets(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "ü", "Зе", "首脳", "🛬", "e\u0301", ";", ",", "\\", ":", `"`, " ", "\\n"}), 1, 200).Draw(r, "text"), "")
		text = strings.Join(strings.Fields(text), " ")
		e := only(t, readICS(t, feed(t, nil, fact(factA, "delegate.arrived", "person/p", func(it *projections.Item) {
			it.When, it.Headline, it.Where = actual(12), text, &events.Place{Name: text}
		}))))
		if got := value(t, e, ical.PropSummary); got != text || value(t, e, ical.PropLocation) != text {
			r.Fatalf("%q is read as %q", text, got)
		}
	})
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
	e := only(t, readICS(t, feed(t, nil, fact(factA, "delegate.arrived", "person/p", func(it *projections.Item) {
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
