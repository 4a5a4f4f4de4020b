package locale

import (
	"maps"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events/message"
)

func TestChoose(t *testing.T) {
	c := loaded(t)
	for _, x := range []struct{ lang, accept, want string }{
		{"", "", "en"},
		{"de", "", "de"},
		{"de", "fr", "de"},
		{"ar", "fr;q=0.9,en", "ar"},
		{"ar-EG", "", "ar"},
		{"de-CH", "", "de"},
		{"DE", "", "de"},
		{"uk-UA", "ru", "uk"},
		{"", "es-MX,es;q=0.9,en;q=0.8", "es"},
		{"", "ja,fr;q=0.5,de;q=0.4", "fr"},
		{"", "fr;q=0.4,de;q=0.5", "de"},
		{"", "ja", "en"},
		{"", "*", "en"},
		{"", "en-GB,de;q=0.9", "en"},
		{"ja", "de", "en"}, // not there: English, whatever the header says
		{"ja", "", "en"},
		{"x y/z", "ru", "en"},
		{"", "no header;;q=x", "en"},
		{"", "be,en;q=0.5", "en"}, // who reads Belarusian is not taken for a reader of Russian
		{"", "fr;q=0,de", "de"},
	} {
		if got := c.Choose(x.lang, x.accept).Tag; got != x.want {
			t.Errorf("lang=%s and Accept-Language: %s give %s, want %s", x.lang, x.accept, got, x.want)
		}
	}
}

func TestLanguagesCallThemselvesByTheirOwnNames(t *testing.T) {
	want := map[string][2]string{
		"en": {"English", "ltr"}, "de": {"Deutsch", "ltr"}, "es": {"Español", "ltr"}, "fr": {"Français", "ltr"},
		"ru": {"Русский", "ltr"}, "uk": {"Українська", "ltr"}, "ar": {"العربية", "rtl"},
	}
	list := loaded(t).Languages()
	if len(list) != len(want) || list[0].Tag != "en" {
		t.Errorf("%d languages, the first %s", len(list), list[0].Tag)
	}
	for _, l := range list {
		if got := [2]string{l.Name(), l.Direction}; got != want[l.Tag] {
			t.Errorf("%s: %v, want %v", l.Tag, got, want[l.Tag])
		}
	}
}

// The values are CLDR's, read by hand in its charts of numbers and of dates.
func TestNumbersAndDatesAreThoseOfCLDR(t *testing.T) {
	c := loaded(t)
	thursday := time.Date(2025, 8, 14, 9, 5, 0, 0, time.FixedZone("AKDT", -8*3600))
	sunday := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for tag, want := range map[string][7]string{
		"en": {"1,000", "18,000", "-1,234,567", "Thu 14 Aug 2025", "Sun 1 Mar 2026", "Thu 14 Aug", "09:05"},
		"de": {"1.000", "18.000", "-1.234.567", "Do., 14. Aug. 2025", "So., 1. März 2026", "Do., 14. Aug.", "09:05"},
		"es": {"1000", "18.000", "-1.234.567", "jue., 14 ago. 2025", "dom., 1 mar. 2026", "jue., 14 ago.", "09:05"},
		"fr": {"1\u202f000", "18\u202f000", "-1\u202f234\u202f567", "jeu. 14 août 2025", "dim. 1 mars 2026", "jeu. 14 août", "09:05"},
		"ru": {"1\u00a0000", "18\u00a0000", "-1\u00a0234\u00a0567", "чт, 14 авг. 2025 г.", "вс, 1 мар. 2026 г.", "чт, 14 авг.", "09:05"},
		"uk": {"1\u00a0000", "18\u00a0000", "-1\u00a0234\u00a0567", "чт, 14 серп. 2025 р.", "нд, 1 бер. 2026 р.", "чт, 14 серп.", "09:05"},
		"ar": {"1,000", "18,000", "\u061c-1,234,567", "الخميس، 14 أغسطس 2025", "الأحد، 1 مارس 2026", "الخميس، 14 أغسطس", "09:05"},
	} {
		l := c.Choose(tag, "")
		got := [7]string{
			l.Number(1000), l.Number(18000), l.Number(-1234567), string(l.Day(thursday)), string(l.Day(sunday)), string(l.ShortDay(thursday)), string(l.Hour(thursday)),
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: %q, want %q", tag, got[i], want[i])
			}
		}
		if got := l.Decimal(7008.25, 1); tag == "en" && got != "7,008.2" || tag == "de" && got != "7.008,2" || tag == "ar" && got != "7,008.2" {
			t.Errorf("%s: %q", tag, got)
		}
		if got := l.Number(999); got != "999" {
			t.Errorf("%s: %q, want 999", tag, got)
		}
	}
}

