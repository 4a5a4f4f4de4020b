package projections

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/summit-timeline/summit/projections/internal/status"
)

// statusOf returns what stands after some lines at an hour of the opening day; 0 is now.
func statusOf(t *testing.T, hour int, lines ...string) status.Status {
	t.Helper()
	m := newStory(t)
	m.tell(t, lines...)
	e, at := openStory(t, m, m.records, 2), time.Time{}
	if hour > 0 {
		at = opening.Add(time.Duration(hour) * time.Hour)
	}
	answer, err := e.Status(t.Context(), AsOf{Seq: uint64(len(m.records)), Pinned: true}, at)
	must(t, err)
	var s status.Status
	must(t, json.Unmarshal(answer.JSON, &s))
	return s
}

// Who is aboard what may be said of either, and of two carriers: the last word counts,
// and carriers list exactly those who are aboard of them.
func TestNobodyIsAboardOfTwoThings(t *testing.T) {
	const (
		person = `delegate.departed person/p @10:00 {"name":"P","place":{"name":"A"},"aboard":"vehicle/car"}`
		car    = `vehicle.departed vehicle/car @09:00 {"kind":"motorcade","from":{"name":"A"}}`
		plane  = `aircraft.departed aircraft/x @12:00 {"from":{"name":"A"},"aboard":["person/p"]}`
		landed = `aircraft.landed aircraft/x @18:00 {"place":{"name":"B"}}`
		came   = `delegate.arrived person/p @18:30 {"place":{"name":"B"}}`
		again  = `aircraft.departed aircraft/x @20:00 {"from":{"name":"B"}}`
	)
	for name, c := range map[string]struct {
		lines  []string
		aboard string
	}{
		"by their own word":                      {[]string{person, car}, "vehicle/car"},
		"by the carrier's, which is later":       {[]string{person, car, plane}, "aircraft/x"},
		"whatever came in first":                 {[]string{plane, car, person}, "aircraft/x"},
		"by their own, which is later":           {[]string{plane, car, `delegate.departed person/p @13:00 {"name":"P","place":{"name":"A"},"aboard":"vehicle/car"}`}, "vehicle/car"},
		"aboard still, where it has landed":      {[]string{person, car, plane, landed}, "aircraft/x"},
		"no more, since they arrived":            {[]string{person, car, plane, landed, came}, ""},
		"no more, since it left again":           {[]string{car, plane, landed, again, `delegate.arrived person/p @08:00 {"name":"P","place":{"name":"A"}}`}, ""},
		"what happened goes before what is said": {[]string{person, car, `aircraft.departed aircraft/x {"from":{"name":"A"},"aboard":["person/p"],"when":{"earliest":"@12:00","phase":"planned"}}`}, "vehicle/car"},
		"said by the plan before": {[]string{
			`delegate.departed person/p {"name":"P","place":{"name":"A"},"aboard":"vehicle/car","when":{"earliest":"@12:00","phase":"planned"}}`, car,
			`delegate.arrived person/p {"place":{"name":"B"},"when":{"earliest":"@14:00","phase":"planned"}}`,
		}, "vehicle/car"},
		"taken back": {[]string{
			`delegate.departed person/p {"name":"P","place":{"name":"A"},"aboard":"vehicle/car","when":{"earliest":"@12:00","phase":"planned"}}`, car,
			`delegate.arrived person/p {"place":{"name":"B"},"aboard":null,"when":{"earliest":"@14:00","phase":"planned"}}`,
		}, ""},
	} {
		s := statusOf(t, 0, c.lines...)
		lists := map[string][]string{}
		for _, v := range s.Vehicles {
			lists["vehicle/"+v.ID] = v.Aboard
		}
		for _, a := range s.Aircraft {
			lists["aircraft/"+a.ID] = a.Aboard
		}
		for carrier, list := range lists {
			want := []string(nil)
			if carrier == c.aboard {
				want = []string{"person/p"}
			}
			if !slices.Equal(list, want) {
				t.Errorf("%s: aboard %s are %v, want %v", name, carrier, list, want)
			}
		}
		if len(s.Delegations) > 0 && s.Delegations[0].Delegates[0].Aboard != c.aboard {
			t.Errorf("%s: they are aboard %q, want %q", name, s.Delegations[0].Delegates[0].Aboard, c.aboard)
		}
	}
}

// Who boards something else is aboard of what they boarded before no more: that stands
// otherwise, though nothing was recorded on it.
func TestWhoBoardsSomethingElseIsAChangeOfWhatTheyLeave(t *testing.T) {
	m := newStory(t)
	m.tell(t,
		`vehicle.departed vehicle/car @09:00 {"kind":"motorcade","from":{"name":"A"},"aboard":["person/p"]}`,
		`aircraft.departed aircraft/x @12:00 {"from":{"name":"A"},"aboard":["person/p"]}`,
	)
	e := openStory(t, m, m.records, 2)
	c, err := e.Changes(t.Context(), AsOf{Seq: 2, Pinned: true}, AsOf{Seq: 3, Pinned: true}, opening)
	must(t, err)
	if !slices.ContainsFunc(c.Status, func(d Difference) bool { return d.Path == "/vehicles/car/aboard" }) {
		t.Errorf("the changes are %v", c.Status)
	}
	holdChanges(t, e, 2, 3, map[string]int{})
}

