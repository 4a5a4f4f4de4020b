package projections

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
)

var (
	vnukovo = &events.Place{Name: "Vnukovo", ICAO: "UUWW", Lat: new(55.5915), Lon: new(37.2615)}
	jber    = &events.Place{Name: "JBER", ICAO: "PAED", Lat: new(61.251), Lon: new(-149.807)}
)

// hours returns a moment between two hours of the day; -1 is an open end.
func hours(from, to int) *events.Moment {
	m := &events.Moment{}
	if from >= 0 {
		m.Earliest = events.Instant{Time: opening.Add(time.Duration(from) * time.Hour)}
	}
	if to >= 0 {
		m.Latest = events.Instant{Time: opening.Add(time.Duration(to) * time.Hour)}
	}
	return m
}

// seconds returns an instant so many seconds after an hour of the day.
func seconds(hour int, s float64) *events.Moment {
	at := events.Instant{Time: opening.Add(time.Duration(hour)*time.Hour + time.Duration(s*float64(time.Second)))}
	return &events.Moment{Earliest: at, Latest: at}
}

func said(m *events.Moment) events.Common {
	c := word("somebody")
	c.When = m
	return c
}

type fact struct {
	typ, entity string
	data        events.Payload
}

func departs(m *events.Moment) fact {
	return fact{events.TypeAircraftDeparted, "aircraft/a", &events.AircraftDeparted{Common: said(m), From: vnukovo, To: jber}}
}

func lands(m *events.Moment) fact {
	return fact{events.TypeAircraftLanded, "aircraft/a", &events.AircraftLanded{Common: said(m), Place: jber}}
}

func arrives(at *events.Place, m *events.Moment) fact {
	return fact{events.TypeDelegateArrived, "person/p", &events.DelegateArrived{Common: said(m), Delegate: events.Delegate{Name: "P", Place: at}}}
}

func stands(actor, stance string, m *events.Moment) fact {
	return fact{events.TypePositionStated, "topic/t", &events.PositionStated{Common: said(m), Actor: actor, Stance: stance, Detail: "d"}}
}

func meets(given ...events.Given) fact {
	return fact{events.TypeMeetingScheduled, "meeting/m", &events.MeetingScheduled{Common: word("s"), Schedule: events.Schedule{Title: "M", Kind: "talks", Given: given}}}
}

func given(text, zone string, hour int) events.Given {
	return events.Given{Text: text, Zone: zone, Instant: events.Instant{Time: opening.Add(time.Duration(hour) * time.Hour)}}
}

func tracked(lat, lon float64, m *events.Moment) fact {
	return fact{events.TypeAircraftTracked, "aircraft/a", &events.AircraftTracked{Common: said(m), Service: "Radar", Position: &events.TrackPosition{Lat: lat, Lon: lon}}}
}

func begins(m *events.Moment) fact {
	return fact{events.TypeMeetingStarted, "meeting/m", &events.MeetingStarted{Sitting: events.Sitting{Common: said(m)}}}
}

func about(p *events.Place, m float64) *events.Place {
	q := *p
	q.AccuracyM = new(m)
	return &q
}

