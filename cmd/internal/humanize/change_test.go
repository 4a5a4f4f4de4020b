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