// A callsign is of the leg, whichever fact of the aircraft says it last.
func TestTheCallsignIsTheLastOneOfTheLeg(t *testing.T) {
	const left, seen = `aircraft.departed aircraft/x @10:00 {"from":{"name":"A"},"callsign":"RSD1"}`, `aircraft.tracked aircraft/x @11:00 {"service":"S","callsign":"RSD2"}`
	for want, lines := range map[string][]string{
		"RSD1": {left, `aircraft.tracked aircraft/x @09:00 {"service":"S","callsign":"RSD2"}`},
		"RSD2": {left, seen},
		"RSD3": {left, seen, `aircraft.landed aircraft/x @12:00 {"place":{"name":"B"},"callsign":"RSD3"}`},
		"":     {left, seen, `aircraft.landed aircraft/x @12:00 {"place":{"name":"B"},"callsign":null}`},
	} {
		if s := statusOf(t, 0, lines...); s.Aircraft[0].Callsign != want {
			t.Errorf("the callsign is %q, want %q", s.Aircraft[0].Callsign, want)
		}
	}
}

// What was still to come at some moment is told of that moment, though it has happened
// or was moved since.
func TestWhatIsExpectedIsThatOfTheMoment(t *testing.T) {
	lines := []string{
		`aircraft.departed aircraft/x @09:00 {"from":{"name":"A"}}`,
		`aircraft.landed aircraft/x @08:00 {"place":{"name":"B"},"when":{"earliest":"@13:00","phase":"planned"}}`,
		`aircraft.landed aircraft/x @12:00 {"place":{"name":"C"},"when":{"earliest":"@15:00","phase":"planned"}}`,
		`aircraft.landed aircraft/x @16:00 {"place":{"name":"C"}}`,
	}
	m := newStory(t)
	m.recorded = func(seq uint64) time.Time { return opening.Add(48 * time.Hour) }
	m.tell(t, lines...)
	e := openStory(t, m, m.records, 2)
	for hour, want := range map[int]string{10: "B", 13: "C", 17: "", 0: ""} {
		at := time.Time{}
		if hour > 0 {
			at = opening.Add(time.Duration(hour) * time.Hour)
		}
		answer, err := e.Status(t.Context(), e.Latest(), at)
		must(t, err)
		var s status.Status
		must(t, json.Unmarshal(answer.JSON, &s))
		got := ""
		for _, x := range s.Aircraft[0].Expected {
			got += x.Place.Name
		}
		if got != want {
			t.Errorf("at %d it is expected at %q, want %q", hour, got, want)
		}
	}
}

// An aircraft of which nothing else is known at a moment is not listed for who is aboard.
func TestWhoIsAboardDoesNotListAnAircraft(t *testing.T) {
	lines := []string{
		`delegate.departed person/p @08:00 {"name":"P","place":{"name":"A"},"aboard":"aircraft/x"}`, `aircraft.landed aircraft/x @16:00 {"place":{"name":"C"}}`,
	}
	if s := statusOf(t, 10, lines...); len(s.Aircraft) != 0 {
		t.Errorf("listed are %+v", s.Aircraft)
	}
	if s := statusOf(t, 17, lines...); len(s.Aircraft) != 1 || !slices.Equal(s.Aircraft[0].Aboard, []string{"person/p"}) {
		t.Errorf("listed are %+v", s.Aircraft)
	}
}

// What is planned for a document is its next step.
func TestThePlannedStepIsTheNext(t *testing.T) {
	s := statusOf(t, 0,
		`document.announced document/d @09:00 {"title":"D","kind":"treaty"}`,
		`document.published document/d {"when":{"earliest":"@30:00","phase":"planned"}}`,
		`document.signed document/d {"when":{"earliest":"@20:00","phase":"planned"}}`,
	)
	if got := s.Documents[0].Planned; got == nil || !got.Earliest.Equal(opening.Add(20*time.Hour)) {
		t.Errorf("planned is %+v", got)
	}
}

// A meeting of which the times leave open whether it was interrupted before it began was
// interrupted after.
func TestABreakFollowsTheBeginning(t *testing.T) {
	s := statusOf(t, 0,
		`meeting.started meeting/m {"title":"M","kind":"talks","when":{"earliest":"@10:00","latest":"@12:00"}}`,
		`meeting.paused meeting/m @10:30 {}`,
	)
	if s.Meetings[0].State != "paused" {
		t.Errorf("it is %s", s.Meetings[0].State)
	}
}

// A site is called as the last fact of it says, be it what is planned.
func TestAPlannedClosureNamesTheSite(t *testing.T) {
	s := statusOf(t, 0,
		`site.changed site/s {"name":"The palace","state":"closed","when":{"earliest":"@30:00","phase":"planned"}}`,
		`site.changed site/s @10:00 {"state":"open"}`,
	)
	if s.Sites[0].Name != "The palace" || s.Sites[0].State != "open" {
		t.Errorf("it is %+v", s.Sites[0])
	}
}