func TestRules(t *testing.T) {
	for _, c := range []struct {
		name   string
		facts  []fact
		want   string // name of the rule that finds something; "" none
		detail string // part of what it says it compared
	}{
		{"a flight in ten hours", []fact{departs(hours(1, 1)), lands(hours(11, 11))}, "", ""},
		{"a landing before its departure", []fact{departs(hours(20, 21)), lands(hours(2, 3))}, "landing-before-departure", "(2025-08-14T02:00:00Z/2025-08-14T03:00:00Z) before it departs for that place (2025-08-14T20:00:00Z/2025-08-14T21:00:00Z)"},
		{"a landing that may be after its departure", []fact{departs(hours(1, 20)), lands(hours(10, 22))}, "", ""},
		{"a landing of which no end is known", []fact{departs(hours(20, 21)), lands(hours(2, -1))}, "", ""},
		{"a landing before a later leg", []fact{departs(hours(0, 0)), lands(hours(9, 9)), departs(hours(30, 30))}, "", ""},
		{"a flight in two hours", []fact{departs(hours(1, 1)), lands(hours(3, 3))}, "impossible-speed", "between Vnukovo and JBER in at most 2 h 0 min"},
		{"a flight in two hours or more", []fact{departs(hours(-1, 1)), lands(hours(3, 3))}, "", ""},
		{"a flight in the longest time allowed", []fact{departs(hours(1, 6)), lands(hours(7, 9))}, "", ""},
		{"a flight that was followed elsewhere", []fact{departs(hours(1, 1)), tracked(0, -100, hours(2, 2))}, "impossible-speed", "between Vnukovo and 0.00, -100.00 in at most 1 h 0 min"},
		{"a flight that was followed on its way", []fact{departs(hours(1, 1)), tracked(60, 40, hours(2, 2))}, "", ""},
		{"an aircraft in two places at one instant", []fact{departs(hours(5, 5)), lands(hours(5, 5))}, "two-places", "is at Vnukovo and at JBER, 7,008 km apart"},
		{"a person in two places within an hour", []fact{arrives(vnukovo, hours(5, 5)), arrives(jber, hours(6, 6))}, "two-places", "at most 1 h 0 min between them"},
		{"a person in two places within a day", []fact{arrives(vnukovo, hours(5, 5)), arrives(jber, hours(25, 25))}, "", ""},
		{"a person in two places within intervals that leave a day", []fact{arrives(vnukovo, hours(1, 5)), arrives(jber, hours(6, 20))}, "", ""},
		{"a person in two places, of which one is not exact", []fact{arrives(vnukovo, hours(5, 5)), arrives(about(jber, 9_000_000), hours(5, 5))}, "", ""},
		{"one instant in two zones", []fact{meets(given("14:30", "America/New_York", 18), given("10:00 am", "America/Anchorage", 18))}, "given-times-differ", `“14:30” in America/New_York is not 2025-08-14T18:00:00Z, which is 14:00 there`},
		{"the same instant in two zones", []fact{meets(given("14:00", "America/New_York", 18), given("10:00 am", "America/Anchorage", 18))}, "", ""},
		{"words that name no clock time", []fact{meets(given("early", "UTC", 8), given("in the morning", "Europe/Moscow", 8))}, "", ""},
		{"two instants", []fact{meets(given("noon", "UTC", 12), given("early", "UTC", 8))}, "given-times-differ", `“early” in UTC is 2025-08-14T08:00:00Z, but “noon” in UTC is 2025-08-14T12:00:00Z`},
		{"a date before the time", []fact{meets(given("15.01.2027, 11:30", "Europe/Berlin", 18))}, "", ""},
		{"a date after the time", []fact{meets(given("11:30 on 15 January", "Europe/Berlin", 18))}, "", ""},
		{"a date in ISO 8601", []fact{meets(given("2027-01-15 11:30", "Europe/Berlin", 18))}, "", ""},
		{"a month with the time", []fact{meets(given("11:30, mid-January", "Europe/Berlin", 18))}, "", ""},
		{"a date alone", []fact{meets(given("15.01.", "Europe/Berlin", 18))}, "", ""},
		{"a range of times", []fact{meets(given("between 10:00 and 11:30", "UTC", 11))}, "", ""},
		{"a range with a dash", []fact{meets(given("10:00–11:30", "UTC", 11))}, "", ""},
		{"two zones in one text", []fact{meets(given("10:30 Kyiv (11:30 Moscow)", "Europe/Kyiv", 18))}, "", ""},
		{"a time after noon in Japanese", []fact{meets(given("午後2:00", "Asia/Tokyo", 5))}, "", ""},
		{"a time after noon in Russian", []fact{meets(given("2:00 дня", "Europe/Moscow", 8))}, "", ""},
		{"Arabic digits", []fact{meets(given("١٠:٣٠", "Asia/Riyadh", 8))}, "", ""},
		{"an hour that may be after noon", []fact{meets(given("2:00", "UTC", 14))}, "", ""},
		{"an hour that may be after noon, in words", []fact{meets(given("2:00 in the afternoon", "UTC", 14))}, "", ""},
		{"an hour that is neither", []fact{meets(given("2:00", "UTC", 15))}, "given-times-differ", `“2:00” in UTC is not 2025-08-14T15:00:00Z`},
		{"a time that something follows", []fact{meets(given("after 14:30 Eastern", "America/New_York", 19))}, "", ""},
		{"a time that is not exact", []fact{meets(given("about 14:30", "UTC", 14))}, "", ""},
		{"an hour alone, with its half", []fact{meets(given("2 p.m. local time", "UTC", 8))}, "given-times-differ", `“2 p.m. local time” in UTC`},
		{"noon by the twelve-hour clock", []fact{meets(given("12:00 pm", "UTC", 12), given("12:00 AM", "America/New_York", 12))}, "given-times-differ", `“12:00 AM” in America/New_York`},
		{"no time at all", []fact{meets(given("in 2 hours", "UTC", 12))}, "", ""},
		{"the twenty-four-hour clock", []fact{meets(given("14.30 Uhr", "Europe/Berlin", 18))}, "given-times-differ", "which is 20:00 there"},
		{"an aircraft followed at two places in the same instant", []fact{tracked(60, 40, hours(5, 5)), tracked(52, 40, hours(5, 5))}, "two-places", "890 km apart, and the times leave at most 0 s"},
		{"an aircraft followed at two places a second apart", []fact{tracked(60, 40, hours(5, 5)), tracked(52, 40, seconds(5, 1))}, "impossible-speed", "in at most 1 s;"},
		{"an aircraft followed at two places a moment apart", []fact{tracked(60, 40, hours(5, 5)), tracked(52, 40, seconds(5, 0.25))}, "impossible-speed", "in at most 250 ms;"},
		{"an aircraft followed at two places in overlapping intervals", []fact{tracked(60, 40, hours(5, 6)), tracked(0, -100, hours(5, 6))}, "impossible-speed", "in at most 1 h 0 min"},
		{"an aircraft followed where it can have got in overlapping intervals", []fact{tracked(60, 40, hours(5, 6)), tracked(52, 40, hours(5, 6))}, "", ""},
		{"an aircraft followed elsewhere as it lands", []fact{lands(hours(5, 5)), tracked(52, 40, hours(5, 5))}, "two-places", "JBER"},
		{"an aircraft followed elsewhere as it leaves", []fact{tracked(0, -100, hours(5, 5)), departs(hours(5, 5))}, "two-places", "Vnukovo"},
		{"for and against with no times", []fact{stands("A", "for", nil), stands("A", "against", nil)}, "", ""},
		{"one actor in two spellings", []fact{stands("Zoe\u0308", "for", hours(1, 5)), stands("ZO\u00cb\u200b", "against", hours(1, 5))}, "for-and-against", "at once"},
		{"two landings hours apart", []fact{lands(hours(1, 2)), lands(hours(5, 6))}, "intervals-disjoint", "says 2025-08-14T01:00:00Z/2025-08-14T02:00:00Z"},
		{"a landing between two others is apart from both", []fact{lands(hours(1, 2)), lands(hours(5, 6)), lands(hours(9, 10))}, "intervals-disjoint", "Two times for one landing"},
		{"an arrival elsewhere between two at one place", []fact{arrives(vnukovo, hours(1, 1)), arrives(jber, hours(25, 25)), arrives(vnukovo, hours(49, 49))}, "", ""},
		{"two landings that may be one", []fact{lands(hours(1, 5)), lands(hours(4, 6))}, "", ""},
		{"two beginnings of one meeting", []fact{begins(hours(1, 2)), begins(hours(5, 6))}, "intervals-disjoint", "Two times for one start of a meeting"},
		{"two beginnings of which one has no end", []fact{begins(hours(1, -1)), begins(hours(5, 6))}, "", ""},
		{"for and against at once", []fact{stands("A", "for", hours(1, 5)), stands("A", "against", hours(2, 6))}, "for-and-against", "A is both for and against at once (T): 2025-08-14T0"},
		{"a change of mind", []fact{stands("A", "for", hours(1, 2)), stands("A", "against", hours(5, 6))}, "", ""},
		{"two actors opposed", []fact{stands("A", "for", hours(1, 5)), stands("B", "against", hours(1, 5))}, "", ""},
		{"for, and open", []fact{stands("A", "for", hours(1, 5)), stands("A", "open", hours(1, 5))}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			forward := conflictsOf(t, c.facts)
			var back []fact
			for i := range c.facts {
				back = append(back, c.facts[len(c.facts)-1-i])
			}
			for order, found := range map[string][]Conflict{"in order": forward, "the other way": conflictsOf(t, back)} {
				if c.want == "" && len(found) > 0 || c.want != "" && (len(found) != max(1, len(c.facts)-1) || found[0].Rule != c.want) {
					t.Errorf("%s: found %v, want %q", order, found, c.want)
				}
			}
			if c.want != "" && !strings.Contains(forward[0].Detail, c.detail) {
				t.Errorf("it says %q, want %q in it", forward[0].Detail, c.detail)
			}
		})
	}
}

