package humanize

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/summit-timeline/summit/events"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(t *testing.T, text string) events.Instant {
	t.Helper()
	if text == "" {
		return events.Instant{}
	}
	i, err := events.ParseInstant(text)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestAMomentIsToldAsExactlyAsItIsKnown(t *testing.T) {
	const (
		noon     = "2025-08-14T12:00:00-08:00"
		evening  = "2025-08-14T18:00:00-08:00"
		midnight = "2025-08-15T00:00:00-08:00"
		friday   = "2025-08-15T10:30:00-08:00"
	)
	for _, c := range []struct {
		name                   string
		zone                   string
		earliest, best, latest string
		m                      events.Moment
		want                   string
	}{
		{name: "nothing", want: "time not known"},
		{name: "an instant", best: friday, want: "Fri 15 Aug 2025 10:30 AKDT"},
		{name: "an instant elsewhere", zone: "Europe/Moscow", best: friday, want: "Fri 15 Aug 2025 21:30 MSK"},
		{name: "an instant on another day", zone: "Asia/Tokyo", best: friday, want: "Sat 16 Aug 2025 03:30 JST"},
		{name: "an instant in winter", best: "2025-12-01T12:00:00Z", want: "Mon 1 Dec 2025 03:00 AKST"},
		{name: "the best of an interval", earliest: noon, best: evening, latest: midnight, want: "Thu 14 Aug 2025 18:00 AKDT"},
		{name: "an interval within a day", earliest: noon, latest: evening, want: "between Thu 14 Aug 2025 12:00 and 18:00 AKDT"},
		{name: "an interval to midnight", earliest: evening, latest: midnight, want: "between Thu 14 Aug 2025 18:00 and 24:00 AKDT"},
		{name: "a whole day", earliest: "2025-08-14T00:00:00-08:00", latest: midnight, want: "between Thu 14 Aug 2025 00:00 and 24:00 AKDT"},
		{name: "an interval over midnight", earliest: evening, latest: friday, want: "between Thu 14 Aug 2025 18:00 and Fri 15 Aug 2025 10:30 AKDT"},
		{name: "days", earliest: "2025-08-13T00:00:00-08:00", latest: midnight, want: "between Wed 13 Aug 2025 00:00 and Thu 14 Aug 2025 24:00 AKDT"},
		{name: "an interval that is midnight elsewhere", zone: "UTC", earliest: evening, latest: midnight, want: "between Fri 15 Aug 2025 02:00 and 08:00 UTC"},
		{name: "an interval of one instant", earliest: friday, latest: friday, want: "Fri 15 Aug 2025 10:30 AKDT"},
		{name: "an interval of one midnight", earliest: midnight, latest: midnight, want: "Fri 15 Aug 2025 00:00 AKDT"},
		{name: "an open end", earliest: friday, want: "not before Fri 15 Aug 2025 10:30 AKDT"},
		{name: "an open beginning", latest: midnight, want: "before Fri 15 Aug 2025 00:00 AKDT"},
		{name: "after something", m: events.Moment{After: "meeting/leaders"}, want: "after meeting/leaders"},
		{name: "a time and after something", best: friday, m: events.Moment{After: "meeting/leaders"}, want: "Fri 15 Aug 2025 10:30 AKDT"},
		{name: "words", earliest: evening, latest: midnight, m: events.Moment{Text: "late Thursday"}, want: "late Thursday (between Thu 14 Aug 2025 18:00 and 24:00 AKDT)"},
		{name: "words alone", m: events.Moment{Text: "soon"}, want: "soon (time not known)"},
		{name: "words after something", m: events.Moment{Text: "afterwards", After: "meeting/leaders"}, want: "afterwards (after meeting/leaders)"},
		{name: "about", best: friday, m: events.Moment{Approximate: true}, want: "about: Fri 15 Aug 2025 10:30 AKDT"},
		{name: "about, in words", latest: evening, m: events.Moment{Approximate: true, Text: "before supper"}, want: "before supper (about: before Thu 14 Aug 2025 18:00 AKDT)"},
		{name: "estimated", best: friday, m: events.Moment{Phase: events.PhaseEstimated}, want: "Fri 15 Aug 2025 10:30 AKDT, estimated"},
		{name: "planned", earliest: friday, m: events.Moment{Phase: events.PhasePlanned}, want: "not before Fri 15 Aug 2025 10:30 AKDT"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.zone == "" {
				c.zone = "America/Anchorage"
			}
			m := c.m
			m.Earliest, m.Best, m.Latest = at(t, c.earliest), at(t, c.best), at(t, c.latest)
			if got := (Clock{Zone: zone(t, c.zone)}).Moment(&m); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	if got := (Clock{Zone: time.UTC}).Moment(nil); got != "time not known" {
		t.Errorf("no moment: %s", got)
	}
	if got := (Clock{Zone: time.UTC}).Instant(time.Time{}); got != "time not known" {
		t.Errorf("no instant: %s", got)
	}
}

func TestSourcesAreToldFromRootToOutlet(t *testing.T) {
	for want, s := range map[string]events.Sources{
		"": nil,
		"Reuters (agency) → Newsmax (outlet), from Reuters": {{ID: "r", Name: "Reuters", Kind: "agency"}, {ID: "n", Name: "Newsmax", Kind: "outlet", Via: []string{"r"}}},
		"A reporter":              {{ID: "s", Name: "A reporter"}},
		"A → B → C, from A and B": {{ID: "a", Name: "A"}, {ID: "b", Name: "B"}, {ID: "c", Name: "C", Via: []string{"a", "b"}}},
		"Telegram (social media) → Reuters (agency), from Telegram → Newsmax, from Reuters": {
			{ID: "1", Name: "Telegram", Kind: "social"}, {ID: "2", Name: "Reuters", Kind: "agency", Via: []string{"1"}}, {ID: "3", Name: "Newsmax", Via: []string{"2"}},
		},
	} {
		if got := (Clock{}).Chain(s); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestValuesAreShownPlainly(t *testing.T) {
	for b, want := range map[string]string{
		"": "–", "null": "–", `"late"`: "late", `""`: "", `"a \"b\" é"`: `a "b" é`, "18000": "18000", "true": "true", `{"a":1}`: `{"a":1}`, `[1,2]`: "[1,2]", `"null"`: "null",
	} {
		if got := Value([]byte(b)); got != want {
			t.Errorf("%s: %q, want %q", b, got, want)
		}
	}
	c := Clock{Zone: zone(t, "America/New_York")}
	for b, want := range map[string]string{
		`{"earliest":"2025-11-02T01:30:00-04:00","latest":"2025-11-02T03:30:00-05:00"}`:                  "between Sun 2 Nov 2025 01:30 EDT and 03:30 EST",
		`{"best":"2025-11-02T06:30:00Z","phase":"planned","basis":"reported","zone":"America/New_York"}`: "Sun 2 Nov 2025 01:30 EST",
		`{"text":"x","zone":"UTC","instant":"2025-11-02T06:30:00Z"}`:                                     `{"text":"x","zone":"UTC","instant":"2025-11-02T06:30:00Z"}`,
		`{"name":"Geneva"}`: `{"name":"Geneva"}`, `{}`: `{}`, `"2025-11-02T06:30:00Z"`: "Sun 2 Nov 2025 01:30 EST", `null`: "–",
	} {
		if got := c.Value([]byte(b)); got != want {
			t.Errorf("%s: %q, want %q", b, got, want)
		}
	}
	for name, want := range map[string]string{"en_route": "en route", "impossible-speed": "impossible speed", "landed": "landed", "": ""} {
		if got := Label(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestOnAPageEveryTimeHasItsOffsetAndTheDayAtTheVenue(t *testing.T) {
	anchorage := zone(t, "America/Anchorage")
	early, late := at(t, "2025-08-14T18:00:00-08:00"), at(t, "2025-08-15T00:00:00-08:00")
	for name, want := range map[string]string{
		"America/Anchorage": "between Thu 14 Aug 2025 18:00 and 24:00 AKDT (UTC−8)",
		"Europe/Moscow":     "between Fri 15 Aug 2025 05:00 and 11:00 MSK (UTC+3), Thu 14 Aug at the venue",
		"Asia/Kathmandu":    "between Fri 15 Aug 2025 07:45 and 13:45 +0545 (UTC+5:45), Thu 14 Aug at the venue",
		"UTC":               "between Fri 15 Aug 2025 02:00 and 08:00 UTC (UTC±0), Thu 14 Aug at the venue",
	} {
		said, bounds := (Clock{Zone: zone(t, name), Venue: anchorage}).Parts(&events.Moment{Earliest: early, Latest: late, Text: "late Thursday"})
		if said != "late Thursday" || bounds != want {
			t.Errorf("%s: %q, %q\nwant %q", name, said, bounds, want)
		}
	}
	c := Clock{Zone: anchorage, Venue: anchorage, Name: func(e string) string { return map[string]string{"meeting/a": "First round"}[e] }}
	if _, got := c.Parts(&events.Moment{After: "meeting/a"}); got != "after First round" {
		t.Errorf("after a named entity: %s", got)
	}
	if _, got := c.Parts(&events.Moment{After: "meeting/b"}); got != "after meeting/b" {
		t.Errorf("after another: %s", got)
	}
	if _, got := c.Parts(&events.Moment{Latest: late, Approximate: true, Phase: events.PhaseEstimated}); got != "about: before Fri 15 Aug 2025 00:00 AKDT (UTC−8), estimated" {
		t.Errorf("about and estimated: %s", got)
	}
	if said, got := c.Parts(nil); said != "" || got != "time not known" {
		t.Errorf("nothing: %q %q", said, got)
	}
	if got := c.Value([]byte(`"2025-08-15T08:00:00Z"`)); got != "Fri 15 Aug 2025 00:00 AKDT (UTC−8)" {
		t.Errorf("a time as a value: %s", got)
	}
}

func TestSourcesAreCountedByRoots(t *testing.T) {
	c := Clock{}
	s := events.Sources{{ID: "t", Name: "T"}, {ID: "r", Name: "R", Via: []string{"t"}}, {ID: "n", Name: "N", Via: []string{"r"}}}
	for want, got := range map[string]string{
		"2 outlets, 1 root": c.Independence(s, 1), "1 root": c.Independence(s[:1], 1), "2 roots": c.Independence(nil, 2), "1 outlet, 2 roots": c.Independence(s[:2], 2),
		"18,000 facts": Count(18000, "fact", "facts"), "1 fact": Count(1, "fact", "facts"), "999": Thousands(999), "-1,000": Thousands(-1000), "1,234,567": Thousands(1234567),
		"source reliability cannot be judged, information possibly true": c.Grade("F3"), "": c.Grade("Z9"),
		"when · latest": c.Field("/data/when/latest"), "sources · s/1 · name": c.Field("/data/sources/s~11/name"), "grade": c.Field("/grade"), "altitude m": c.Field("/data/altitude_m"),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
