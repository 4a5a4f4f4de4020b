package browser

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"testing"

	"github.com/chromedp/chromedp"
)

// axe is axe.min.js of the npm package axe-core 4.14.1 (MPL-2.0, see
// axe.LICENSE), as published. It is used by these tests alone.
//
//go:embed testdata/axe.min.js
var axe string

//go:embed testdata/axe.LICENSE
var axeLicense string

func TestWhatIsTakenFromOthersIsAsPublished(t *testing.T) {
	for content, want := range map[string]string{
		axe: "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c", axeLicense: "af175b9d96ee93c21a036152e1b905b0b95304d4ae8c2c921c7609100ba8df7e",
	} {
		if sum := sha256.Sum256([]byte(content)); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%.40q has the hash %x, want %s", content, sum, want)
		}
	}
}

func TestAxeFindsNothing(t *testing.T) {
	s := tell(t)
	s.amended()
	for name, c := range map[string]struct {
		path    string
		prepare func(b *tab)
	}{
		"the list": {s.url + "/", nil}, "now": {s.page(""), nil}, "dark": {s.page(""), (*tab).dark}, "phone": {s.page(""), (*tab).phone},
		"frozen, on a dark phone": {s.page("?known=" + s.position(26)), func(b *tab) { b.dark(); b.phone() }},
		"since":                   {s.page("?since=" + s.position(3)), nil},
		"the manual":              {s.url + "/docs", nil}, "a topic": {s.url + "/docs/auditing", (*tab).dark},
		"the API, on a phone": {s.url + "/docs/api", (*tab).phone},
		"filtered":            {s.page("?type=meeting.*&standing=unverified"), nil},
		"Arabic":              {s.page("?lang=ar&since=" + s.position(26)), nil}, "Arabic, on a dark phone": {s.page("?lang=ar"), func(b *tab) { b.dark(); b.phone() }},
		"German": {s.page("?lang=de&known=" + s.position(26)), nil}, "the manual, in Russian": {s.url + "/docs/tour?lang=ru", nil}, "the sign-in, in Arabic": {s.url + "/signin?lang=ar", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			if c.prepare != nil {
				c.prepare(b)
			}
			b.visit(c.path)
			js[any](b, `document.querySelectorAll("details").forEach((d) => { d.open = true; })`)
			if found := faults(b); found != "" {
				t.Error(found)
			}
		})
	}
	b := open(t)
	b.visit(s.page(""))
	js[any](b, `document.querySelector("h1").innerHTML = "<img src='/assets/summit.svg'>"`)
	if faults(b) == "" {
		t.Error("a picture without words is not found: the check does not check")
	}
}

// faults are what axe finds, in words.
func faults(b *tab) string {
	b.Helper()
	js[any](b, axe+";0")
	return get(b, chromedp.Evaluate[string](`axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then((r) =>
		r.violations.map((v) => v.id + ": " + v.help + "\n" + v.nodes.slice(0, 4).map((n) => "    " + n.html.slice(0, 160) + "  " + (n.any[0]?.message ?? "")).join("\n")).join("\n"))`,
		chromedp.EvalAwaitPromise))
}