func TestPluralsFollowTheirCount(t *testing.T) {
	c := loaded(t)
	for _, x := range []struct {
		tag  string
		n    int
		want string
	}{
		{"en", 1, "1 outlet"},
		{"en", 0, "0 outlets"},
		{"en", 18000, "18,000 outlets"},
		{"de", 1, "1 Medium"},
		{"de", 2, "2 Medien"},
		{"fr", 0, "0 média"},
		{"fr", 2, "2 médias"},
		{"es", 1, "1 medio"},
		{"es", 1_000_000, "1.000.000 de medios"},
		{"ru", 1, "1 издание"},
		{"ru", 2, "2 издания"},
		{"ru", 5, "5 изданий"},
		{"ru", 11, "11 изданий"},
		{"ru", 21, "21 издание"},
		{"uk", 22, "22 видання"},
		{"uk", 25, "25 видань"},
		{"ar", 0, "لا وسيلة إعلام"},
		{"ar", 1, "وسيلة إعلام واحدة"},
		{"ar", 2, "وسيلتا إعلام"},
		{"ar", 3, "3 وسائل إعلام"},
		{"ar", 11, "11 وسيلة إعلام"},
		{"ar", 100, "100 وسيلة إعلام"},
	} {
		for _, n := range []any{x.n, int64(x.n), uint64(x.n)} {
			if got := c.Choose(x.tag, "").Say("sources.outlets", "count", n); got != x.want {
				t.Errorf("%s, %T %d: %q, want %q", x.tag, n, n, got, x.want)
			}
		}
	}
}

func TestSay(t *testing.T) {
	c := loaded(t)
	de, ar := c.Choose("de", ""), c.Choose("ar", "")
	delete(de.forms, "value.yes")
	for got, want := range map[string]string{
		de.Say("value.no"):      "nein",
		de.Say("value.yes"):     "yes", // missing, so English
		de.Say("value.unheard"): "value.unheard",
		de.Say("time.from"):     "nicht vor {time}",
		de.Say("time.said", "words", "spät {time}", "time", Words("22:00")):    "spät {time} (22:00)",
		ar.Say("time.said", "words", "late", "time", Words("22:00")):           "\u2068late\u2069 (22:00)",
		ar.Say("value.named", "member", Words("عدد"), "value", uint64(18_000)): "عدد: 18,000",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTextsAreThoseOfAPrefix(t *testing.T) {
	got := loaded(t).Choose("de", "").Texts("sources.")
	if got["yes"] != nil || got["outlets"]["one"] != "{count} Medium" || got["outlets"]["other"] != "{count} Medien" || len(got["passed"]) != 1 {
		t.Errorf("%v", got)
	}
}

func TestValuesHaveTheirWords(t *testing.T) {
	c := loaded(t)
	for _, x := range []struct {
		tag, of, member, value, want string
		ok                           bool
	}{
		{"en", "aircraft", "state", "en_route", "en route", true},
		{"de", "aircraft", "state", "en_route", "unterwegs", true},
		{"ru", "meeting", "kind", "other", "встреча", true},
		{"ru", "vehicle", "kind", "other", "транспортное средство", true},
		{"ar", "site", "state", "open", "مفتوح", true},
		{"uk", "", "stance", "no-comment", "без коментарів", true},
		{"fr", "", "basis", "observed", "observé", true},
		{"fr", "", "basis", "un_heard", "un heard", true},
		{"es", "person", "role", "Foreign Minister", "", false},
		{"es", "", "detail", "open", "", false},
	} {
		if got, ok := c.Choose(x.tag, "").Value(x.of, x.member, x.value); got != x.want || ok != x.ok {
			t.Errorf("%s: %s %s of %q is %q, %t; want %q, %t", x.tag, x.member, x.value, x.of, got, ok, x.want, x.ok)
		}
	}
	if de := c.Choose("de", ""); de.Type("aircraft.landed") != "Landung" || de.Type("x.un-heard") != "x.un heard" || de.Member("watchers") != "Zuschauer" {
		t.Errorf("types and members: %q, %q, %q", de.Type("aircraft.landed"), de.Type("x.un-heard"), de.Member("watchers"))
	}
}

// A duration is told in two units, in the words of the language.
func TestDurationsHaveTheirUnits(t *testing.T) {
	pattern, _ := message.Parse("took {time}", []string{"time"})
	c := loaded(t)
	for _, x := range []struct {
		tag  string
		took time.Duration
		want string
	}{
		{"en", 9*time.Hour + 5*time.Minute + 59*time.Second, "took 9 h 5 min"},
		{"en", 61 * time.Second, "took 1 min 1 s"},
		{"en", 59 * time.Second, "took 59 s"},
		{"en", 250 * time.Millisecond, "took 250 ms"},
		{"en", 0, "took 0 s"},
		{"en", 2_000 * time.Hour, "took 2,000 h 0 min"},
		{"de", 2 * time.Hour, "took 2 Std. 0 Min."},
		{"ru", 90 * time.Second, "took 1 мин 30 с"},
		{"uk", 65 * time.Minute, "took 1 год 5 хв"},
		{"ar", time.Second, "took 1 ث"},
	} {
		in := *c.Choose(x.tag, "").Messages()
		in.Patterns, in.Isolate = maps.Clone(in.Patterns), false
		in.Patterns["took"] = pattern
		m := message.Message{Key: "took", Args: []message.Arg{message.Duration(x.took)}}
		if got := in.Say(m, nil); got != x.want {
			t.Errorf("%s: %v is told as %q, want %q", x.tag, x.took, got, x.want)
		}
		if got := in.SayStored(m.Encode(), nil); got != x.want {
			t.Errorf("%s: as stored %v is told as %q, want %q", x.tag, x.took, got, x.want)
		}
	}
}
