package ingest

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// shown is a fact in a line: title, text, note, address, origin and time.
func shown(f Fact) string {
	s := f.saying()
	origin := ""
	for _, source := range s.Sources {
		if source.ID == "origin" {
			origin = source.Name + " " + source.URL
		}
	}
	return strings.Join([]string{s.Headline, s.Text, s.Note, s.outlet().URL, origin, f.Time.String()}, " | ")
}

func TestFeedsOfEveryFormatAreRead(t *testing.T) {
	for path, want := range map[string][]string{
		"testdata/wire091.rss": {
			"AT&T signs for the hall | Fish & chips for the press. |  | https://agence.example/hall |  | ",
			"Les entretiens ont commencé | À huis clos. |  | https://agence.example/direct |  | ",
			"La délégation est arrivée | Elle a atterri à midi. |  | https://agence.example/direct |  | ",
		},
		"testdata/bulletin10.rdf": {
			"Erste Sitzung | Sie begann um neun. |  | https://bulletin.example/1 |  | 2026-11-25T09:00:00+01:00",
			"Zweite Sitzung vertagt | Die Sitzung ist vertagt.\nGrund: Nebel. | By Greta Vogel. | https://bulletin.example/2 |  | 2026-11-25T11:00:00+01:00",
		},
		"testdata/live20.rss": {
			"Delegation has landed | Delegation has landed |  | https://news.example/live |  | 2026-11-25T16:00:00Z",
			"Delegation at the gate | Delegation at the gate |  | https://news.example/live |  | 2026-11-25T16:05:00Z",
			`A permalink alone | A permalink alone |  | https://news.example/live/permalink | The "Wire" https://wire.example/rss | 2026-11-25T17:00:00Z`,
			"Doors open <at seven>, says Press Office <press@example.org> | Queue if x<y && y>z.\nBring a pass. | By Ada Finch. | https://news.example/live/doors |  | 2026-11-25T18:30:00Z",
		},
		"testdata/press.atom": {
			"A third one: 1 < 2 | One\nTwo <b> |  |  |  | 2026-11-25T09:00:00Z",
			"The second round | At eight.\nAsk press@example.org |  | https://other.example/x/two.html |  | 2026-11-25T10:30:00+01:00",
			"If a<b then x<y &amp; so on | First line\nSecond line, a <b> that is no tag | By Press Office <press@example.org>. | https://press.example/atom/one.html |  | 2026-11-25T10:00:00Z",
		},
		"testdata/desk11.json": {
			"T | t |  | https://desk11.example/t |  | ",
			" | HTML: bold goes. | By Ada. | https://elsewhere.example/h |  | 2026-11-25T09:00:00Z",
			"Ministers <meet> at x<y | Plain: a <b>tag</b> stays.\nSo does this line. | By Ada, Grace. | https://desk11.example/17 |  | 2026-11-25T10:00:00Z",
		},
	} {
		var got []string
		for _, f := range mustRead(t, path).Facts {
			written(t, f)
			got = append(got, shown(f))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s is\n%s\nwant\n%s", path, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// RFC 4287, section 3.1: text is not HTML. RSS leaves open which it is, so that
// what can be no tag is text.
func TestWordsStayAsTheyAreWritten(t *testing.T) {
	for _, c := range []struct {
		html     bool
		in, want string
	}{
		{false, "Press Office <press@example.org>", "Press Office <press@example.org>"},
		{false, "x<y &amp; <b>z</b>", "x<y &amp; <b>z</b>"},
		{false, "  one\r\n  two\n\nthree\x07 ", "one\n  two\n\nthree"},
		{true, "Press Office <press@example.org>", "Press Office <press@example.org>"},
		{true, "x<y", "x<y"},
		{true, "if a<b and c>d", "if a<b and c>d"},
		{true, "1 < 2 <= 3", "1 < 2 <= 3"},
		{true, "I <3 Geneva", "I <3 Geneva"},
		{true, "<b>bold</b> &lt;tag&gt; &amp;amp;", "bold <tag> &amp;"},
		{true, "<a href='x'>link</a><br>next<o:p></o:p><x-quote>said</x-quote>", "link\nnextsaid"},
		{true, "cut in a tag <a href=\"https://ex", "cut in a tag"},
		{true, "<!-- no --><p>yes<script>if (a<b) {}</script>", "yes"},
		{true, "see <https://example.org/a?b=c>", "see <https://example.org/a?b=c>"},
		{true, "<ul><li>one<li>two</ul>", "one\ntwo"},
	} {
		if got := (words{c.in, c.html}).plain(); got != c.want {
			t.Errorf("%q (HTML %v) is %q, want %q", c.in, c.html, got, c.want)
		}
	}
}

func TestLinksAreSeenFromWhereTheyStand(t *testing.T) {
	atom := func(attr, head, link string) string {
		return `<feed xmlns="http://www.w3.org/2005/Atom"` + attr + `><title>T</title>` + head + `<entry><id>x:1</id><title>a</title>` + link + `</entry></feed>`
	}
	rss := func(head, rest string) string {
		return `<rss version="2.0"><channel><title>T</title>` + head + `<item><title>a</title>` + rest + `</item></channel></rss>`
	}
	const home = `<link>https://site.example/news/</link>`
	for _, c := range []struct{ feed, address, want string }{
		{rss(home, `<link>2026/a</link>`), "https://cdn.example/f.xml", "https://site.example/news/2026/a"},
		{rss(home, `<link>/2026/a</link>`), "https://cdn.example/f.xml", "https://site.example/2026/a"},
		{rss(`<link>/news/</link>`, `<link>a</link>`), "https://user:pass@cdn.example/f.xml?token=abc", "https://cdn.example/news/a"},
		{rss("", `<link>a?b=c#d</link>`), "https://user:pass@cdn.example/x/f.xml?token=abc", "https://cdn.example/x/a?b=c#d"},
		{rss(home, `<link>//other.example/a</link>`), "http://cdn.example/", "https://other.example/a"},
		{rss(home, `<link>https://u:p@site.example/a?token=abc&amp;b=1</link>`), "https://cdn.example/f?token=abc", "https://site.example/a?b=1"},
		{rss(home, `<guid>https://site.example/a</guid>`), "https://cdn.example/", "https://site.example/a"},
		{rss(home, `<guid isPermaLink="true">/a</guid>`), "https://cdn.example/", "https://site.example/a"},
		{rss(home, `<guid isPermaLink="false">https://site.example/a</guid>`), "https://cdn.example/", ""},
		{rss(home, `<guid>1</guid>`), "https://cdn.example/", ""},
		{rss(home, `<guid>https://site.example/id</guid><link>/a</link>`), "https://cdn.example/", "https://site.example/a"},
		{rss(home, `<guid>1</guid><link>javascript:alert(1)</link>`), "https://cdn.example/", ""},
		{rss(home, `<guid>1</guid><link xml:base="https://based.example/x/">a</link>`), "https://cdn.example/", "https://based.example/x/a"},
		{atom("", `<link rel="self" href="https://site.example/blog/feed"/>`, `<link href="a"/>`), "https://cdn.example/", "https://site.example/blog/a"},
		{atom("", `<link href="https://site.example/blog/"/>`, `<link rel="alternate" href="a"/>`), "https://cdn.example/", "https://site.example/blog/a"},
		{atom("", ``, `<link href="a"/>`), "https://cdn.example/x/feed", "https://cdn.example/x/a"},
		{atom(` xml:base="https://based.example/b/"`, ``, `<link href="a"/>`), "https://cdn.example/x/feed", "https://based.example/b/a"},
		{atom(` xml:base="/b/"`, ``, `<link xml:base="c/" href="a"/>`), "https://cdn.example/x/feed", "https://cdn.example/b/c/a"},
		{`{"version":"https://jsonfeed.org/version/1","title":"T","home_page_url":"https://site.example/","items":[{"id":1,"title":"a","url":"/a"}]}`, "https://cdn.example/", "https://site.example/a"},
	} {
		r := reading(t, c.feed, c.address)
		if len(r.Facts) != 1 || r.Facts[0].saying().outlet().URL != c.want {
			t.Errorf("%s from %s: %+v, want %s", c.feed, c.address, r.Facts, c.want)
		}
	}
}

func TestWhatAFeedWithdrawsIsRetracted(t *testing.T) {
	feed := func(inside string) string {
		return `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"><title>T</title><link href="https://t.example/"/>` + inside + `</feed>`
	}
	entry := func(updated, title string) string {
		return `<entry><id>tag:t.example,2026:1</id><title>` + title + `</title><published>2026-11-25T09:00:00Z</published><updated>` + updated + `</updated></entry>`
	}
	const (
		gone    = `<at:deleted-entry ref="tag:t.example,2026:1" when="2026-11-25T10:00:00Z"><at:comment>An error</at:comment></at:deleted-entry>`
		other   = `<at:deleted-entry ref="tag:t.example,2026:other" when="2026-11-25T10:00:00Z"/>`
		nothing = "0 created, 0 corrected, 0 retracted, 0 refused"
	)
	m := &memory{t: t}
	for i, s := range []step{
		{feedA, feed(other + entry("2026-11-25T09:00:00Z", "a")), "1 created, 0 corrected, 0 retracted, 0 refused"},
		{feedA, feed(gone), "0 created, 0 corrected, 1 retracted, 0 refused"},
		{feedA, feed(gone + entry("2026-11-25T09:00:00Z", "a")), nothing},
		{feedA, feed(gone + entry("2026-11-25T11:00:00Z", "a")), "0 created, 1 corrected, 0 retracted, 0 refused"},
		{feedA, feed(entry("2026-11-25T11:00:00Z", "a")), nothing},
		{feedA, feed(gone), "0 created, 0 corrected, 1 retracted, 0 refused"},
		{feedA, feed(""), nothing},
	} {
		for _, want := range []string{s.want, nothing} {
			if got := took(m.told(reading(t, s.feed, s.address), nil)); got != want {
				t.Errorf("step %d: %s, want %s", i+1, got, want)
			}
		}
	}
	if got := m.notes(); !slices.Equal(got, []string{"a|2026-11-25T09:00:00Z|withdrawn"}) {
		t.Errorf("notes %q", got)
	}
}

func FuzzFeed(f *testing.F) {
	for _, path := range []string{"desk.rss", "wire091.rss", "bulletin10.rdf", "live20.rss", "press.atom", "planet.atom", "desk11.json", "notes.json"} {
		f.Add(fileText(f, "testdata/"+path), "application/xml")
	}
	f.Add("\xff\xfe<\x00r\x00s\x00s\x00/\x00>\x00", "text/xml; charset=utf-16")
	f.Fuzz(func(t *testing.T, feed, mediaType string) {
		r, err := makeReading(Page{Body: []byte(feed), MediaType: mediaType, Address: feedA}, Request{From: feedA})
		if err != nil {
			return
		}
		for _, fact := range r.Facts {
			written(t, fact)
		}
		m := &memory{t: t}
		m.told(r, nil)
		if sum := m.told(r, nil); sum.Created+sum.Corrected+sum.Retracted != 0 {
			t.Fatalf("again is more than once: %+v", sum)
		}
	})
}

func TestFeedsAsTheyAreFound(t *testing.T) {
	for name, c := range map[string]struct{ feed, want string }{
		"text and CDATA in turn":        {rss(`<item><guid>1</guid><title>One <![CDATA[<b>two</b> & ]]>three</title></item>`), "One two & three"},
		"HTML that is not escaped":      {rss(`<item><guid>1</guid><title>T</title><description><p>One<br>two</p>& three</description></item>`), "One\ntwo\n& three"},
		"no namespace is declared":      {`<rss><channel><title>T</title><item><guid>1</guid><dc:title>A</dc:title><content:encoded>One</content:encoded></item></channel></rss>`, "One"},
		"prefixed Atom":                 {`<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>T</a:title><a:entry><a:id>1</a:id><a:title type="html">O&amp;amp;ne</a:title></a:entry></a:feed>`, "O&ne"},
		"Atom 0.3":                      {`<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>T</title><entry><id>1</id><title>One</title><issued>2026-11-25T09:00:00Z</issued></entry></feed>`, "One"},
		"controls and no characters":    {rss("<item><guid>1</guid><title>O\x01n&#1;e&#xFFFF; &#x263A;</title></item>"), "One ☺"},
		"a style sheet and a comment":   {`<?xml version="1.0"?><?xml-stylesheet href="x"?><!-- <rss> -->` + rss(`<item><guid>1</guid><title>O<!-- x -->ne</title></item>`), "One"},
		"upper case":                    {`<RSS VERSION="2.0"><CHANNEL><TITLE>T</TITLE><ITEM><GUID>1</GUID><TITLE>One</TITLE></ITEM></CHANNEL></RSS>`, "One"},
		"white space before":            {"\n\n  " + rss(`<item><guid>1</guid><title>One</title></item>`), "One"},
		"an image says nothing":         {rss(`<item><guid>1</guid><title>T</title><description>&lt;img src="x"&gt;</description><content:encoded>One</content:encoded></item>`), "One"},
		"JSON with a name twice":        {`{"version":"1","title":"T","items":[{"id":"1","id":"1","content_text":"One","author":"Ada"}]}`, "One"},
		"JSON in UTF-16":                {"\xff\xfe" + utf16Bytes(`{"version":"1","title":"T","items":[{"id":"1","content_text":"Встреча"}]}`, false), "Встреча"},
		"RSS in UTF-16 without a mark":  {utf16Bytes(rss(`<item><guid>1</guid><title>Встреча</title></item>`), true), "Встреча"},
		"entities of HTML in the title": {rss(`<item><guid>1</guid><title>Caf&eacute; &mdash; &laquo;One&raquo;</title></item>`), "Café — «One»"},
	} {
		if r := reading(t, c.feed, feedA); len(r.Facts) != 1 || r.Facts[0].saying().Text != c.want {
			t.Errorf("%s: %+v, want %q", name, r, c.want)
		}
	}
	for name, feed := range map[string]string{
		"cut short": `<rss><channel><title>T</title><item><guid>1</guid><title>One`, "a page": "<!doctype html><html><body>x</body></html>", "nothing": "", "text": "One", "other JSON": `{"a":1}`, "broken JSON": `{"version":"1","items":[`,
		"too deep": strings.Repeat("<a>", 10000), "too many": "<rss>" + strings.Repeat("<a/>", maxElements+1),
	} {
		if r, err := makeReading(Page{Body: []byte(feed), Address: feedA}, Request{From: feedA}); err == nil || !strings.Contains(err.Error(), "is not a feed") {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// TestALargeTickerIsRead has as many items of one key as a feed can hold: what
// is done with them must not grow with their square.
func TestALargeTickerIsRead(t *testing.T) {
	var b strings.Builder
	const many = 20_000
	for i := range many {
		b.WriteString("<item><guid>live</guid><title>" + strconv.Itoa(i) + "</title></item>")
	}
	if r := reading(t, rss(b.String()), feedA); len(r.Facts) != many || !r.Facts[0].Shared {
		t.Errorf("%d facts", len(r.Facts))
	}
}
