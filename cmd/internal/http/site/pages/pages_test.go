package pages

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"go.uber.org/goleak"

	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestOnlyWebAddressesBecomeLinks(t *testing.T) {
	for u, want := range map[string]string{
		"https://example.org/a?b=c": "https://example.org/a?b=c", "http://example.org": "http://example.org", "javascript:alert(1)": "", "JavaScript:alert(1)": "",
		" javascript:alert(1)": "", "java\nscript:alert(1)": "", "data:text/html,x": "", "file:///etc/passwd": "", "//example.org": "", "": "", "\x00": "",
	} {
		if got := safeLink(u); got != want {
			t.Errorf("%q: %q, want %q", u, got, want)
		}
	}
}

func TestAssetsAreTheFilesAloneThatReadersNeed(t *testing.T) {
	for name, want := range map[string]bool{"summit.css": true, "live.js": true, "summit.svg": true, "summit.html": false, "../pages.go": false, "": false, "x.css": false} {
		if _, ok := Asset(name); ok != want {
			t.Errorf("%q: %t", name, ok)
		}
	}
}

func TestChainsRunFromOutletToRoot(t *testing.T) {
	s := events.Sources{
		{ID: "t", Name: "Telegram"},
		{ID: "r", Name: "Reuters", Via: []string{"t"}},
		{ID: "a", Name: "AFP", Via: []string{"t"}},
		{ID: "n", Name: "Newsmax", Via: []string{"r", "a"}},
		{ID: "w", Name: "A witness"},
	}
	var got []string
	for _, chain := range chains(s) {
		text := ""
		for _, x := range chain {
			text += x.Name + " "
			if x.Root {
				text += "(root) "
			}
		}
		got = append(got, text)
	}
	if want := "Newsmax Reuters Telegram (root) |Newsmax AFP Telegram (root) |A witness (root) "; strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
	var wide events.Sources // two more at each level double the ways
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	for n, name := range names {
		var via []string
		if n > 0 {
			via = []string{names[n-1] + "1", names[n-1] + "2"}
		}
		wide = append(wide, events.Source{ID: name + "1", Name: name, Via: via}, events.Source{ID: name + "2", Name: name, Via: via})
	}
	if n := len(chains(wide)); n != most {
		t.Errorf("a graph of 256 ways: %d are shown, want %d", n, most)
	}
}

