package projections

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/status"
)

// told returns what stands after some lines, and the contradictions in it by rule.
func told(t *testing.T, lines ...string) (status.Status, *Engine, *memory) {
	t.Helper()
	m := newStory(t)
	m.tell(t, lines...)
	e := openStory(t, m, m.records, 3)
	answer, err := e.Status(t.Context(), AsOf{Seq: uint64(len(m.records)), Pinned: true}, time.Time{})
	must(t, err)
	var s status.Status
	must(t, json.Unmarshal(answer.JSON, &s))
	return s, e, m
}

func rulesOf(s status.Status) []string {
	list := []string{}
	for _, w := range s.Warnings {
		list = append(list, w.Rule)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func TestTheNewRules(t *testing.T) {
	const a, b = `"place":{"name":"A","lat":10,"lon":10}`, `"place":{"name":"B","lat":10,"lon":12}`
	for name, c := range map[string]struct {
		rule  string
		lines []string
	}{
		"a meeting that ended before it began": {"ended-before-began", []string{
			`meeting.started meeting/m @12:00 {"title":"M","kind":"talks"}`, `meeting.ended meeting/m @10:00 {}`,
		}},
		"a meeting that began again": {"", []string{
			`meeting.started meeting/m @10:00 {"title":"M","kind":"talks"}`, `meeting.ended meeting/m @11:00 {}`, `meeting.started meeting/m @12:00 {}`,
		}},
		"a measure that ended before it began": {"ended-before-began", []string{
			`measure.began measure/c @12:00 {"title":"C","kind":"ceasefire"}`, `measure.ended measure/c @10:00 {}`,
		}},
		"a meeting that began though it was called off": {"began-though-called-off", []string{
			`meeting.scheduled meeting/m @08:00 {"title":"M","kind":"talks"}`, `meeting.cancelled meeting/m @09:00 {}`, `meeting.started meeting/m @10:00 {}`,
		}},
		"a meeting that was on again": {"", []string{
			`meeting.scheduled meeting/m @08:00 {"title":"M","kind":"talks"}`, `meeting.cancelled meeting/m @09:00 {}`,
			`meeting.rescheduled meeting/m @10:00 {"when":{"earliest":"@12:00"}}`, `meeting.started meeting/m @12:00 {}`,
		}},
		"somebody who left before they arrived": {"left-before-arrived", []string{
			`delegate.departed person/p @10:00 {"name":"P",` + a + `}`, `delegate.arrived person/p @12:00 {` + a + `}`,
		}},
		"somebody who left home and came elsewhere": {"", []string{
			`delegate.departed person/p @10:00 {"name":"P",` + a + `}`, `delegate.arrived person/p @20:00 {` + b + `}`,
		}},
		"somebody who came back": {"", []string{
			`delegate.arrived person/p @08:00 {"name":"P",` + a + `}`, `delegate.departed person/p @10:00 {` + a + `}`, `delegate.arrived person/p @12:00 {` + a + `}`,
		}},
		"a speed that nothing flies": {"impossible-ground-speed", []string{
			`aircraft.tracked aircraft/x @10:00 {"service":"S","position":{"lat":1,"lon":1,"speed_kmh":3000}}`,
		}},
		"a fast aircraft": {"", []string{
			`aircraft.tracked aircraft/x @10:00 {"service":"S","position":{"lat":1,"lon":1,"speed_kmh":950}}`,
		}},
		"one person in two meetings": {"two-meetings", []string{
			`meeting.scheduled meeting/m {"title":"M","kind":"talks","participants":["Ann","Bob"]}`, `meeting.started meeting/m @10:00 {}`, `meeting.ended meeting/m @12:00 {}`,
			`meeting.started meeting/n @11:00 {"title":"N","kind":"meal","participants":["Carl","ANN"]}`, `meeting.ended meeting/n @13:00 {}`,
		}},
		"one person in a meeting that is part of another": {"", []string{
			`meeting.scheduled meeting/m {"title":"M","kind":"talks","participants":["Ann","Bob"],` + a + `}`, `meeting.started meeting/m @10:00 {}`, `meeting.ended meeting/m @13:00 {}`,
			`meeting.started meeting/n @11:00 {"title":"N","kind":"meal","participants":["Ann"],` + a + `}`, `meeting.ended meeting/n @12:00 {}`,
		}},
		"one person in two meetings at two places": {"two-meetings", []string{
			`meeting.started meeting/m @10:00 {"title":"M","kind":"talks","participants":["Ann","Bob"],` + a + `}`, `meeting.ended meeting/m @13:00 {}`,
			`meeting.started meeting/n @11:00 {"title":"N","kind":"meal","participants":["Ann"],` + b + `}`, `meeting.ended meeting/n @12:00 {}`,
		}},
		"one person in one meeting after another": {"", []string{
			`meeting.started meeting/m @10:00 {"title":"M","kind":"talks","participants":["Ann","Bob"]}`, `meeting.ended meeting/m @11:00 {}`,
			`meeting.started meeting/n @12:00 {"title":"N","kind":"meal","participants":["Ann"]}`, `meeting.ended meeting/n @13:00 {}`,
		}},
		"two meetings of which one may be over": {"", []string{
			`meeting.started meeting/m @10:00 {"title":"M","kind":"talks","participants":["Ann","Bob"]}`,
			`meeting.started meeting/n @12:00 {"title":"N","kind":"meal","participants":["Ann"]}`, `meeting.ended meeting/n @13:00 {}`,
		}},
		"one person in two meetings, as the break of one tells": {"two-meetings", []string{
			`meeting.started meeting/m @10:00 {"title":"M","kind":"talks"}`, `meeting.ended meeting/m @12:00 {}`,
			`meeting.started meeting/n @11:00 {"title":"N","kind":"meal","participants":["Carl","ANN"]}`, `meeting.ended meeting/n @13:00 {}`,
			`meeting.paused meeting/m @11:30 {"participants":["Ann"]}`,
		}},
		"two meetings of one person, of which one takes them back": {"", []string{
			`meeting.scheduled meeting/m {"title":"M","kind":"talks","participants":["Ann","Bob"]}`, `meeting.started meeting/m @10:00 {"participants":null}`, `meeting.ended meeting/m @12:00 {}`,
			`meeting.started meeting/n @11:00 {"title":"N","kind":"meal","participants":["Ann"]}`, `meeting.ended meeting/n @13:00 {}`,
		}},
		"two meetings of one person, of which one may have ended in time": {"", []string{
			`meeting.started meeting/m @10:00 {"title":"M","kind":"talks","participants":["Ann"]}`, `meeting.ended meeting/m {"when":{"earliest":"@11:30","latest":"@11:50"}}`,
			`meeting.ended meeting/m {"when":{"earliest":"@10:30","latest":"@13:50"}}`,
			`meeting.started meeting/n @11:00 {"title":"N","kind":"meal","participants":["Ann"]}`, `meeting.ended meeting/n @14:00 {}`,
		}},
		"a break between two beginnings": {"", []string{
			`meeting.started meeting/m @10:00 {"title":"M","kind":"talks"}`, `meeting.started meeting/m @12:00 {}`, `meeting.paused meeting/m @11:00 {}`,
		}},
		"somebody aboard what was twice as near": {"aboard-elsewhere", []string{
			`aircraft.landed aircraft/x @09:00 {` + b + `}`, `aircraft.landed aircraft/x @11:00 {"place":{"name":"C","lat":11,"lon":12}}`,
			`delegate.arrived person/p @10:00 {"name":"P","aboard":"aircraft/x",` + a + `}`,
		}},
		"somebody aboard what is elsewhere": {"aboard-elsewhere", []string{
			`aircraft.landed aircraft/x @10:00 {` + b + `}`, `delegate.arrived person/p @10:30 {"name":"P","aboard":"aircraft/x",` + a + `}`,
		}},
		"somebody aboard what lands there": {"", []string{
			`aircraft.landed aircraft/x @10:00 {` + a + `}`, `delegate.arrived person/p @10:30 {"name":"P","aboard":"aircraft/x",` + a + `}`,
		}},
		"a statement that denies a fact": {"denied", []string{
			`incident.reported incident/i @10:00 {"title":"I","kind":"attack"}`, `statement.made person/p @11:00 {"speaker":"P","text":"No.","denies":"$1"}`,
		}},
		"for and against, shared by two": {"for-and-against", []string{
			`position.stated topic/t @10:00 {"actor":"A","with":["B"],"stance":"for","detail":"d"}`, `position.stated topic/t @10:00 {"actor":"b","with":["a"],"stance":"against","detail":"d"}`,
		}},
		"for and against, shared": {"for-and-against", []string{
			`position.stated topic/t @10:00 {"actor":"A","with":["B"],"stance":"for","detail":"d"}`, `position.stated topic/t @10:00 {"actor":"B","stance":"against","detail":"d"}`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			m := map[string][]string{"in order": c.lines}
			if c.rule != "began-though-called-off" { // announcements stand as they are made
				m["the other way"] = backwards(c.lines)
			}
			for order, lines := range m {
				s, _, _ := told(t, lines...)
				want := []string{}
				if c.rule != "" {
					want = []string{c.rule}
				}
				if got := rulesOf(s); !slices.Equal(got, want) {
					t.Errorf("%s: found %v, want %v: %+v", order, got, want, s.Warnings)
				}
				if len(s.Warnings) > len(want) {
					t.Errorf("%s: it is told more than once: %+v", order, s.Warnings)
				}
				for _, w := range s.Warnings {
					if w.Detail == "" || strings.ContainsAny(w.Detail, "{}") {
						t.Errorf("%s says %q", w.Rule, w.Detail)
					}
				}
			}
		})
	}
}

// backwards turns the order of recording round; lines that refer to others stay.
func backwards(lines []string) []string {
	for _, l := range lines {
		if strings.Contains(l, "$") {
			return lines
		}
	}
	back := slices.Clone(lines)
	slices.Reverse(back)
	return back
}

// A contradiction that an amendment leaves as it is stands on: it does not end to come
// again in other words.
func TestAContradictionIsToldInTheSameWordsFromEitherSide(t *testing.T) {
	m := newStory(t)
	m.tell(t,
		`position.stated topic/t @10:00 {"actor":"Ann","stance":"for","detail":"d"}`, `position.stated topic/t @10:00 {"actor":"ANN","stance":"against","detail":"d"}`,
		`correct 1 {"detail":"e"}`, `correct 2 {"detail":"e"}`,
	)
	e := openStory(t, m, m.records, 2)
	for since := uint64(3); since < 5; since++ {
		c, err := e.Changes(t.Context(), AsOf{Seq: since, Pinned: true}, AsOf{Seq: since + 1, Pinned: true}, opening)
		must(t, err)
		for _, d := range c.Status {
			if strings.HasPrefix(d.Path, "/warnings/") {
				t.Errorf("from %d the warnings change: %s, %s", since, d.Was, d.Now)
			}
		}
	}
}

func TestADeniedFactIsDisputedForAsLongAsTheDenialStands(t *testing.T) {
	m := newStory(t)
	m.tell(t, `incident.reported incident/i @10:00 {"title":"I","kind":"attack"}`, `statement.made person/p @11:00 {"speaker":"P","text":"No.","denies":"$1"}`, `retract 2`)
	for known, want := range map[uint64]string{2: StandingUnverified, 3: StandingDisputed, 4: StandingUnverified} {
		e := openStory(t, m, m.records, 2)
		f, err := e.Fact(t.Context(), m.records[1].Event.ID, AsOf{Seq: known, Pinned: true}, opening)
		must(t, err)
		var it Item
		must(t, json.Unmarshal(f.Item, &it))
		if it.Standing != want {
			t.Errorf("at %d it is %s, want %s", known, it.Standing, want)
		}
	}
	err := openStory(t, m, m.records, 2).Try([]events.Event{{
		Type: events.TypeStatementMade, Subject: events.Entity{Kind: events.KindPerson, ID: "p"}, Summit: "story", ID: "0198a9f2-7c1e-7000-8000-0000000000ff",
		Data: &events.StatementMade{Common: word("S"), Speaker: "P", Text: "No.", Denies: "0198a9f2-7c1e-7000-8000-0000000000fe"},
	}})
	if err == nil || !strings.Contains(err.Error(), "/data/denies") {
		t.Errorf("a statement that denies what is not there: %v", err)
	}
}

func TestStatusOfTheWholeVocabulary(t *testing.T) {
	s, _, _ := told(t,
		`vehicle.departed vehicle/car @09:00 {"kind":"motorcade","name":"The motorcade","from":{"name":"A"},"to":{"name":"B"},"aboard":["person/p"]}`,
		`document.announced document/d @09:00 {"title":"Joint statement","kind":"joint-statement","parties":["X","Y"]}`,
		`document.signed document/d @12:00 {}`,
		`measure.announced measure/c @09:00 {"title":"Truce","kind":"ceasefire","by":["X"]}`,
		`measure.began measure/c {"when":{"earliest":"@30:00","phase":"planned"}}`,
		`incident.reported incident/i @10:00 {"title":"March","kind":"protest","place":{"name":"C"},"injured":{"min":2,"max":4}}`,
		`site.changed site/s @08:00 {"name":"The palace","state":"closed"}`,
		`meeting.scheduled meeting/m {"title":"Dinner","kind":"dinner","level":"leaders","when":{"earliest":"@18:00"}}`,
		`meeting.started meeting/m @18:10 {}`,
		`meeting.paused meeting/m @18:30 {}`,
		`position.stated topic/t @10:00 {"title":"T","actor":"A","with":["B"],"stance":"against","detail":"no"}`,
		`position.stated topic/t @12:00 {"actor":"B","stance":"open","detail":"perhaps"}`,
		`delegation.arrived delegation/us {"party":"us","name":"The American delegation","place":{"name":"A"}}`,
		`delegation.arrived delegation/us-advance {"party":"us","part_of":"delegation/us","place":{"name":"B"}}`,
		`delegate.arrived person/q @07:00 {"name":"Q","party":"us","place":{"name":"A"}}`,
		`delegate.departed person/q @10:00 {"aboard":"aircraft/x"}`,
		`aircraft.departed aircraft/x @10:30 {"model":"M","callsign":"AF1","from":{"name":"A"}}`,
		`aircraft.landed aircraft/x {"when":{"earliest":"@14:00","phase":"planned"},"place":{"name":"Z"}}`,
	)
	b, err := json.Marshal(s)
	must(t, err)
	text := string(b)
	for _, want := range []string{
		`"vehicles":[{"id":"car","name":"The motorcade","kind":"motorcade","state":"en_route","from":{"name":"A"},"to":{"name":"B"}`, `"aboard":["person/p"]`,
		`"documents":[{"id":"d","title":"Joint statement","kind":"joint-statement","state":"signed"`, `"parties":["X","Y"]`,
		`"measures":[{"id":"c","title":"Truce","kind":"ceasefire","state":"announced"`, `"by":["X"]`, `"planned":{"earliest":`,
		`"incidents":[{"id":"i","title":"March","kind":"protest"`, `"injured":{"min":2,"max":4}`,
		`"name":"The palace","state":"closed"`,
		`"kind":"meal","level":"leaders","state":"paused"`,
		`{"actor":"A","stance":"against","detail":"no"`,
		`{"actor":"B","stance":"open","detail":"perhaps","standing":"unverified","previous":[{"stance":"against","detail":"no"`,
		`"id":"us-advance","party":"us","part_of":"delegation/us"`,
		`"name":"Q","state":"departed","place":{"name":"A"}`, `"aboard":"aircraft/x"`,
		`"callsign":"AF1","state":"en_route"`, `"aboard":["person/q"]`,
		`"expected":[{"type":"aircraft.landed","when":{"earliest":"2025-08-14T14:00:00Z","phase":"planned"},"place":{"name":"Z"},"facts":`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the status lacks %s: %s", want, text)
		}
	}
	if len(s.Delegations) != 2 || len(s.Delegations[0].Delegates) != 1 {
		t.Errorf("the delegations are %+v", s.Delegations)
	}
}

func TestEntitiesAreFoundByTheBeginningOfAnyWordOfAnyName(t *testing.T) {
	_, e, _ := told(t,
		`delegate.arrived person/maria-zakharova @07:00 {"name":"Мария Захарова","place":{"name":"A"}}`,
		`delegate.arrived person/mark @07:00 {"name":"Mark Rutte","place":{"name":"A"}}`,
		`delegate.departed person/mark @09:00 {"name":"M. Rutte"}`,
		`aircraft.landed aircraft/x @07:00 {"model":"Il-96-300","registration":"RA-96021","place":{"name":"A"}}`,
	)
	for q, want := range map[string]string{
		"захар": "person/maria-zakharova", "МАР": "person/maria-zakharova", "rutte": "person/mark", "mark r": "person/mark", "ra-96": "aircraft/x", "zakh": "person/maria-zakharova", "utte": "",
		"Mariya Zakharova": "person/maria-zakharova", "Марк Рутте": "person/mark", "рутт": "person/mark", "Ил-96": "aircraft/x", "–": "", "Ил-97": "",
	} {
		list, _, err := e.Entities(t.Context(), EntitiesQuery{Text: q})
		must(t, err)
		if want == "" && len(list) > 0 || want != "" && (len(list) == 0 || list[0].Entity != want) {
			t.Errorf("%q finds %+v, want %q", q, list, want)
		}
	}
	list, _, err := e.Entities(t.Context(), EntitiesQuery{Kind: events.KindPerson})
	must(t, err)
	if len(list) != 2 || list[0].Entity != "person/mark" || list[0].Facts != 2 || list[0].Name != "M. Rutte" || !slices.Equal(list[0].Names, []string{"Mark Rutte", "M. Rutte", "mark"}) {
		t.Errorf("the people are %+v", list)
	}
}

// What an entity is called follows the last fact that stands and names it, as known then.
func TestHeadlinesFollowTheNameThatTheLogGives(t *testing.T) {
	m := newStory(t)
	m.tell(t,
		`meeting.scheduled meeting/m {"title":"Talks","kind":"talks"}`,
		`meeting.started meeting/m @10:00 {}`,
		`correct 1 {"title":"Leaders' talks"}`,
		`meeting.rescheduled meeting/m {"title":"Plenary"}`,
		`retract 4`,
		`retract 1`,
	)
	for known, want := range map[uint64]string{3: "Talks under way", 4: "Leaders' talks under way", 5: "Plenary under way", 6: "Leaders' talks under way", 7: "Meeting “m” under way"} {
		e := openStory(t, m, m.records, 2)
		f, err := e.Fact(t.Context(), m.records[2].Event.ID, AsOf{Seq: known, Pinned: true}, opening)
		must(t, err)
		var it Item
		must(t, json.Unmarshal(f.Item, &it))
		if it.Headline != want {
			t.Errorf("at %d it reads %q, want %q", known, it.Headline, want)
		}
	}
}

// A landing of which no upper bound is known does not follow the departure from there.
func TestADepartureFollowsTheLandingAtThatPlace(t *testing.T) {
	s, _, _ := told(t,
		`aircraft.landed aircraft/x {"place":{"name":"Keflavik","icao":"BIKF"},"when":{"earliest":"@10:00"}}`,
		`aircraft.departed aircraft/x @18:00 {"from":{"icao":"BIKF"},"to":{"name":"Andrews"}}`,
	)
	if len(s.Aircraft) != 1 || s.Aircraft[0].State != "en_route" {
		t.Errorf("it is %+v, want en_route", s.Aircraft)
	}
}

// What has left home is still expected to leave for home, and overdue when it does not.
func TestAPlanIsMetByWhatHappensAfterItWasMade(t *testing.T) {
	lines := []string{
		`aircraft.departed aircraft/x @08:00 {"from":{"name":"Home"},"to":{"name":"Away"}}`,
		`aircraft.landed aircraft/x @12:00 {"place":{"name":"Away"}}`,
		`aircraft.departed aircraft/x @13:00 {"from":{"name":"Away"},"to":{"name":"Home"},"when":{"best":"@18:00","phase":"planned"}}`,
	}
	recorded := func(seq uint64) time.Time { return opening.Add(time.Duration(6+4*seq) * time.Hour) }
	state := func(lines ...string) (status.AircraftStatus, string) {
		m := newStory(t)
		m.recorded = recorded
		m.tell(t, lines...)
		e := openStory(t, m, m.records, 2)
		at := AsOf{Seq: uint64(len(m.records)), Now: opening.Add(100 * time.Hour)}
		answer, err := e.Status(t.Context(), at, time.Time{})
		must(t, err)
		var s status.Status
		must(t, json.Unmarshal(answer.JSON, &s))
		f, err := e.Fact(t.Context(), m.records[3].Event.ID, at, at.Now)
		must(t, err)
		var it Item
		must(t, json.Unmarshal(f.Item, &it))
		return s.Aircraft[0], it.Standing
	}
	a, standing := state(lines...)
	if a.State != "landed" || len(a.Expected) != 1 || a.Expected[0].Type != events.TypeAircraftDeparted || standing != StandingOverdue {
		t.Errorf("before it leaves: %+v, and the plan is %s", a, standing)
	}
	a, standing = state(append(lines, `aircraft.departed aircraft/x @17:50 {"from":{"name":"Away"},"to":{"name":"Home"}}`)...)
	if a.State != "en_route" || len(a.Expected) != 0 || a.Planned == nil || standing != StandingUnverified {
		t.Errorf("when it has left: %+v, and the plan is %s", a, standing)
	}
}
