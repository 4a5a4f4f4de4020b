package httpserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/api"
	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/projections"
)

func (f *fixture) status(summit, query string) projections.Status {
	f.Helper()
	var s projections.Status
	f.Get("/v1/summits/" + summit + "/status" + query).Want(http.StatusOK).Into(&s)
	return s
}

func TestTheStatusOfAlaska(t *testing.T) {
	f := newFixture(t)
	story := f.Alaska()
	s := f.status("alaska-2025", "")
	if s.Summit != "alaska-2025" || s.Position != f.At("alaska-2025", 26) || s.Known != s.Position || s.At != nil || !s.Complete || s.Phase != "scheduled" {
		t.Errorf("head %+v", s)
	}
	fact := func(n int) string { return story[n-1].ID }
	plane := s.Aircraft[slices.IndexFunc(s.Aircraft, func(a projections.AircraftStatus) bool { return a.ID == "il-96-300" })]
	if len(s.Aircraft) != 2 || plane.State != "landed" || plane.Place.ICAO != "PAED" || plane.From.ICAO != "UUWW" || plane.Watchers != 18000 ||
		plane.Model != "Ilyushin Il-96-300" || plane.Operator != "Rossiya Special Flight Detachment" || plane.Since.Text != "late Thursday" || plane.Standing != "unverified" {
		t.Errorf("aircraft %+v", plane)
	}
	if body := f.Get("/v1/summits/alaska-2025/status").Want(http.StatusOK).Body; strings.Contains(body, `"watchers":0`) {
		t.Errorf("nothing is known of who watches the second aircraft, and a number is given: %s", body)
	}
	for _, n := range []int{3, 4} {
		if !slices.Contains(plane.Facts, fact(n)) {
			t.Errorf("the aircraft rests on %v, without event %d", plane.Facts, n)
		}
	}
	ru := s.Delegations[slices.IndexFunc(s.Delegations, func(d projections.DelegationStatus) bool { return d.ID == "ru" })]
	var delegates []string
	for _, d := range ru.Delegates {
		delegates = append(delegates, d.Name+", "+d.Role+", "+d.State)
	}
	slices.Sort(delegates)
	if len(s.Delegations) != 2 || ru.State != "arrived" || !slices.Equal(ru.Facts, []string{fact(13)}) ||
		!slices.Equal(delegates, []string{"Alexander Darchiev, Ambassador, arrived", "Sergey Lavrov, Foreign Minister, arrived"}) {
		t.Errorf("delegations %+v", s.Delegations)
	}
	leaders := s.Meetings[slices.IndexFunc(s.Meetings, func(m projections.MeetingStatus) bool { return m.ID == "leaders" })]
	if len(s.Meetings) != 2 || leaders.State != "scheduled" || leaders.Kind != "talks" || leaders.When.Text != "Friday, after 14:30 Eastern" || len(leaders.Previous) != 0 ||
		!slices.Equal(leaders.Participants, []string{"Donald Trump", "Vladimir Putin"}) || !slices.Equal(leaders.Facts, []string{fact(9)}) {
		t.Errorf("meetings %+v", s.Meetings)
	}
	agenda, contested := map[string]bool{}, map[string]bool{}
	for _, a := range s.Agenda {
		agenda[a.Topic] = a.Expected
	}
	for _, p := range s.Positions {
		contested[p.Topic] = p.Contested
	}
	if fmt.Sprint(agenda) != "map[joint-document:false second-meeting:true ukraine:true]" {
		t.Errorf("agenda %v", agenda)
	}
	if fmt.Sprint(contested) != "map[arms-control:false consequences:false end-of-the-war:false second-meeting:false territorial-swaps:true us-mediation:false]" {
		t.Errorf("positions contested %v", contested)
	}
	sites := map[string]string{}
	for _, x := range s.Sites {
		for aspect, a := range x.Aspects {
			sites[x.ID+" "+aspect] = a.Level
		}
	}
	if fmt.Sprint(sites) != "map[anchorage logistics:raised anchorage security:raised jber reception:]" || len(s.Warnings) != 0 {
		t.Errorf("sites %v, warnings %v", sites, s.Warnings)
	}
}

const word = `"sources":[{"id":"s","name":"S"}]`

func flight(typ, when string) string {
	place := `"place":{"name":"PAED","lat":61.251,"lon":-149.807}`
	if typ == "aircraft.departed" {
		place = `"from":{"name":"UUWW","lat":55.59,"lon":37.26},"to":{"name":"PAED","lat":61.251,"lon":-149.807}`
	}
	return servertest.Event(typ, "aircraft/one", `{`+place+`,"when":{"best":"`+when+`"},`+word+`}`)
}

