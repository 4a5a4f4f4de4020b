package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
)

var (
	moscow    = &events.Place{Name: "Vnukovo", Lat: new(55.5915), Lon: new(37.2615)}
	anchorage = &events.Place{Name: "JBER", Lat: new(61.251), Lon: new(-149.807)}
)

// hours returns a moment between two hours of one day.
func hours(from, to int) events.Moment {
	day := time.Date(2025, 8, 14, 0, 0, 0, 0, time.UTC)
	at := func(h int) events.Instant { return events.Instant{Time: day.Add(time.Duration(h) * time.Hour)} }
	return events.Moment{Earliest: at(from), Latest: at(to)}
}

func departs(m events.Moment) Claim {
	return Claim{ID: "departs", Type: events.TypeAircraftDeparted, Data: &events.AircraftDeparted{From: moscow, To: anchorage}, Moment: m, Place: moscow}
}

func lands(m events.Moment) Claim {
	return Claim{ID: "lands", Type: events.TypeAircraftLanded, Data: &events.AircraftLanded{Place: anchorage}, Moment: m, Place: anchorage}
}

func arrives(at *events.Place, m events.Moment) Claim {
	return Claim{ID: "arrives", Type: events.TypeDelegateArrived, Data: &events.DelegateArrived{Delegate: events.Delegate{Place: at}}, Moment: m, Place: at}
}

func stands(stance string, m events.Moment) Claim {
	return Claim{ID: stance, Type: events.TypePositionStated, Data: &events.PositionStated{Actor: "A", Stance: stance}, Moment: m}
}

// A claim is held against its neighbours: what each rule finds, and what leaves room.
func TestFind(t *testing.T) {
	for name, c := range map[string]struct {
		x, y Claim
		rule string // "" is none
	}{
		"a flight of ten hours":              {departs(hours(1, 1)), lands(hours(11, 11)), ""},
		"a flight of two hours":              {departs(hours(1, 1)), lands(hours(3, 3)), "impossible-speed"},
		"a flight of two hours or more":      {departs(hours(1, 1)), lands(hours(3, 12)), ""},
		"a landing before its departure":     {departs(hours(20, 21)), lands(hours(2, 3)), "landing-before-departure"},
		"in two places at once":              {departs(hours(5, 5)), lands(hours(5, 5)), "two-places"},
		"a person in two places in an hour":  {arrives(moscow, hours(5, 5)), arrives(anchorage, hours(6, 6)), "two-places"},
		"a person in two places in a day":    {arrives(moscow, hours(5, 5)), arrives(anchorage, hours(29, 29)), ""},
		"one arrival at two times":           {arrives(moscow, hours(1, 2)), arrives(moscow, hours(5, 6)), "intervals-disjoint"},
		"one arrival at times that may meet": {arrives(moscow, hours(1, 5)), arrives(moscow, hours(4, 6)), ""},
		"for and against at once":            {stands("for", hours(1, 5)), stands("against", hours(2, 6)), "for-and-against"},
		"a change of mind":                   {stands("for", hours(1, 2)), stands("against", hours(5, 6)), ""},
	} {
		t.Run(name, func(t *testing.T) {
			c.x.Seq, c.y.Seq = 1, 2
			for _, pair := range [][2]*Claim{{&c.x, &c.y}, {&c.y, &c.x}} {
				found := Find(pair[0], []*Claim{pair[1]}, nil)
				if c.rule == "" && len(found) > 0 || c.rule != "" && (len(found) != 1 || found[0].Rule != c.rule) {
					t.Errorf("found %v, want %q", found, c.rule)
				}
				for _, f := range found {
					if strings.Join(f.Facts, " ") == "" || f.Message == "" || !Concern(pair[0]) {
						t.Errorf("%+v", f)
					}
				}
			}
		})
	}
}

// An instant that is given in several zones must be one instant.
func TestGivenTimes(t *testing.T) {
	noon := events.Instant{Time: time.Date(2025, 8, 14, 12, 0, 0, 0, time.UTC)}
	for text, wrong := range map[string]bool{"12:00": false, "noon": false, "12:30": true, "about 12:30": false, "12:00 am": true} {
		x := &Claim{ID: "m", Type: events.TypeMeetingScheduled, Data: &events.MeetingScheduled{Schedule: events.Schedule{Given: []events.Given{{Text: text, Zone: "UTC", Instant: noon}}}}}
		if found := Find(x, nil, nil); len(found) > 0 != wrong {
			t.Errorf("%q: %v", text, found)
		}
	}
}

// A time beside the name of another zone is not one of the plan's zone.
func TestGivenTimesOfAnotherZone(t *testing.T) {
	noon := events.Instant{Time: time.Date(2025, 8, 14, 12, 0, 0, 0, time.UTC)}
	for _, c := range []struct {
		text, zone string
		wrong      bool
	}{
		{"12:00 GMT", "Europe/London", false},
		{"13:00 BST", "Europe/London", false},
		{"12:00 BST", "Europe/London", true},
		{"12:00 UTC", "Europe/Kyiv", false},
		{"12:00Z", "Europe/Kyiv", false},
		{"15:00 Moscow time", "Europe/Vilnius", false},
		{"15:00 moscow time", "America/New_York", false},
		{"15:00 (MSK)", "America/New_York", false},
		{"15:00 EEST", "Europe/Kyiv", false},
		{"14:00 EEST", "Europe/Kyiv", true},
		{"14:00 Kyiv time", "Europe/Kyiv", true},
		{"14:00 local time", "Europe/Kyiv", true},
		{"14:00 New York time", "America/New_York", true},
		{"8:00 New York time", "America/New_York", false},
		{"14:00 Uhr Ortszeit", "Europe/Kyiv", true},
	} {
		x := &Claim{ID: "m", Type: events.TypeMeetingScheduled, Data: &events.MeetingScheduled{Schedule: events.Schedule{Given: []events.Given{{Text: c.text, Zone: c.zone, Instant: noon}}}}}
		if found := Find(x, nil, nil); len(found) > 0 != c.wrong {
			t.Errorf("%q in %s: %v", c.text, c.zone, found)
		}
	}
}