func instant(t *testing.T, s string) events.Instant {
	t.Helper()
	if s == "" {
		return events.Instant{}
	}
	i, err := events.ParseInstant(s)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func item(t *testing.T, seq uint64, entity string, m events.Moment) projections.Item {
	t.Helper()
	return projections.Item{
		Fact: "0198a9f2-7c1e-7000-8000-000000000001", Seq: seq, Type: "note.added", Entity: entity, Headline: "H", When: &m, Data: jsontext.Value(`{"text":"T"}`),
		Recorded: instant(t, "2025-08-14T20:00:00Z"), Standing: projections.StandingUnverified,
	}
}

func load(t *testing.T, zone string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestTheStripShowsWhatIsKnownOfATimeAndNoMore(t *testing.T) {
	z := load(t, "America/Anchorage")
	s := Story{Zone: z, Venue: z, Head: events.Position{Epoch: "00000000", Seq: 9}, Reading: projections.AsOf{Seq: 9}}
	for n, m := range []events.Moment{
		{Earliest: instant(t, "2025-08-14T18:00:00-08:00"), Latest: instant(t, "2025-08-15T00:00:00-08:00")},
		{Latest: instant(t, "2025-08-14T18:00:00-08:00")},
		{Earliest: instant(t, "2025-08-15T10:30:00-08:00"), Phase: events.PhasePlanned},
		{Best: instant(t, "2025-08-14T20:00:00-08:00")},
		{After: "meeting/a"},
	} {
		s.Items = append(s.Items, item(t, uint64(n+1), "aircraft/a", m))
	}
	v, err := newView(s)
	if err != nil {
		t.Fatal(err)
	}
	b := v.Strip.Bars
	if len(b) != 4 || v.Strip.Alone != 1 || v.Strip.Untimed != 0 || len(v.Strip.Lanes) != 1 {
		t.Fatalf("%+v", v.Strip)
	}
	if b[0].OpenL || b[0].OpenR || b[0].X2-b[0].X1 < 50 || b[0].Dot {
		t.Errorf("an interval: %+v", b[0])
	}
	if !b[1].OpenL || b[1].OpenR || b[1].X2 != b[0].X1 {
		t.Errorf("an open beginning ends where the interval begins: %+v, %+v", b[1], b[0])
	}
	if b[2].OpenL || !b[2].OpenR || !b[2].Planned || b[2].X1 <= b[0].X2 {
		t.Errorf("a not-before time: %+v", b[2])
	}
	if !b[3].Dot || b[3].X1 != b[3].X2 || b[3].X1 <= b[0].X1 || b[3].X1 >= b[0].X2 {
		t.Errorf("an instant: %+v", b[3])
	}
	if !strings.Contains(b[2].Title, "not before Fri 15 Aug 2025 10:30 AKDT (UTC−8)") {
		t.Errorf("its words: %s", b[2].Title)
	}
	days := 0
	for _, x := range v.Strip.Ticks {
		if x.Day {
			days++
		}
	}
	if n := len(v.Strip.Ticks); days != 1 || n < 4 || n > mostTicks {
		t.Errorf("%d ticks, %d of them days: %+v", n, days, v.Strip.Ticks)
	}
}

func TestTicksStayAtRoundHoursWhereTheClocksChange(t *testing.T) {
	z := load(t, "Europe/Berlin") // 26 October 2025 has 25 hours there
	axis := scale{time.Date(2025, 10, 25, 0, 0, 0, 0, z), time.Date(2025, 10, 28, 0, 0, 0, 0, z)}
	var got []string
	v := &view{Story: Story{Zone: z}, words: words{locale.English()}}
	for _, x := range v.ticks(axis) {
		got = append(got, x.Label)
	}
	if want := "Sat 25 Oct 06:00 12:00 18:00 Sun 26 Oct 06:00 12:00 18:00 Mon 27 Oct 06:00 12:00 18:00"; strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
	gap := scale{time.Date(2025, 3, 30, 1, 0, 0, 0, z), time.Date(2025, 3, 30, 4, 0, 0, 0, z)} // 02:00 is left out
	if n := len(v.ticks(gap)); n < 6 || n > 14 {
		t.Errorf("where an hour is left out: %d ticks: %+v", n, v.ticks(gap))
	}
	for _, span := range []time.Duration{time.Second, time.Minute, time.Hour, 1000 * time.Hour, 100_000 * time.Hour, 2_000_000 * time.Hour} {
		if n := len(v.ticks(scale{axis.from, axis.from.Add(span)})); n > 4*mostTicks+1 {
			t.Errorf("%s: %d ticks", span, n)
		}
	}
}

func place(name string, lat, lon float64) *events.Place {
	return &events.Place{Name: name, Lat: &lat, Lon: &lon}
}

func TestTheMapIsDashedWhereOnlyTheEndsAreKnown(t *testing.T) {
	s := Story{Zone: time.UTC, Venue: time.UTC}
	s.Status.Aircraft = []projections.AircraftStatus{{
		ID: "a", Model: "Model", State: "landed", From: place("Left", 50, 10), Place: place("Landed", 40, -70),
	}}
	track := func(seq uint64, lat, lon, standing string) projections.Item {
		i := item(t, seq, "aircraft/a", events.Moment{})
		i.Standing = standing
		i.Data = jsontext.Value(`{"service":"Radar","position":{"lat":` + lat + `,"lon":` + lon + `}}`)
		return i
	}
	s.Tracks = []projections.Item{track(1, "52", "-20", "unverified"), track(2, "0", "100", "retracted"), track(3, "50", "-40", "unverified")}
	other := track(4, "1", "2", "unverified")
	other.Entity = "aircraft/b"
	s.Tracks = append(s.Tracks, other)
	s.Status.Meetings = []projections.MeetingStatus{{Title: "Talks", Place: place("Landed", 40, -70)}, {Title: "Dinner", Place: &events.Place{Name: "Town hall"}}}
	v, err := newView(s)
	if err != nil {
		t.Fatal(err)
	}
	var drawn []bool
	for _, r := range v.Chart.Routes {
		drawn = append(drawn, r.Inferred)
	}
	if len(drawn) != 3 || !drawn[0] || drawn[1] || !drawn[2] {
		t.Errorf("inferred: %v, want true false true", drawn)
	}
	if len(v.Chart.Spots) != 2 || strings.Join(v.Chart.Spots[1].what, ", ") != "Model landed, Talks" || strings.Join(v.Chart.Unplaced, "") != "Town hall" {
		t.Errorf("places: %+v, elsewhere %v", v.Chart.Spots, v.Chart.Unplaced)
	}
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if drawn, err := p.Map(&b, s); err != nil || !drawn || !strings.HasPrefix(b.String(), "<svg") || strings.Count(b.String(), `class="route`) != 3 {
		t.Errorf("%t %v %s", drawn, err, b.String())
	}
	if drawn, err := p.Map(&b, Story{Zone: time.UTC, Venue: time.UTC}); drawn || err != nil {
		t.Errorf("a map of nothing: %t %v", drawn, err)
	}
}

func TestARetractionOfARetractionWithdrawsNothing(t *testing.T) {
	list := []projections.AmendmentOf{
		{ID: "c", Type: events.TypeFactCorrected, Target: "f"}, {ID: "r1", Type: events.TypeFactRetracted, Target: "c"}, {ID: "r2", Type: events.TypeFactRetracted, Target: "r1"},
	}
	if w := withdrawals(list[:2]); !w["c"] {
		t.Errorf("a correction that was retracted: %v", w)
	}
	if w := withdrawals(list); w["c"] || !w["r1"] {
		t.Errorf("and restored: %v", w)
	}
}

func TestAnAircraftIsCalledByItsModelOrItsID(t *testing.T) {
	for want, a := range map[string]projections.AircraftStatus{
		"Ilyushin Il-96-300":                 {ID: "il-96-300", Model: "Ilyushin Il-96-300", Operator: "Rossiya"},
		"second Russian government aircraft": {ID: "second-russian-government-aircraft", Operator: "Russian government"},
		"ra 96022":                           {ID: "ra-96022", Operator: "Russian government"},
		"a plane":                            {ID: "a-plane"},
	} {
		if got := (*view)(nil).AircraftName(a); got != want {
			t.Errorf("%s is called %q", want, got)
		}
	}
}