func TestTheStatusFollowsOccurrenceNotArrival(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	landed := f.Record("geneva", flight("aircraft.landed", "2025-08-14T22:00:00Z"))
	departed := f.Record("geneva", flight("aircraft.departed", "2025-08-14T10:00:00Z"))
	retracted := f.Record("geneva", servertest.Retraction("aircraft/one", landed.ID))
	for query, want := range map[string]string{
		"":                             "en_route",
		"?known=" + departed.Position:  "landed",
		"?known=" + landed.Position:    "landed",
		"?known=" + retracted.Position: "en_route",
		"?known=@1":                    "",
		"?at=2025-08-14T09:00:00Z&known=" + departed.Position: "",
		"?at=2025-08-14T12:00:00Z&known=" + departed.Position: "en_route",
		"?at=2025-08-14T23:00:00Z&known=" + departed.Position: "landed",
		"?at=2025-08-14T12:00:00Z&known=" + landed.Position:   "",
	} {
		s := f.status("geneva", query)
		got := ""
		if len(s.Aircraft) > 0 {
			got = s.Aircraft[0].State
		}
		if got != want || (s.At != nil) != strings.Contains(query, "at=") {
			t.Errorf("%s: %q at %v, want %q", query, got, s.At, want)
		}
	}
}

func TestThePhaseOfASummit(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	talks := func(typ, data string) string { return servertest.Event(typ, "meeting/talks", data) }
	const plan = `{"title":"Talks","kind":"talks","when":{"best":"2025-08-15T%s:00:00Z","phase":"planned"},` + word + `}`
	for _, c := range []struct{ body, phase, state string }{
		{servertest.Note("a", "a"), "opened", ""},
		{talks("meeting.scheduled", fmt.Sprintf(plan, "10")), "scheduled", "scheduled"},
		{talks("meeting.rescheduled", fmt.Sprintf(plan, "12")), "scheduled", "scheduled"},
		{talks("meeting.started", `{"when":{"best":"2025-08-15T12:05:00Z"},`+word+`}`), "under_way", "under_way"},
		{talks("meeting.ended", `{"when":{"best":"2025-08-15T15:00:00Z"},`+word+`}`), "concluded", "ended"},
		{servertest.Event("summit.closed", "summit/geneva", `{"reason":"It is over."}`), "closed", "ended"},
	} {
		f.Record("geneva", c.body)
		s := f.status("geneva", "")
		state := ""
		if len(s.Meetings) > 0 {
			state = s.Meetings[0].State
		}
		if s.Phase != c.phase || state != c.state {
			t.Errorf("after %s: phase %s, meeting %s", c.body, s.Phase, state)
		}
	}
	s := f.status("geneva", "")
	if m := s.Meetings[0]; len(m.Previous) != 1 || m.Previous[0].Best.UTC().Hour() != 10 || m.When.Best.UTC().Hour() != 12 {
		t.Errorf("previous %+v", m)
	}
}

