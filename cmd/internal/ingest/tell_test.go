package ingest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// item is an item of RSS.
func item(guid, title, date, text string) string {
	return fmt.Sprintf(`<item><guid>%s</guid><title>%s</title><pubDate>%s</pubDate><description>%s</description></item>`, guid, title, date, text)
}

func rss(items ...string) string { return rssOf("", items...) }

func rssOf(self string, items ...string) string {
	return `<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>The Wire</title><link>https://wire.example/</link><atom:link rel="self" href="` + self + `"/>` +
		strings.Join(items, "") + `</channel></rss>`
}

// atomNote is an entry of Atom that says when it was updated alone.
func atomNote(title, text, updated string) string {
	return `<feed xmlns="http://www.w3.org/2005/Atom"><title>The Wire</title><entry><id>tag:wire.example,2026:1</id><title>` + title + `</title><updated>` + updated +
		`</updated><content>` + text + `</content></entry></feed>`
}

const (
	feedA = "https://wire.example/a.rss"
	feedB = "https://wire.example/b.rss"
	at9   = "Wed, 25 Nov 2026 09:00:00 GMT"
	at10  = "Wed, 25 Nov 2026 10:00:00 GMT"
	at11  = "Wed, 25 Nov 2026 11:00:00 GMT"
)

// step is a reading, and what comes of it.
type step struct{ address, feed, want string }

