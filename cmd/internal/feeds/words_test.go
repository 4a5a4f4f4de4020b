package feeds

import (
	"bytes"
	"strings"
	"testing"

	"github.com/emersion/go-ical"
	"golang.org/x/net/html"

	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
	"github.com/summit-timeline/summit/projections"
)

// told is a feed in a language, of a disputed fact that others corroborate.
func told(t *testing.T, tag string) Feed {
	t.Helper()
	languages, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	f := feed(t, nil, fact(factA, "delegate.arrived", "person/p", func(it *projections.Item) {
		it.When, it.Standing, it.Roots = actual(12), projections.StandingDisputed, 2
		it.Sources = events.Sources{{ID: "a", Name: "Alpha"}, {ID: "b", Name: "Beta", Via: []string{"a"}}, {ID: "c", Name: "Gamma", Via: []string{"b"}}}
		it.Attribution = languages.Choose(tag, "").Messages().Sources(append(it.Sources.Origins(), message.Origin{Name: "Delta"}))
		it.Grade = new("B2")
		it.Data = []byte(`{"quote":"Well"}`)
		amended(it, projections.AmendmentOf{ID: amend, Type: "fact.disputed", Recorded: hour(4), Notice: "It is denied."})
	}))
	f.Clock.Language = languages.Choose(tag, "")
	return f
}

func TestFeedsAreToldInTheReadersLanguage(t *testing.T) {
	quotes := map[string]string{
		"en": "“Well”", "de": "„Well“", "es": "«Well»", "fr": "«\u00a0Well\u00a0»", "ru": "«Well»", "uk": "«Well»", "ar": "«\u2068Well\u2069»",
	}
	for tag, want := range map[string]struct{ title, notice, when, word, standing string }{
		"en": {"DISPUTED: What happened", "DISPUTED, Fri 15 Aug 2025 04:00 UTC: It is denied.", "When: Fri 15 Aug 2025 12:00 UTC", "On whose word: Alpha, via Beta and Gamma; Delta", "Standing: disputed, 2 independent sources, grade B2"},
		"de": {"UMSTRITTEN: What happened", "BESTRITTEN, ", "Wann: ", "Wer dafür steht: Alpha, über Beta und Gamma; Delta", "Beleglage: umstritten, 2 unabhängige Quellen, Bewertung B2"},
		"es": {"CUESTIONADO: What happened", "CUESTIONADO, ", "Cuándo: ", "Según: Alpha, a través de Beta y de Gamma; Delta", "Verificación: cuestionado, 2 fuentes independientes, calificación B2"},
		"fr": {"CONTESTÉ\u202f: What happened", "CONTESTÉ, ", "Quand\u202f: ", "Selon\u202f: Alpha, via Beta et Gamma\u202f; Delta", "Statut\u202f: contesté, 2 sources indépendantes, cote B2"},
		"ru": {"ОСПАРИВАЕТСЯ: What happened", "ОСПОРЕНО, ", "Когда: ", "С чьих слов: Alpha, через Beta и Gamma; Delta", "Статус: оспаривается, 2 независимых источника, оценка B2"},
		"uk": {"ЗАПЕРЕЧУЄТЬСЯ: What happened", "ЗАПЕРЕЧЕНО, ", "Коли: ", "З чиїх слів: Alpha, через Beta та Gamma; Delta", "Статус: заперечується, 2 незалежні джерела, оцінка B2"},
		"ar": {"متنازع عليه: What happened", "اعتراض، ", "الوقت: ", "نقلًا عن: \u2068Alpha\u2069، عبر \u2068Beta\u2069 و\u2068Gamma\u2069؛ \u2068Delta\u2069", "درجة الثبوت: متنازع عليه، مصدران مستقلان، التقييم \u2068B2\u2069"},
	} {
		f := told(t, tag)
		e := only(t, readICS(t, f))
		if got := value(t, e, ical.PropSummary); got != want.title || e.Props.Get(ical.PropSummary).Params.Get("LANGUAGE") != tag {
			t.Errorf("%s: the calendar has %q in %v", tag, got, e.Props.Get(ical.PropSummary).Params)
		}
		p, text := readAtom(t, f)
		entry := p.Entries[0]
		if p.Language != tag || entry.Title != want.title || strings.Contains(text, "<title type=\"text\" xml:lang") {
			t.Errorf("%s: Atom in %q has %q", tag, p.Language, entry.Title)
		}
		blog := expandJSONLD(t, f)
		post := under(blog, "liveBlogUpdate")[0]
		if under(blog, "inLanguage")[0]["@value"] != tag || under(post, "inLanguage")[0]["@value"] != tag || under(post, "headline")[0]["@value"] != want.title {
			t.Errorf("%s: JSON-LD has %v", tag, blog)
		}
		body, _ := under(post, "articleBody")[0]["@value"].(string)
		for _, s := range []string{want.notice, quotes[tag], want.when, want.word, want.standing} {
			for format, text := range map[string]string{"ics": value(t, e, ical.PropDescription), "atom": entry.Content.Value, "jsonld": body} {
				if !strings.Contains(text, s) {
					t.Errorf("%s: %s lacks %q: %q", tag, format, s, text)
				}
			}
		}
		row := readCSV(t, f)[0]
		if !strings.HasSuffix(want.word, row["attribution"]) || !strings.HasPrefix(row["notices"], want.notice) || row["standing"] != "disputed" {
			t.Errorf("%s: the table has %v", tag, row)
		}
	}
}