// A correction that leaves nothing for any rule to look at ends what was found.
func TestACorrectedClaimContradictsNoLonger(t *testing.T) {
	for patch, f := range map[string][2]fact{
		`{"stance":"open"}`: {stands("A", "for", hours(1, 5)), stands("A", "against", hours(2, 6))},
		`{"given":null}`:    {meets(given("noon", "UTC", 12), given("early", "UTC", 8)), begins(hours(1, 2))},
		`{"when":{"earliest":"2025-08-14T11:00:00Z","latest":"2025-08-14T12:00:00Z"}}`: {lands(hours(3, 3)), departs(hours(1, 1))},
		`{"place":{"lat":null,"lon":null}}`:                                            {arrives(jber, hours(6, 6)), arrives(vnukovo, hours(5, 5))},
		`{"when":{"phase":"planned"}}`:                                                 {lands(hours(3, 3)), departs(hours(1, 1))},
	} {
		m := newStory(t)
		id := m.add(t, f[0].typ, entityOf(t, f[0].entity), f[0].data)
		m.add(t, f[1].typ, entityOf(t, f[1].entity), f[1].data)
		fix := m.add(t, events.TypeFactCorrected, entityOf(t, f[0].entity), &events.FactCorrected{Target: events.Target{Target: id}, Patch: []byte(patch), Class: events.ClassCorrected, Notice: "n"})
		m.add(t, events.TypeFactRetracted, entityOf(t, f[0].entity), &events.FactRetracted{Target: events.Target{Target: fix}, Reason: "r"})
		e := openStory(t, m, m.records, 1)
		for n, want := range map[uint64]int{3: 1, 4: 0, 5: 1} {
			list, _, err := e.Conflicts(t.Context(), AsOf{Seq: n, Pinned: true})
			if err != nil || len(list) != want {
				t.Errorf("%s at %d: %v, want %d", patch, n, list, want)
			}
		}
	}
}