// TestWhatComesOfReadings runs each story twice: by one who watches, and by
// one who is restarted each time. Each reading is told again, and nothing
// may come of that.
func TestWhatComesOfReadings(t *testing.T) {
	const nothing = "0 created, 0 corrected, 0 retracted, 0 refused"
	one := func(s string) string { return "1 created" + s + ", 0 retracted, 0 refused" }
	for name, c := range map[string]struct {
		steps []step
		notes []string
	}{
		"two feeds of one site with the same guid": {
			[]step{
				{feedA, rss(item("1", "A lands", at9, "x")), one(", 0 corrected")},
				{feedB, rss(item("1", "B lands", at10, "y")), one(", 0 corrected")},
				{feedA, rss(item("1", "A lands", at9, "x")), nothing},
				{feedB, rss(item("1", "B lands", at10, "y")), nothing},
			}, []string{"A lands|2026-11-25T09:00:00Z", "B lands|2026-11-25T10:00:00Z"},
		},
		"two feeds of one site, no dates": {
			[]step{{feedA, rss(item("1", "A lands", "", "x")), one(", 0 corrected")}, {feedB, rss(item("1", "B lands", "", "y")), one(", 0 corrected")}, {feedA, rss(item("1", "A lands", "", "x")), nothing}},
			[]string{"A lands|", "B lands|"},
		},
		"a ticker, one line at a time": {
			[]step{{feedA, rss(item("live", "Lands", at9, "")), one(", 0 corrected")}, {feedA, rss(item("live", "Begins", at10, "")), one(", 0 corrected")}, {feedA, rss(item("live", "Ends", at11, "")), one(", 0 corrected")}},
			[]string{"Lands|2026-11-25T09:00:00Z", "Begins|2026-11-25T10:00:00Z", "Ends|2026-11-25T11:00:00Z"},
		},
		"a ticker, lines that pass through": {
			[]step{
				{feedA, rss(item("live", "Lands", at9, "")), one(", 0 corrected")},
				{feedA, rss(item("live", "Begins", at10, ""), item("live", "Lands", at9, "")), one(", 0 corrected")},
				{feedA, rss(item("live", "Ends", at11, ""), item("live", "Begins", at10, "")), one(", 0 corrected")},
				{feedA, rss(item("live", "Begins", at10, "")), nothing},
				{feedA, rss(item("live", "Ends", at11, "")), nothing},
				{feedA, rss(item("live", "Lands", at9, "")), nothing},
			}, []string{"Lands|2026-11-25T09:00:00Z", "Begins|2026-11-25T10:00:00Z", "Ends|2026-11-25T11:00:00Z"},
		},
		"a ticker, the same title at two times, and two titles at one": {
			[]step{{feedA, rss(item("live", "Update", at10, "b"), item("live", "Update", at9, "a"), item("live", "Other", at9, "c")), "3 created, 0 corrected, 0 retracted, 0 refused"}},
			[]string{"Other|2026-11-25T09:00:00Z", "Update|2026-11-25T09:00:00Z", "Update|2026-11-25T10:00:00Z"},
		},
		"a ticker without dates": {
			[]step{
				{feedA, rss(item("live", "Begins", "", ""), item("live", "Lands", "", "")), "2 created, 0 corrected, 0 retracted, 0 refused"},
				{feedA, rss(item("live", "Ends", "", ""), item("live", "Begins", "", "")), one(", 0 corrected")},
			}, []string{"Lands|", "Begins|", "Ends|"},
		},
		"an item that is changed": {
			[]step{
				{feedA, rss(item("1", "Lands", at9, "x")), one(", 0 corrected")},
				{feedA, rss(item("1", "Lands late", at9, "x")), "0 created, 1 corrected, 0 retracted, 0 refused"},
				{feedA, rss(item("1", "Landed late", at10, "x")), "0 created, 1 corrected, 0 retracted, 0 refused"},
				{feedA, rss(item("1", "Landed late", at11, "y")), "0 created, 1 corrected, 0 retracted, 0 refused"},
			}, []string{"Landed late|2026-11-25T09:00:00Z"},
		},
		"a self that changes": {
			[]step{{feedA, rssOf("https://wire.example/1", item("1", "Lands", at9, "x")), one(", 0 corrected")}, {feedA, rssOf("https://wire.example/2", item("1", "Lands", at9, "x")), nothing}, {feedA, rssOf("", item("1", "Lands", at9, "x")), nothing}},
			[]string{"Lands|2026-11-25T09:00:00Z"},
		},
		"a key in the address that changes": {
			[]step{{feedA + "?cat=1&apikey=one", rss(item("1", "Lands", at9, "x")), one(", 0 corrected")}, {"https://u:p@wire.example/a.rss?cat=1&apikey=two", rss(item("1", "Lands", at9, "x")), nothing}},
			[]string{"Lands|2026-11-25T09:00:00Z"},
		},
		"a counter in a title": {
			[]step{
				{feedA, rss(item("1", "Live: 3 updates", at9, "x")), one(", 0 corrected")},
				{feedA, rss(item("1", "Live: 4 updates", at9, "x")), "0 created, 1 corrected, 0 retracted, 0 refused"},
				{feedA, rss(item("1", "Live: 5 updates", at9, "x")), nothing},
				{feedA, rss(item("1", "Live: 12 updates", at10, "x")), nothing},
				{feedA, rss(item("1", "Live: 13 updates", at10, "y")), "0 created, 1 corrected, 0 retracted, 0 refused"},
				{feedA, rss(item("1", "Live: 14 updates", at11, "y")), nothing},
			}, []string{"Live: 13 updates|2026-11-25T09:00:00Z"},
		},
		"a counter in brackets, in a title alone": {
			[]step{
				{feedA, rss(item("1", "Talks", at9, "")), one(", 0 corrected")},
				{feedA, rss(item("1", "Talks (1 comment)", at9, "")), "0 created, 1 corrected, 0 retracted, 0 refused"},
				{feedA, rss(item("1", "Talks (2 comments)", at9, "")), nothing},
				{feedA, rss(item("1", "Talks (1,024 comments)", at9, "")), nothing},
				{feedA, rss(item("1", "Talks end (1,025 comments)", at9, "")), "0 created, 1 corrected, 0 retracted, 0 refused"},
			}, []string{"Talks end (1,025 comments)|2026-11-25T09:00:00Z"},
		},
		"white space that is changed": {
			[]step{{feedA, atomNote("Lands", "one\n  two\nthree", at9), one(", 0 corrected")}, {feedA, atomNote("Lands", "one two\nthree", at9), nothing}},
			[]string{"Lands|2026-11-25T09:00:00Z"},
		},
		"an entry of Atom without a date of its own": {
			[]step{{feedA, atomNote("Lands", "x", at9), one(", 0 corrected")}, {feedA, atomNote("Has landed", "y", at10), "0 created, 1 corrected, 0 retracted, 0 refused"}},
			[]string{"Has landed|2026-11-25T09:00:00Z"},
		},
		"a site that moves to https": {
			[]step{{"http://wire.example/a.rss", rss(item("1", "Lands", at9, "x")), one(", 0 corrected")}, {feedA, rss(item("1", "Lands", at9, "x")), nothing}},
			[]string{"Lands|2026-11-25T09:00:00Z"},
		},
		"a date that is repaired": {
			[]step{
				{feedA, rss(item("1", "Lands", "2026-11-25T09:00:00", "x")), one(", 0 corrected")},
				{feedA, rss(item("1", "Lands", at9, "x")), "0 created, 1 corrected, 0 retracted, 0 refused"},
				{feedA, rss(item("1", "Lands", at10, "x")), nothing},
				{feedA, rss(item("1", "Lands", "soon", "x")), nothing},
				{feedA, rss(item("1", "Lands", "", "x")), nothing},
			}, []string{"Lands|2026-11-25T09:00:00Z"},
		},
		"a date that is added, as the words are changed": {
			[]step{{feedA, rss(item("1", "Lands", "", "x")), one(", 0 corrected")}, {feedA, rss(item("1", "Lands late", at9, "x")), "0 created, 1 corrected, 0 retracted, 0 refused"}},
			[]string{"Lands late|2026-11-25T09:00:00Z"},
		},
		"a date that is broken": {
			[]step{{feedA, rss(item("1", "Lands", at9, "x")), one(", 0 corrected")}, {feedA, rss(item("1", "Lands", "2026-11-25T09:00:00", "x")), nothing}},
			[]string{"Lands|2026-11-25T09:00:00Z"},
		},
	} {
		for _, watched := range []bool{true, false} {
			m, tellers := &memory{t: t}, map[string]*Recorder{}
			for i, s := range c.steps {
				if tellers[s.address] == nil || !watched {
					tellers[s.address] = &Recorder{}
				}
				for _, want := range []string{s.want, nothing} {
					if got := took(m.told(reading(t, s.feed, s.address), tellers[s.address])); got != want {
						t.Errorf("%s, watched %v, step %d: %s, want %s", name, watched, i+1, got, want)
					}
				}
			}
			if got := m.notes(); !slices.Equal(got, c.notes) {
				t.Errorf("%s, watched %v: %q, want %q", name, watched, got, c.notes)
			}
		}
	}
}