func TestTheSummitsOwnAnswer(t *testing.T) {
	f := newFixture(t)
	f.amended()
	var a struct {
		ID, Title, Zone, Phase, Position, Known string
		LastRecorded                            string `json:"last_recorded"`
		Zones                                   []string
		Place                                   struct{ ICAO string }
		Complete                                bool
		Facts, Events, Amendments               int
	}
	r := f.Get("/v1/summits/alaska-2025").Want(http.StatusOK)
	r.Into(&a)
	at := f.At("alaska-2025", 35)
	got := fmt.Sprintf("%+v", a)
	want := fmt.Sprintf("{ID:alaska-2025 Title:Alaska summit, August 2025 Zone:America/Anchorage Phase:scheduled Position:%s Known:%s LastRecorded:2025-08-14T20:00:34Z "+
		"Zones:[Europe/Moscow America/New_York] Place:{ICAO:PAED} Complete:true Facts:25 Events:35 Amendments:9}", at, at)
	if got != want || r.Header.Get("Summit-Position") != at {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestTheChangesBetweenTwoPositions(t *testing.T) {
	f := newFixture(t)
	story := f.Alaska()
	f.Record("alaska-2025", servertest.Event("fact.corrected", "aircraft/il-96-300", fmt.Sprintf(`{"target":%q,"patch":{"place":{"name":"Elsewhere","icao":null,"lat":null,"lon":null},"headline":null},"class":"corrected","notice":"It landed elsewhere."}`, story[3].ID)))
	added := f.Record("alaska-2025", servertest.Note("new", "something new"))
	f.Record("alaska-2025", servertest.Retraction("topic/consequences", story[20].ID))
	type changes struct {
		Since, Until, Position     string
		Added, Retracted, Restored []servertest.Item
		Corrected                  []struct {
			Fact    string
			Changes []projections.Difference
		}
		Status []projections.Difference
	}
	read := func(query string) (c changes) {
		f.Get("/v1/summits/alaska-2025/changes" + query).Want(http.StatusOK).Into(&c)
		return c
	}
	c := read("?since=" + f.At("alaska-2025", 26))
	if c.Since != f.At("alaska-2025", 26) || c.Until != f.At("alaska-2025", 29) {
		t.Errorf("since %s until %s", c.Since, c.Until)
	}
	if len(c.Added) != 1 || c.Added[0].Fact != added.ID || len(c.Retracted) != 1 || c.Retracted[0].Fact != story[20].ID || c.Retracted[0].Standing != "retracted" || len(c.Restored) != 0 {
		t.Errorf("added %+v, retracted %+v, restored %+v", c.Added, c.Retracted, c.Restored)
	}
	paths := map[string]string{}
	for _, d := range c.Corrected[0].Changes {
		paths[d.Path] = string(d.Was) + " " + string(d.Now)
	}
	if len(c.Corrected) != 1 || c.Corrected[0].Fact != story[3].ID || !strings.Contains(fmt.Sprint(paths), `"Joint Base Elmendorf-Richardson" "Elsewhere"`) {
		t.Errorf("corrected %+v", c.Corrected)
	}
	status := fmt.Sprint(c.Status)
	for _, path := range []string{"/aircraft/il-96-300/place/name", "/positions"} {
		if !slices.ContainsFunc(c.Status, func(d projections.Difference) bool { return strings.HasPrefix(d.Path, path) }) {
			t.Errorf("status %s lacks %s", status, path)
		}
	}
	if c := read("?since=@27&until=@28"); len(c.Added) != 1 || len(c.Corrected) != 0 || len(c.Retracted) != 0 || len(c.Status) != 0 {
		t.Errorf("between 27 and 28: %+v", c)
	}
	if c := read("?since=@29&until=@29"); len(c.Added)+len(c.Corrected)+len(c.Retracted)+len(c.Status) != 0 {
		t.Errorf("between a position and itself: %+v", c)
	}
	if c := read("?since=2025-08-14T20:00:26Z&until=2025-08-14T20:00:27Z"); len(c.Added) != 1 {
		t.Errorf("between two instants: %+v", c)
	}
	if c := read("?since=@0&until=@26"); len(c.Added) != 25 {
		t.Errorf("since the beginning: %d added", len(c.Added))
	}
}

func TestContradictionsAreAnsweredAsTheyWereKnown(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	departed := f.Record("geneva", flight("aircraft.departed", "2025-08-14T10:00:00Z"))
	landed := f.Record("geneva", flight("aircraft.landed", "2025-08-14T11:00:00Z"))
	retracted := f.Record("geneva", servertest.Retraction("aircraft/one", landed.ID))
	for query, want := range map[string]string{
		"?known=" + departed.Position:  "[]",
		"?known=" + landed.Position:    fmt.Sprint([]string{"impossible-speed impossible [" + departed.ID + " " + landed.ID + "]"}),
		"":                             "[]",
		"?known=" + retracted.Position: "[]",
	} {
		var a struct{ Conflicts []projections.Conflict }
		f.Get("/v1/summits/geneva/conflicts" + query).Want(http.StatusOK).Into(&a)
		got := []string{}
		for _, c := range a.Conflicts {
			got = append(got, fmt.Sprint(c.Rule, " ", c.Severity, " ", c.Facts))
			if !strings.Contains(c.Detail, "km/h") {
				t.Errorf("detail %q", c.Detail)
			}
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	if s := f.status("geneva", "?known="+landed.Position); len(s.Warnings) != 1 || s.Warnings[0].Rule != "impossible-speed" {
		t.Errorf("warnings %+v", s.Warnings)
	}
}

// log are the lines of a log as they are served.
func (f *fixture) log(summit, query string) []string {
	f.Helper()
	r := f.Get("/v1/summits/" + summit + "/log" + query).Want(http.StatusOK)
	if r.Header.Get("Content-Type") != "application/x-ndjson" {
		f.Errorf("log: %s", r.Header.Get("Content-Type"))
	}
	if r.Body == "" {
		return nil
	}
	if !strings.HasSuffix(r.Body, "\n") {
		f.Error("the last line of the log has no end")
	}
	return strings.Split(strings.TrimSuffix(r.Body, "\n"), "\n")
}

func TestTheLogIsTheStoredBytes(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	f.Record("alaska-2025", servertest.Note("odd", "é ü 日本 <&> \u2028 \"q\" \\ \n\t end", "id", `"`+servertest.ID(1)+`"`))
	s, _ := f.Registry.Summit("alaska-2025")
	var stored []string
	for seq := range uint64(27) {
		rec, err := s.Log.Get(t.Context(), seq+1)
		f.Must(err)
		stored = append(stored, string(rec.Raw))
	}
	for query, want := range map[string][]string{
		"": stored, "?from=1": stored, "?from=1&to=27": stored, "?from=3&to=5": stored[2:5], "?from=27": stored[26:], "?to=1": stored[:1],
		"?from=5&to=3": nil, "?from=28": nil, "?to=999": stored,
	} {
		if got := f.log("alaska-2025", query); !slices.Equal(got, want) {
			t.Errorf("%s: %d lines, want %d", query, len(got), len(want))
		}
	}
}

func TestTheHistoryOfAFactIsWhatWasRecorded(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	fact := f.Record("geneva", servertest.Note("a", "one"))
	f.Record("geneva", servertest.Note("b", "between"))
	on := func(typ, target, rest string) api.Recorded {
		return f.Record("geneva", servertest.Event(typ, "note/a", fmt.Sprintf(`{"target":%q,%s}`, target, rest)))
	}
	corrected := on("fact.corrected", fact.ID, `"patch":{"text":"two"},"class":"corrected","notice":"It is two."`)
	on("fact.corrected", corrected.ID, `"patch":{"notice":"It is two, as was said."},"class":"refile","notice":"Better words."`)
	on("fact.corroborated", fact.ID, `"sources":[{"id":"s","name":"Another"}]`)
	on("fact.retracted", corrected.ID, `"reason":"It was one after all."`)
	log := f.log("geneva", "")
	type answer struct {
		servertest.Item
		History []json.RawMessage
	}
	for query, want := range map[string]struct {
		history  []int
		text     string
		standing string
	}{
		"": {[]int{2, 4, 5, 6, 7}, "one", "corroborated"}, "?known=@6": {[]int{2, 4, 5, 6}, "two", "corrected"},
		"?known=@4": {[]int{2, 4}, "two", "corrected"}, "?known=@3": {[]int{2}, "one", "unverified"},
	} {
		for _, name := range []string{fact.ID, strings.ToUpper(fact.ID)} {
			var a answer
			f.Get("/v1/summits/geneva/facts/" + name + query).Want(http.StatusOK).Into(&a)
			var got, lines []string
			for _, h := range a.History {
				got = append(got, string(h))
			}
			for _, seq := range want.history {
				lines = append(lines, log[seq-1])
			}
			if !slices.Equal(got, lines) || a.Fact != fact.ID || a.Standing != want.standing || !strings.Contains(string(a.Data), `"text":"`+want.text+`"`) {
				t.Errorf("%s: %s %s, history %v", query, a.Standing, a.Data, got)
			}
		}
	}
	var amended answer // by the id of an amendment the fact is found that it amends
	if f.Get("/v1/summits/geneva/facts/" + corrected.ID).Want(http.StatusOK).Into(&amended); amended.Fact != fact.ID {
		t.Errorf("by the amendment: %+v", amended)
	}
}

// garbled is a message in a log that is not an event.
const garbled = `{"not":"an event"}`

// garble puts it into a log, at a sequence, and waits until the views have seen it.
func (f *fixture) garble(summit string, at uint64) {
	f.Helper()
	f.Must(f.NATS.Publish("facts."+summit+".note.x", []byte(garbled)))
	f.Must(f.NATS.Flush())
	s, _ := f.Registry.Summit(summit)
	f.Must(s.Views.Wait(f.Context(), at))
}

func TestAnEventThatCannotBeReadStopsNothing(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	f.garble("geneva", 2)
	after := f.Record("geneva", servertest.Note("a", "after"))
	p := f.Timeline("geneva", "")
	if p.Complete || len(p.Quarantined) != 1 || p.Quarantined[0].Seq != 2 || p.Quarantined[0].Reason == "" || !slices.Equal(p.Seqs(), []uint64{after.Seq}) {
		t.Errorf("%+v", p)
	}
	if p := f.Timeline("geneva", "?known=@1"); !p.Complete {
		t.Errorf("before it: %+v", p)
	}
	if s := f.status("geneva", ""); s.Complete || len(s.Quarantined) != 1 {
		t.Errorf("status %+v", s)
	}
	if got := f.log("geneva", "?from=2&to=2"); !slices.Equal(got, []string{garbled}) {
		t.Errorf("log %v", got)
	}
	if page := f.Get("/summits/geneva").Want(http.StatusOK).Body; !strings.Contains(page, "incomplete") {
		t.Error("the page does not say that it is incomplete")
	}
}