func entityOf(t *testing.T, s string) events.Entity {
	t.Helper()
	e, err := events.ParseEntity(s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func conflictsOf(t *testing.T, facts []fact) []Conflict {
	t.Helper()
	m := newStory(t)
	for _, f := range facts {
		m.add(t, f.typ, entityOf(t, f.entity), f.data)
	}
	e := openStory(t, m, m.records, 1)
	list, stamp, err := e.Conflicts(t.Context(), e.Latest())
	if err != nil || !stamp.Complete {
		t.Fatal(err, stamp)
	}
	return list
}

func TestARetractedFactContradictsNothing(t *testing.T) {
	m := newStory(t)
	plane := events.Entity{Kind: events.KindAircraft, ID: "a"}
	m.add(t, events.TypeAircraftDeparted, plane, departs(hours(1, 1)).data)
	id := m.add(t, events.TypeAircraftLanded, plane, lands(hours(3, 3)).data)
	m.add(t, events.TypeFactRetracted, plane, &events.FactRetracted{Target: events.Target{Target: id}, Reason: "r"})
	e := openStory(t, m, m.records, 10)
	for n, want := range map[uint64]int{2: 0, 3: 1, 4: 0} {
		list, _, err := e.Conflicts(t.Context(), AsOf{Seq: n, Pinned: true})
		if err != nil || len(list) != want {
			t.Errorf("at %d: %v, want %d", n, list, want)
		}
	}
}

// The manual says what each rule finds.
func TestTheManualHasEveryRule(t *testing.T) {
	page := filepath.Join("..", "cmd", "internal", "manual", "corrections.md")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	_, labels := message.Defined()
	for key := range labels {
		name, is := strings.CutPrefix(key, "rule/")
		if !is {
			continue
		}
		if found++; !strings.Contains(string(text), "\n| `"+name+"` | ") {
			t.Errorf("%s has no row in the table of rules in %s", name, page)
		}
	}
	if found < 13 {
		t.Errorf("found %d rules", found)
	}
}