func TestAWatchedSourceIsNotAskedAboutAgainAndNothingElseIsKept(t *testing.T) {
	m, teller := &memory{t: t}, &Recorder{}
	for n := range 50 {
		feed := rss(item(fmt.Sprint(n+1), fmt.Sprint("Item ", n+1), at10, "x"), item(fmt.Sprint(n), fmt.Sprint("Item ", n), at9, "x"))
		m.told(reading(t, feed, feedA), teller)
		asked := m.asked
		m.told(reading(t, feed, feedA), teller)
		if m.asked != asked || len(teller.recorded) != 2 {
			t.Fatalf("reading %d: asked %d times more, %d are kept", n, m.asked-asked, len(teller.recorded))
		}
	}
}

func TestWhatTheVersionBeforeRecordedIsRecognised(t *testing.T) {
	paths, err := filepath.Glob("testdata/before/*.ndjson")
	if err != nil || len(paths) != 8 {
		t.Fatalf("%d kept: %v", len(paths), err)
	}
	for _, path := range paths {
		m := &memory{t: t}
		m.load(path)
		kept := len(m.events)
		name := strings.TrimSuffix(filepath.Base(path), ".ndjson")
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, from := range []string{"https://mirror.example/" + name, "testdata/" + name, "http://127.0.0.1:8000/other?token=abc"} {
			r, err := makeReading(Page{Body: b, Address: from}, Request{From: from})
			if err != nil {
				t.Fatal(err)
			}
			sum := m.told(r, nil)
			if missing := map[string]int{"live20.rss": 1, "wire091.rss": 1}[name]; sum.Corrected != 0 || sum.Retracted != 0 || len(sum.Refused) != 0 || sum.Duplicate < kept || from[0] == 'h' && from[7] == 'm' && sum.Created != missing {
				t.Errorf("%s from %s: %+v, %d were kept", name, from, sum, kept)
			}
		}
	}
}