// A fact's own words are marked with the language that it says they are in.
func TestAFactsOwnWordsAreMarkedWithTheirLanguage(t *testing.T) {
	for data, want := range map[string]struct{ title, content string }{
		`{"lang":"ru","headline":"Слова","text":"Слова"}`: {"ru", "ru"},
		`{"lang":"ru","text":"Слова"}`:                    {"en", "ru"},
		`{"lang":"ru"}`:                                   {"en", "en"},
		`{"text":"Слова"}`:                                {"en", "en"},
		`{"lang":"en","headline":"Words"}`:                {"en", "en"},
	} {
		f := feed(t, nil, fact(factA, "delegate.arrived", "person/p", func(it *projections.Item) { it.Data, it.When = []byte(data), actual(12) }))
		text := written(t, func(b *bytes.Buffer) error { return writeAtom(b, f) })
		if got := langOf(t, text, "title"); got != want.title {
			t.Errorf("%s: the title is in %q", data, got)
		}
		if got := langOf(t, text, "content"); got != want.content {
			t.Errorf("%s: the content is in %q", data, got)
		}
		if got := only(t, readICS(t, f)).Props.Get(ical.PropSummary).Params.Get("LANGUAGE"); got != want.title {
			t.Errorf("%s: the summary is in %q", data, got)
		}
		var tags []string
		for _, v := range under(under(expandJSONLD(t, f), "liveBlogUpdate")[0], "inLanguage") {
			tags = append(tags, v["@value"].(string))
		}
		if tags[0] != "en" || tags[len(tags)-1] != want.content {
			t.Errorf("%s: the post is in %q", data, tags)
		}
	}
}

// langOf is the language of an element of the first entry, its own or that of what it
// stands in.
func langOf(t *testing.T, feed, name string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(feed[strings.Index(feed, "<feed"):]))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != name || n.Parent.Data != "entry" {
			continue
		}
		for ; n != nil; n = n.Parent {
			for _, a := range n.Attr {
				if a.Key == "xml:lang" {
					return a.Val
				}
			}
		}
	}
	return ""
}

func TestTheVocabularyHasItsPlaceInTablesAndPosts(t *testing.T) {
	for _, c := range []struct {
		typ, entity, data          string
		name, kind, from, to, with string // cells
		thing, place               string // of the post
	}{
		{"incident.reported", "incident/march", `{"title":"March","kind":"protest"}`, "March", "protest", "", "", "", "Event", "Helsinki"},
		{"site.changed", "site/park", `{"name":"Parc La Grange","state":"closed"}`, "Parc La Grange", "", "", "", "", "Place", "Parc La Grange"},
		{"vehicle.departed", "vehicle/cars", `{"kind":"motorcade","name":"The Beast","from":{"name":"Hotel"},"to":{"name":"Airport","icao":"WSAP"},"aboard":["person/a","person/b"]}`, "The Beast", "motorcade", "Hotel", "Airport (WSAP)", "person/a person/b", "Vehicle", "Helsinki"},
		{"delegate.arrived", "person/a", `{"name":"A","aboard":"aircraft/x"}`, "A", "", "", "", "aircraft/x", "Person", "Helsinki"},
		{"document.signed", "document/d", `{"title":"Joint statement","kind":"joint-statement","url":"https://example.org/d"}`, "Joint statement", "joint-statement", "", "", "", "CreativeWork", ""},
		{"aircraft.landed", "aircraft/x", `{"model":"Il-96","registration":"RA-96022"}`, "Il-96 RA-96022", "", "", "", "", "Vehicle", "Helsinki"},
		{"meeting.scheduled", "meeting/m", `{"title":"Talks","kind":"talks","places":[{"name":"Park"},{"name":"Villa"}]}`, "Talks", "talks", "", "", "", "Event", "Park"},
		{"measure.began", "measure/x", `{"title":"Airspace closed","kind":"airspace"}`, "Airspace closed", "airspace", "", "", "", "Thing", ""},
	} {
		f := feed(t, nil, fact(factA, c.typ, c.entity, func(it *projections.Item) {
			it.Data = []byte(c.data)
			if c.place == "Helsinki" {
				it.Where = &events.Place{Name: c.place}
			}
		}))
		row := readCSV(t, f)[0]
		if row["name"] != c.name || row["kind"] != c.kind || row["from"] != c.from || row["to"] != c.to || row["aboard"] != c.with {
			t.Errorf("%s: row %v", c.typ, row)
		}
		post := under(expandJSONLD(t, f), "liveBlogUpdate")[0]
		about := under(post, "about")[0]
		if !is(about, c.thing) || under(about, "name")[0]["@value"] != c.name || under(about, "identifier")[0]["@value"] != c.entity {
			t.Errorf("%s is about %v", c.typ, about)
		}
		places := under(post, "contentLocation")
		if (len(places) > 0) != (c.place != "") || c.place != "" && under(places[0], "name")[0]["@value"] != c.place {
			t.Errorf("%s is at %v", c.typ, places)
		}
	}
}
