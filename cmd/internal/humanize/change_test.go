package humanize

import (
	"testing"
	"time"
)

func TestAChangeOfTheStatusIsToldInWords(t *testing.T) {
	c := Clock{Zone: time.UTC}
	for _, x := range []struct{ path, was, now, want string }{
		{"/phase", `"opened"`, `"under_way"`, "phase: opened → under way"},
		{"/aircraft/il-96-300/state", `"en_route"`, `"landed"`, "aircraft il-96-300, state: en route → landed"},
		{"/aircraft/il-96-300/since/latest", `null`, `"2025-08-15T00:00:00-08:00"`, "aircraft il-96-300, since, latest: – → Fri 15 Aug 2025 08:00 UTC"},
		{
			"/aircraft/il-96-300", `null`, `{"model":"Il-96-300","state":"landed","place":{"name":"Joint Base Elmendorf-Richardson"},"watchers":0,"facts":["x"]}`,
			"aircraft il-96-300: – → Il-96-300, landed, Joint Base Elmendorf-Richardson",
		},
		{"/sites/jber", `null`, `{"name":"JBER","aspects":{"security":{"level":"raised","facts":[]},"logistics":{"detail":"cars"}}}`, "site jber: – → JBER, logistics cars; security raised"},
		{"/delegations/ru/delegates/lavrov/state", `null`, `"arrived"`, "delegation ru, lavrov, state: – → arrived"},
		{"/sites/jber/aspects/security/level", `"raised"`, `"high"`, "site jber, security, level: raised → high"},
		{"/agenda/a~1b/expected", `true`, `false`, "agenda a/b, expected: yes → no"},
		{"/positions/swaps", `null`, `{"title":"Swaps","contested":false,"stances":[{"actor":"A","stance":"against","detail":"no"}]}`, "position swaps: – → Swaps, A, against, no"},
		{"/aircraft/il-96-300/facts", `["a"]`, `["a","b"]`, ""},
		{"/meetings/m/when", `null`, `{"phase":"planned","earliest":"2025-08-15T10:00:00Z"}`, "meeting m, when: – → not before Fri 15 Aug 2025 10:00 UTC"},
	} {
		got := ""
		if ch, tell := c.Change(x.path, []byte(x.was), []byte(x.now)); tell {
			got = ch.What + ": " + ch.Was + " → " + ch.Now
		}
		if got != x.want {
			t.Errorf("%s:\n got %q\nwant %q", x.path, got, x.want)
		}
	}
}

// What an amendment changed is told by the words for the values that a member may have.
func TestACorrectionIsToldInWords(t *testing.T) {
	german := Clock{Zone: time.UTC, Language: languages(t).Choose("de", "")}
	for _, x := range []struct{ entity, path, was, now, english, german string }{
		{"topic/t", "/data/stance", `"no-comment"`, `"against"`, "stance: no comment → against", "Haltung: kein Kommentar → dagegen"},
		{"vehicle/v", "/data/kind", `"train"`, `"other"`, "kind: train → vehicle", "Art: Zug → Fahrzeug"},
		{"", "/data/kind", `"train"`, `"other"`, "kind: train → other", "Art: train → other"}, // of what, is not known
		{"", "/data/level", `"raised"`, `"high"`, "level: raised → high", "Ebene: erhöht → hoch"},
		{"site/s", "/data/place/name", `"A"`, `"open"`, "place · name: A → open", "Ort · Name: A → open"},
		{"note/n", "/data/topics", `["a","b"]`, `null`, "topics: a; b → –", "Themen: a; b → –"},
		{"aircraft/a", "/data/when/best", `null`, `"2025-08-14T20:00:00Z"`, "when · best: – → Thu 14 Aug 2025 20:00 UTC", "wann · bester Wert: – → Do., 14. Aug. 2025, 20:00 UTC"},
	} {
		for got, want := range map[Change]string{
			(Clock{Zone: time.UTC}).Correction(x.entity, x.path, []byte(x.was), []byte(x.now)): x.english,
			german.Correction(x.entity, x.path, []byte(x.was), []byte(x.now)):                  x.german,
		} {
			if said := got.What + ": " + got.Was + " → " + got.Now; said != want {
				t.Errorf("%s of %q: %q, want %q", x.path, x.entity, said, want)
			}
		}
	}
}

// A contradiction that came says itself what it is about: the facts are for programs.
func TestAContradictionThatCameIsToldInWords(t *testing.T) {
	c, told := (Clock{Zone: time.UTC}).Change("/warnings/two-places:0198a9f2+0198a9f3", []byte(`[]`), []byte(`[{"rule":"two-places","severity":"impossible","facts":["0198a9f2","0198a9f3"],"detail":"Ann is at A and at B"}]`))
	if want := (Change{What: "warning", Was: "–", Now: "Ann is at A and at B"}); !told || c != want {
		t.Errorf("%+v, want %+v", c, want)
	}
}
