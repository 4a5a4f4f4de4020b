package projections

import (
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
)

var (
	vnukovo = &events.Place{Name: "Vnukovo", ICAO: "UUWW", Lat: new(55.5915), Lon: new(37.2615)}
	jber    = &events.Place{Name: "JBER", ICAO: "PAED", Lat: new(61.251), Lon: new(-149.807)}
)

// hours is a moment between two hours of the day; -1 is an open end.
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

func TestRules(t *testing.T) {
	for _, c := range []struct {
		name  string
		facts []fact
		want  string // name of the rule that finds something; "" none
	}{
		{"a flight in ten hours", []fact{departs(hours(1, 1)), lands(hours(11, 11))}, ""},
		{"a landing before its departure", []fact{departs(hours(20, 21)), lands(hours(2, 3))}, "landing-before-departure"},
		{"a landing that may be after its departure", []fact{departs(hours(1, 20)), lands(hours(10, 22))}, ""},
		{"a landing before a later leg", []fact{departs(hours(0, 0)), lands(hours(9, 9)), departs(hours(30, 30))}, ""},
		{"a flight in two hours", []fact{departs(hours(1, 1)), lands(hours(3, 3))}, "impossible-speed"},
		{"a flight in two hours or more", []fact{departs(hours(-1, 1)), lands(hours(3, 3))}, ""},
		{"a flight in the longest time allowed", []fact{departs(hours(1, 6)), lands(hours(7, 9))}, ""},
		{"an aircraft in two places at one instant", []fact{departs(hours(5, 5)), lands(hours(5, 5))}, "two-places"},
		{"a person in two places within an hour", []fact{arrives(vnukovo, hours(5, 5)), arrives(jber, hours(6, 6))}, "two-places"},
		{"a person in two places within a day", []fact{arrives(vnukovo, hours(5, 5)), arrives(jber, hours(25, 25))}, ""},
		{"one instant in two zones", []fact{meets(given("14:30", "America/New_York", 18), given("10:00 am", "America/Anchorage", 18))}, "given-times-differ"},
		{"the same instant in two zones", []fact{meets(given("14:00", "America/New_York", 18), given("10:00 am", "America/Anchorage", 18))}, ""},
		{"two instants", []fact{meets(given("noon", "UTC", 12), given("early", "UTC", 8))}, "given-times-differ"},
		{"two landings hours apart", []fact{lands(hours(1, 2)), lands(hours(5, 6))}, "intervals-disjoint"},
		{"two landings that may be one", []fact{lands(hours(1, 5)), lands(hours(4, 6))}, ""},
		{"for and against at once", []fact{stands("A", "for", hours(1, 5)), stands("A", "against", hours(2, 6))}, "for-and-against"},
		{"a change of mind", []fact{stands("A", "for", hours(1, 2)), stands("A", "against", hours(5, 6))}, ""},
		{"two actors opposed", []fact{stands("A", "for", hours(1, 5)), stands("B", "against", hours(1, 5))}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			forward := conflictsOf(t, c.facts)
			var back []fact
			for i := range c.facts {
				back = append(back, c.facts[len(c.facts)-1-i])
			}
			for order, found := range map[string][]Conflict{"in order": forward, "the other way": conflictsOf(t, back)} {
				if c.want == "" && len(found) > 0 || c.want != "" && (len(found) != 1 || found[0].Rule != c.want) {
					t.Errorf("%s: found %v, want %q", order, found, c.want)
				}
			}
		})
	}
}

func conflictsOf(t *testing.T, facts []fact) []Conflict {
	t.Helper()
	m := newStory(t)
	for _, f := range facts {
		entity, err := events.ParseEntity(f.entity)
		if err != nil {
			t.Fatal(err)
		}
		m.add(t, f.typ, entity, f.data)
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
		list, _, err := e.Conflicts(t.Context(), Reading{Seq: n, Pinned: true})
		if err != nil || len(list) != want {
			t.Errorf("at %d: %v, want %d", n, list, want)
		}
	}
}
