package pages

import (
	"html/template"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// keyPattern finds the keys of texts in templates and in the script.
var keyPattern = regexp.MustCompile(`\b(?:say|tell|words)[ (]"([a-z.-]+)"`)

func languages(t *testing.T) *locale.Catalogues {
	t.Helper()
	c, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSentencesOfAPageEscapeWhatTheyAreGiven(t *testing.T) {
	c := languages(t)
	for _, x := range []struct {
		tag, key string
		args     []any
		want     template.HTML
	}{
		{"en", "board.from", []any{"place", `<b>"A"</b>`}, `From <bdi>&lt;b&gt;&#34;A&#34;&lt;/b&gt;</bdi>.`},
		{"de", "changed.between", []any{"counts", template.HTML("<b>1</b>"), "since", code("<"), "until", code(7)}, `<b>1</b> zwischen <code>&lt;</code> und <code>7</code>.`},
		{"ar", "board.at", []any{"place", "Genève"}, `في <bdi>Genève</bdi>`},
		{"ru", "changed.apart", []any{"count", uint64(2001), "link", anchor(`/x?a="&b`, "<y>")}, `Между ними 2&#160;001 событие, больше, чем помещается на странице: <a href="/x?a=&#34;&amp;b">&lt;y&gt;</a>.`},
		{"ar", "banner.text", []any{"time", locale.Words("18:00 & <"), "position", code("p"), "behind", locale.Words("b")}, `هذا ما كان معروفًا: 18:00 &amp; &lt;، الموضع <code>p</code>؛ b.`},
	} {
		got := words{c.Choose(x.tag, "")}.tell(x.key, x.args...)
		if got != template.HTML(strings.ReplaceAll(string(x.want), "&#160;", "\u00a0")) {
			t.Errorf("%s: %s\n got %q\nwant %q", x.tag, x.key, got, x.want)
		}
	}
	if got := (words{locale.English()}).own("<", `"x`); got != `<bdi lang="&#34;x">&lt;</bdi>` {
		t.Errorf("own: %s", got)
	}
	w := words{c.Choose("ar", "")}
	// A sentence that begins with a name is not taken for Latin; a Latin name is.
	if got := w.own("\u2068AB-1\u2069: x"); got != "<bdi dir=\"rtl\">\u2068AB-1\u2069: x</bdi>" {
		t.Errorf("a sentence: %s", got)
	}
	if got := (words{locale.English()}).own("\u2068AB-1\u2069"); got != "<bdi>\u2068AB-1\u2069</bdi>" {
		t.Errorf("isolated by somebody, on an English page: %s", got)
	}
	if got := w.names([]string{"A", "ب"}); got != "<bdi>A</bdi>، <bdi>ب</bdi>" {
		t.Errorf("names: %s", got)
	}
}

func TestTheLanguageIsChosenWithALinkThatKeepsTheRest(t *testing.T) {
	c := languages(t)
	v := Visitor{Here: "/summits/s?zone=UTC&lang=de&q=a+b", Language: c.Choose("de", ""), Languages: c.Languages(), Lang: "de"}
	chosen := ""
	for _, x := range v.Choices() {
		if want := "/summits/s?lang=" + x.Tag + "&q=a+b&zone=UTC"; x.Href != want {
			t.Errorf("%s is at %s, want %s", x.Name, x.Href, want)
		}
		if x.Chosen {
			chosen += x.Name
		}
	}
	if chosen != "Deutsch" || v.Link("/docs") != "/docs?lang=de" || v.Link("/?cursor=x") != "/?cursor=x&lang=de" {
		t.Errorf("chosen: %s, %s, %s", chosen, v.Link("/docs"), v.Link("/?cursor=x"))
	}
	if left := (Visitor{}); left.Link("/docs") != "/docs" || left.Tag() != "en" || left.Direction() != "ltr" {
		t.Errorf("where nobody chose: %s, %s, %s", left.Link("/docs"), left.Tag(), left.Direction())
	}
}

func TestWhatIsFilteredForIsToldInWords(t *testing.T) {
	z := load(t, "UTC")
	s := Story{Zone: z, Venue: z, Query: url.Values{"type": {"aircraft.landed"}}}
	s.Visitor.Language = languages(t).Choose("de", "")
	v, err := newView(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, value, want string }{
		{"type", "aircraft.*", "Flugzeuge"},
		{"type", "aircraft.landed,note.*,x.y", "Landung, Notizen, x.y"},
		{"standing", "disputed", "umstritten"},
		{"order", "recorded", "nach Bekanntwerden"},
		{"q", "disputed", "disputed"},
		{"place", "", ""},
	} {
		if got := v.FilterValue(Param{Name: c.name, Value: c.value}); got != c.want {
			t.Errorf("%s=%s is told as %q, want %q", c.name, c.value, got, c.want)
		}
	}
	choices := v.Choices("type")
	if last := choices[len(choices)-1]; last != (Choice{"aircraft.landed", "Landung", true}) {
		t.Errorf("what was asked for is %+v", last)
	}
}

func TestTimeRunsFromRightToLeftWhereTextDoes(t *testing.T) {
	z := load(t, "UTC")
	s := Story{Zone: z, Venue: z, Head: events.Position{Epoch: "00000000", Seq: 9}, Reading: projections.AsOf{Seq: 9}}
	for n, m := range []events.Moment{
		{Earliest: instant(t, "2025-08-14T18:00:00Z"), Latest: instant(t, "2025-08-14T22:00:00Z")},
		{Earliest: instant(t, "2025-08-15T10:30:00Z")},
	} {
		s.Items = append(s.Items, item(t, uint64(n+1), "aircraft/a", m))
	}
	english, err := newView(s)
	if err != nil {
		t.Fatal(err)
	}
	s.Visitor.Language = languages(t).Choose("ar", "")
	arabic, err := newView(s)
	if err != nil {
		t.Fatal(err)
	}
	for n, e := range english.Strip.Bars {
		a := arabic.Strip.Bars[n]
		if a.X1 != stripWidth-e.X2 || a.X2 != stripWidth-e.X1 || a.LX != stripWidth-e.LX || a.OpenL != e.OpenR || a.OpenR != e.OpenL {
			t.Errorf("bar %d is %+v, and from left to right %+v", n, a, e)
		}
	}
	if b := arabic.Strip.Bars; b[0].X1 <= b[1].X2-stub || !b[1].OpenL || arabic.Strip.Lanes[0].Label != "الطائرات" || arabic.Strip.Lanes[0].X != stripWidth-6 {
		t.Errorf("the later bar is not on the left: %+v, %+v", b, arabic.Strip.Lanes)
	}
	days := 0
	for n, x := range arabic.Strip.Ticks {
		if x.X != stripWidth-english.Strip.Ticks[n].X {
			t.Errorf("tick %d is at %d", n, x.X)
		}
		if x.Day && x.Label == "الجمعة، 15 أغسطس" {
			days++
		}
	}
	if days != 1 {
		t.Errorf("%d ticks say the day: %+v", days, arabic.Strip.Ticks)
	}
}

// TestEveryTextThatTemplatesNameIsThere finds keys in templates and script that no
// catalogue has.
func TestEveryTextThatTemplatesNameIsThere(t *testing.T) {
	texts := locale.English().Texts("")
	files, err := assets.ReadDir("assets")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, f := range files {
		b, err := assets.ReadFile("assets/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range keyPattern.FindAllStringSubmatch(string(b), -1) {
			key := m[1]
			if strings.HasSuffix(f.Name(), ".js") {
				if key != "list.comma" && key != "live.frozen" {
					key = "script." + key
				}
			}
			if named++; texts[key] == nil {
				t.Errorf("%s says %q, which no catalogue has", f.Name(), key)
			}
		}
	}
	if named < 150 {
		t.Errorf("%d texts are named in templates: the pattern misses some", named)
	}
}

// Every type of fact can be chosen in the page's filter by its family, which has a name.
// Amendments and what the summit says of itself cannot.
func TestEveryTypeOfFactCanBeChosen(t *testing.T) {
	texts, families := locale.English().Texts(""), 0
	for _, c := range choicesOf["type"] {
		if texts[c[1]] == nil {
			t.Errorf("%s has no name in the filter: add %q to cmd/internal/locale/catalogue/en.toml", c[0], c[1])
		}
		if family, all := strings.CutSuffix(c[0], ".*"); c[0] != "" && (!all || family == "fact" || family == "summit") {
			t.Errorf("%s can be chosen", c[0])
		}
	}
	for _, info := range events.Types() {
		family, _, _ := strings.Cut(info.Name, ".")
		if family == "fact" || family == "summit" {
			continue
		}
		if families++; !slices.ContainsFunc(choicesOf["type"], func(c [2]string) bool { return c[0] == family+".*" }) {
			t.Errorf("%s cannot be chosen", info.Name)
		}
	}
	if families < 30 {
		t.Errorf("%d types can be chosen", families)
	}
}