// The version before made ids from the page of a feed, so that two feeds of one
// page corrected each other. The fact is of the feed that it first was of.
func TestWhatTwoFeedsCorrectedInTurnIsOneOfThem(t *testing.T) {
	m := &memory{t: t}
	r := reading(t, rss(item("1", "A lands", at9, "x")), feedA)
	id := identify("https://wire.example/", "1")
	for _, raw := range []string{
		`{"id":"` + id.String() + `","source":"/desks/test","type":"note.added","subject":"note/1","time":"2026-11-25T09:00:00Z","data":{"headline":"A lands","text":"x","sources":[{"id":"feed","name":"The Wire"}]}}`,
		`{"id":"` + refileID(id, 1).String() + `","source":"/desks/test","type":"fact.corrected","subject":"note/1","data":{"target":"` + id.String() + `","class":"refile","notice":"n","patch":{"headline":"B lands","text":"y"}}}`,
	} {
		if _, err := m.Record(t.Context(), "geneva", []byte(raw)); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"0 created, 1 corrected, 0 retracted, 0 refused", "0 created, 0 corrected, 0 retracted, 0 refused"} {
		if got := took(m.told(r, nil)); got != want {
			t.Errorf("A: %s, want %s", got, want)
		}
	}
	for _, want := range []string{"1 created, 0 corrected, 0 retracted, 0 refused", "0 created, 0 corrected, 0 retracted, 0 refused"} {
		if got := took(m.told(reading(t, rss(item("1", "B lands", at10, "y")), feedB), nil)); got != want {
			t.Errorf("B: %s, want %s", got, want)
		}
	}
	if got := m.notes(); !slices.Equal(got, []string{"A lands|2026-11-25T09:00:00Z", "B lands|2026-11-25T10:00:00Z"}) {
		t.Errorf("notes %q", got)
	}
}

// Isolates of the Unicode bidirectional algorithm are recorded as they came. They
// change neither the id of an item nor what is told of it: the version before left
// them out.
func TestIsolatesAreRecordedAndAreNoNews(t *testing.T) {
	const title, text = "قال \u2068Reuters\u2069 اليوم", "הודעה \u2066Summit (2)\u2069 של \u2067היום\u2069"
	bare := func(s string) string {
		return strings.NewReplacer("\u2066", "", "\u2067", "", "\u2068", "", "\u2069", "").Replace(s)
	}
	m := &memory{t: t}
	for _, c := range []struct{ guid, title, date, text, want string }{
		{"\u20681\u2069", title + "\u202e\u0085", at9, text + "\u202a", "1 created, 0 corrected, 0 retracted, 0 refused"},
		{"1", title, at9, text, "0 created, 0 corrected, 0 retracted, 0 refused"},
		{"1", bare(title), at9, bare(text), "0 created, 0 corrected, 0 retracted, 0 refused"},
		{"1", bare(title), at10, bare(text) + "!", "0 created, 1 corrected, 0 retracted, 0 refused"},
		{"2", bare(title), at9, bare(text), "1 created, 0 corrected, 0 retracted, 0 refused"},
		{"2", title, at9, text, "0 created, 0 corrected, 0 retracted, 0 refused"},
		{"2", title, at9, text + "!", "0 created, 1 corrected, 0 retracted, 0 refused"},
	} {
		if got := took(m.told(reading(t, rss(item(c.guid, c.title, c.date, c.text)), feedA), nil)); got != c.want {
			t.Errorf("%+q: %s, want %s", c.text, got, c.want)
		}
	}
	if got := m.notes(); !slices.Equal(got, []string{title + "|2026-11-25T09:00:00Z", bare(title) + "|2026-11-25T09:00:00Z"}) {
		t.Errorf("notes %+q", got)
	}
	if got := reading(t, rss(item("1", title, at9, text)), feedA).Facts[0].saying(); got.Headline != title || got.Text != text {
		t.Errorf("%+q, %+q", got.Headline, got.Text)
	}
}
