package humanize

import (
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
)

func languages(t *testing.T) *locale.Catalogues {
	t.Helper()
	c, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// told are things in words that were checked by hand.
type told struct{ instant, between, over, from, until, about, estimated, after, announced string }

func TestTimesAreToldInEachLanguage(t *testing.T) {
	c := languages(t)
	early, late, friday := at(t, "2025-08-14T18:00:00-08:00"), at(t, "2025-08-15T00:00:00-08:00"), at(t, "2025-08-15T10:30:00-08:00")
	for tag, want := range map[string]told{
		"en": {
			"Fri 15 Aug 2025 10:30 AKDT", "late Thursday (between Thu 14 Aug 2025 18:00 and 24:00 AKDT)", "between Thu 14 Aug 2025 18:00 and Fri 15 Aug 2025 10:30 AKDT",
			"not before Fri 15 Aug 2025 10:30 AKDT", "before Fri 15 Aug 2025 00:00 AKDT", "about: before Fri 15 Aug 2025 00:00 AKDT",
			"Fri 15 Aug 2025 10:30 AKDT, estimated", "after First round", "announced Fri 15 Aug 2025 10:30 AKDT",
		},
		"de": {
			"Fr., 15. Aug. 2025, 10:30 AKDT", "late Thursday (zwischen Do., 14. Aug. 2025, 18:00 und 24:00 AKDT)", "zwischen Do., 14. Aug. 2025, 18:00 und Fr., 15. Aug. 2025, 10:30 AKDT",
			"nicht vor Fr., 15. Aug. 2025, 10:30 AKDT", "vor Fr., 15. Aug. 2025, 00:00 AKDT", "ungefähr: vor Fr., 15. Aug. 2025, 00:00 AKDT",
			"Fr., 15. Aug. 2025, 10:30 AKDT, geschätzt", "nach: First round", "angekündigt: Fr., 15. Aug. 2025, 10:30 AKDT",
		},
		"es": {
			"vie., 15 ago. 2025, 10:30 AKDT", "late Thursday (entre jue., 14 ago. 2025, 18:00 y 24:00 AKDT)", "entre jue., 14 ago. 2025, 18:00 y vie., 15 ago. 2025, 10:30 AKDT",
			"no antes de vie., 15 ago. 2025, 10:30 AKDT", "antes de vie., 15 ago. 2025, 00:00 AKDT", "aproximadamente: antes de vie., 15 ago. 2025, 00:00 AKDT",
			"vie., 15 ago. 2025, 10:30 AKDT, estimado", "después de: First round", "anunciado: vie., 15 ago. 2025, 10:30 AKDT",
		},
		"fr": {
			"ven. 15 août 2025 10:30 AKDT", "late Thursday (entre jeu. 14 août 2025 18:00 et 24:00 AKDT)", "entre jeu. 14 août 2025 18:00 et ven. 15 août 2025 10:30 AKDT",
			"pas avant ven. 15 août 2025 10:30 AKDT", "avant ven. 15 août 2025 00:00 AKDT", "environ\u202f: avant ven. 15 août 2025 00:00 AKDT",
			"ven. 15 août 2025 10:30 AKDT, estimation", "après\u202f: First round", "annoncé\u202f: ven. 15 août 2025 10:30 AKDT",
		},
		"ru": {
			"пт, 15 авг. 2025 г., 10:30 AKDT", "late Thursday (между чт, 14 авг. 2025 г., 18:00 и 24:00 AKDT)", "между чт, 14 авг. 2025 г., 18:00 и пт, 15 авг. 2025 г., 10:30 AKDT",
			"не ранее: пт, 15 авг. 2025 г., 10:30 AKDT", "до: пт, 15 авг. 2025 г., 00:00 AKDT", "приблизительно: до: пт, 15 авг. 2025 г., 00:00 AKDT",
			"пт, 15 авг. 2025 г., 10:30 AKDT, оценка", "после: First round", "объявлено: пт, 15 авг. 2025 г., 10:30 AKDT",
		},
		"uk": {
			"пт, 15 серп. 2025 р., 10:30 AKDT", "late Thursday (між чт, 14 серп. 2025 р., 18:00 та 24:00 AKDT)", "між чт, 14 серп. 2025 р., 18:00 та пт, 15 серп. 2025 р., 10:30 AKDT",
			"не раніше: пт, 15 серп. 2025 р., 10:30 AKDT", "до: пт, 15 серп. 2025 р., 00:00 AKDT", "приблизно: до: пт, 15 серп. 2025 р., 00:00 AKDT",
			"пт, 15 серп. 2025 р., 10:30 AKDT, оцінка", "після: First round", "оголошено: пт, 15 серп. 2025 р., 10:30 AKDT",
		},
		"ar": {
			"الجمعة، 15 أغسطس 2025، 10:30 \u2068AKDT\u2069", "\u2068late Thursday\u2069 (بين الخميس، 14 أغسطس 2025، 18:00 و24:00 \u2068AKDT\u2069)",
			"بين الخميس، 14 أغسطس 2025، 18:00 والجمعة، 15 أغسطس 2025، 10:30 \u2068AKDT\u2069",
			"ليس قبل الجمعة، 15 أغسطس 2025، 10:30 \u2068AKDT\u2069", "قبل الجمعة، 15 أغسطس 2025، 00:00 \u2068AKDT\u2069", "تقريبًا: قبل الجمعة، 15 أغسطس 2025، 00:00 \u2068AKDT\u2069",
			"الجمعة، 15 أغسطس 2025، 10:30 \u2068AKDT\u2069، تقديريًا", "بعد \u2068First round\u2069", "أُعلن الجمعة، 15 أغسطس 2025، 10:30 \u2068AKDT\u2069",
		},
	} {
		x := Clock{Language: c.Choose(tag, ""), Zone: zone(t, "America/Anchorage"), Name: func(string) string { return "First round" }}
		got := told{
			x.Instant(friday.Time), x.Moment(&events.Moment{Earliest: early, Latest: late, Text: "late Thursday"}), x.Moment(&events.Moment{Earliest: early, Latest: friday}),
			x.Moment(&events.Moment{Earliest: friday}), x.Moment(&events.Moment{Latest: late}), x.Moment(&events.Moment{Latest: late, Approximate: true}),
			x.Moment(&events.Moment{Best: friday, Phase: events.PhaseEstimated}), x.Moment(&events.Moment{After: "meeting/a"}), x.Occurrence(nil, &friday),
		}
		if got != want {
			t.Errorf("%s:\n got %q\nwant %q", tag, got, want)
		}
	}
}

func TestOffsetsAndTheDayAtTheVenueAreToldInEachLanguage(t *testing.T) {
	c := languages(t)
	m := &events.Moment{Earliest: at(t, "2025-08-15T06:00:00+09:00"), Latest: at(t, "2025-08-15T20:00:00+09:00")}
	for tag, want := range map[string]string{
		"de": "zwischen Fr., 15. Aug. 2025, 06:00 JST (UTC+9), am Tagungsort Do., 14. Aug., und 20:00 JST (UTC+9)",
		"ru": "между пт, 15 авг. 2025 г., 06:00 JST (UTC+9), на месте саммита чт, 14 авг., и 20:00 JST (UTC+9)",
		"ar": "بين الجمعة، 15 أغسطس 2025، 06:00 \u2068JST\u2069 (\u2068UTC+9\u2069)، الخميس، 14 أغسطس في مكان القمة، و20:00 \u2068JST\u2069 (\u2068UTC+9\u2069)",
	} {
		x := Clock{Language: c.Choose(tag, ""), Zone: zone(t, "Asia/Tokyo"), Venue: zone(t, "America/Anchorage")}
		if _, got := x.Parts(m); got != want {
			t.Errorf("%s:\n got %q\nwant %q", tag, got, want)
		}
	}
}

func TestSourcesGradesAndChangesAreToldInEachLanguage(t *testing.T) {
	c := languages(t)
	sources := events.Sources{{ID: "t", Name: "T", Kind: "social"}, {ID: "a", Name: "A"}, {ID: "n", Name: "N", Kind: "outlet", Via: []string{"t", "a"}}}
	entry := []byte(`{"model":"Il-96-300","state":"landed","watchers":18000,"since":{"latest":"2025-08-15T08:00:00Z"}}`)
	for tag, want := range map[string][5]string{
		"en": {
			"T (social media) → A → N (outlet), from T and A", "1 outlet, 2 roots", "source usually reliable, information probably true",
			"aircraft x: – → Il-96-300, landed, since before Fri 15 Aug 2025 08:00 UTC, watchers 18,000", "when · latest",
		},
		"de": {
			"T (soziale Medien) → A → N (Medium), nach T und A", "1 Medium, 2 Ursprünge", "Quelle: in der Regel zuverlässig; Information: wahrscheinlich zutreffend",
			"Flugzeug x: – → Il-96-300, gelandet, Zeit: vor Fr., 15. Aug. 2025, 08:00 UTC, Zuschauer: 18.000", "wann · spätestens",
		},
		"fr": {
			"T (réseaux sociaux) → A → N (média), d’après\u202f: T et A", "1 média, 2 origines", "source\u202f: habituellement fiable\u202f; information\u202f: probablement vraie", //nolint:misspell // French
			"avion x: – → Il-96-300, au sol, moment\u202f: avant ven. 15 août 2025 08:00 UTC, internautes\u202f: 18\u202f000", "date et heure · au plus tard",
		},
		"uk": {
			"T (соцмережі) → A → N (ЗМІ), джерело: T та A", "1 видання, 2 першоджерела", "джерело: зазвичай надійне; відомості: імовірно, правдиві",
			"літак x: – → Il-96-300, посадку здійснено, час: до: пт, 15 серп. 2025 р., 08:00 UTC, глядачів: 18\u00a0000", "коли · не пізніше",
		},
		"ar": {
			"\u2068T\u2069 (وسائل التواصل) ← \u2068A\u2069 ← \u2068N\u2069 (وسيلة إعلام)، نقلًا عن \u2068T\u2069 و\u2068A\u2069", "وسيلة إعلام واحدة، مصدران أصليان",
			"المصدر: موثوق عادةً؛ المعلومة: صحيحة على الأرجح",
			"الطائرة \u2068x\u2069: – → \u2068Il-96-300\u2069، تم الهبوط، الوقت: قبل الجمعة، 15 أغسطس 2025، 08:00 \u2068UTC\u2069، المتابعون: 18,000", "متى · في أبعد تقدير",
		},
	} {
		x := Clock{Language: c.Choose(tag, ""), Zone: time.UTC}
		change, _ := x.Change("/aircraft/x", nil, entry)
		got := [5]string{x.Chain(sources), x.Independence(sources, 2), x.Grade("B2"), change.What + ": " + change.Was + " → " + change.Now, x.Field("/data/when/latest")}
		if got != want {
			t.Errorf("%s:\n got %q\nwant %q", tag, got, want)
		}
	}
}

func TestTimesInHeadlinesAreOnTheReadersClock(t *testing.T) {
	m := message.Message{Key: "unnamed", Args: []message.Arg{message.Interval(at(t, "2025-08-14T18:00:00-08:00").Time, time.Time{})}}
	x := Clock{Language: languages(t).Choose("de", ""), Zone: zone(t, "Europe/Berlin")}
	if got, want := x.Messages().Say(m, nil), "nicht vor Fr., 15. Aug. 2025, 04:00 CEST"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := x.Language.Messages().Say(m, nil); got != "2025-08-15T02:00:00Z/.." {
		t.Errorf("without a clock: %q", got)
	}
}
