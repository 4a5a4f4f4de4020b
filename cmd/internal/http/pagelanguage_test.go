package httpserver_test

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	nethtml "golang.org/x/net/html"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/cmd/internal/locale"
)

// allPages are the pages of a story that shows nearly everything a page can.
func (f *fixture) allPages() []string {
	f.amended()
	then := "/summits/alaska-2025?known=" + f.At("alaska-2025", 20)
	since := "/summits/alaska-2025?q=Anchorage&standing=unverified&since=" + f.At("alaska-2025", 3)
	return []string{"/", "/summits/alaska-2025", then, since, "/docs", "/docs/tour", "/signin"}
}

func withLang(path, lang string) string {
	if strings.Contains(path, "?") {
		return path + "&lang=" + lang
	}
	return path + "?lang=" + lang
}

// leftovers are the texts of the English catalogue that are another in a language, of
// more than a word, so that they are of no other origin.
func leftovers(english, l *locale.Language) []string {
	others := l.Texts("")
	var list []string
	for key, forms := range english.Texts("") {
		if text := forms["other"]; strings.Contains(text, " ") && !strings.Contains(text, "{") && others[key]["other"] != text {
			list = append(list, text)
		}
	}
	slices.Sort(list)
	return list
}

// outsideOwn returns the text of a page without what somebody wrote, and without parts
// that say they are in English.
func outsideOwn(f *fixture, page string) string {
	root, err := nethtml.Parse(strings.NewReader(page))
	f.Must(err)
	var b strings.Builder
	var walk func(n *nethtml.Node)
	walk = func(n *nethtml.Node) {
		if n.Data == "bdi" || n.Data == "q" || n.Data == "code" {
			return
		}
		for _, a := range n.Attr {
			if a.Key == "dir" && a.Val == "auto" || a.Key == "lang" && a.Val == "en" {
				return
			}
			switch a.Key {
			case "aria-label", "title":
				b.WriteString(a.Val + " ")
			case "data-texts": // places in them are still to be filled
				var texts map[string]map[string]string
				f.Must(json.Unmarshal([]byte(a.Val), &texts))
				for _, forms := range texts {
					b.WriteString(places.ReplaceAllString(strings.Join(slices.Collect(maps.Values(forms)), " "), "") + " ")
				}
			}
		}
		if n.Type == nethtml.TextNode {
			b.WriteString(n.Data + " ")
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	walk(root)
	return b.String()
}

func TestPagesAreToldInEachLanguage(t *testing.T) {
	f := newFixture(t)
	paths := f.allPages()
	all, err := locale.Load()
	f.Must(err)
	for _, l := range all.Languages() {
		english := leftovers(all.Languages()[0], l)
		for _, path := range paths {
			r := f.Get(withLang(path, l.Tag), "Accept", "text/html", "Accept-Language", "fi").Want(http.StatusOK)
			if !strings.Contains(r.Body, `<html lang="`+l.Tag+`" dir="`+l.Direction+`">`) || r.Header.Get("Content-Language") != l.Tag {
				t.Errorf("%s in %s: %s, Content-Language: %s", path, l.Tag, regexp.MustCompile(`<html[^>]*>`).FindString(r.Body), r.Header.Get("Content-Language"))
			}
			if path != "/signin" && !strings.Contains(strings.Join(r.Header.Values("Vary"), ", "), "Accept-Language") {
				t.Errorf("%s: Vary: %s", path, r.Header.Values("Vary"))
			}
			shown := outsideOwn(f, r.Body)
			for _, text := range english {
				if strings.Contains(shown, text) {
					t.Errorf("%s in %s says in English: %q", path, l.Tag, text)
				}
			}
			for _, key := range regexp.MustCompile(`\b(page|index|story|live|controls|banner|board|chart|changed|stamp|timeline|strip|drawer|cite|filter|docs|signin|value|time|sources|role)\.[a-z]+`).FindAllString(shown, -1) {
				if _, ok := l.Texts("")[key]; ok {
					t.Errorf("%s in %s shows the key %s", path, l.Tag, key)
				}
			}
			if place := places.FindString(shown); place != "" {
				t.Errorf("%s in %s has an empty place %s", path, l.Tag, place)
			}
		}
	}
}

var places = regexp.MustCompile(`\{[a-z]+\}`)

func TestWhatAPageSaysInALanguage(t *testing.T) {
	f := newFixture(t)
	f.amended()
	for lang, wants := range map[string][]string{
		"de": {
			"Was jetzt gilt", "Ilyushin Il-96-300 gelandet – Joint Base Elmendorf-Richardson (PAED)", "Zuschauer: mindestens 20.000.", "25 Tatsachen, 9 Änderungen",
			"zwischen Do., 14. Aug. 2025, 18:00 und 24:00 AKDT (UTC−8)", "nicht vor Fr., 15. Aug. 2025, 10:30 AKDT (UTC−8)", "87,8° N, kreuzt den Antimeridian", "7.008 km",
			"Russian Telegram channels, über Reuters und Newsmax; Satellite imagery bestätigt F3", "2 Medien, 1 Ursprung", "Quelle: Zuverlässigkeit nicht beurteilbar; Information: möglicherweise zutreffend",
			"ZURÜCKGEZOGEN The White House warns Moscow", "Territorial swaps strittig", "Tagungsort: America/Anchorage",
		},
		"uk": {"Що відомо зараз", "25 фактів", "між чт, 14 серп. 2025 р., 18:00 та 24:00 AKDT", "2 видання, 1 першоджерело", "7\u00a0008 км"},
		"ar": {"ما هو قائم الآن", "25 واقعة", "بين الخميس، 14 أغسطس 2025، 18:00 و24:00", "وسيلتا إعلام، مصدر أصلي واحد", "7,008 كم"},
	} {
		page := strings.NewReplacer("\u2068", "", "\u2069", "").Replace(text(f.page("/summits/alaska-2025?lang=" + lang)))
		page = strings.ReplaceAll(page, "7 008", "7\u00a0008") // text makes spaces of all that are
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page lacks %q: %s", lang, want, page)
			}
		}
	}
}

func TestContradictionsAreToldInTheReadersLanguageAndZone(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	for _, x := range []struct{ source, time string }{{"the tower", "2025-08-14T08:00:00Z"}, {"Blick", "2025-08-14T09:30:00Z"}} {
		f.Record("geneva", servertest.Event("aircraft.landed", "aircraft/one", fmt.Sprintf(
			`{"model":"AB-1","place":{"name":"Geneva"},"when":{"best":%q,"phase":"actual"},"sources":[{"id":"s","name":%q}]}`, x.time, x.source)))
	}
	for query, wants := range map[string][]string{
		"?zone=UTC":                    {"doubtful", "AB-1", "the tower says Thu 14 Aug 2025 08:00 UTC, Blick says Thu 14 Aug 2025 09:30 UTC"},
		"?lang=de&zone=Europe/Berlin":  {"zweifelhaft", "AB-1", "the tower sagt Do., 14. Aug. 2025, 10:00 CEST, Blick sagt Do., 14. Aug. 2025, 11:30 CEST"},
		"?lang=ru&zone=Europe/Moscow":  {"сомнительно", "чт, 14 авг. 2025 г., 11:00 MSK"},
		"?lang=ar&zone=Asia/Kathmandu": {"مشكوك فيه", "الخميس، 14 أغسطس 2025، 13:45"},
	} {
		got := text(section(t, f.page("/summits/geneva"+query), "now"))
		for _, want := range wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s: lacks %q: %s", query, want, got)
			}
		}
	}
}

func TestTheLanguageIsChosenByTheAddressThenByTheBrowser(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	for _, x := range []struct{ path, accept, want string }{
		{"/summits/alaska-2025", "", "en"},
		{"/summits/alaska-2025", "uk,en;q=0.5", "uk"},
		{"/summits/alaska-2025?lang=ar", "uk,en;q=0.5", "ar"},
		{"/summits/alaska-2025?lang=ja", "fr", "en"},
		{"/", "de-AT", "de"},
		{"/docs", "ru", "ru"},
		{"/signin", "es", "es"},
	} {
		r := f.Get(x.path, "Accept", "text/html", "Accept-Language", x.accept).Want(http.StatusOK)
		if got := r.Header.Get("Content-Language"); got != x.want || !strings.Contains(r.Body, `<html lang="`+x.want+`"`) {
			t.Errorf("%s with Accept-Language: %s is in %s, want %s", x.path, x.accept, got, x.want)
		}
	}
}

func TestTheSwitchOfLanguagesKeepsTheOtherParameters(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	page := f.page("/summits/alaska-2025?lang=de&zone=UTC&q=anchorage&limit=3")
	links := map[string]string{}
	for _, m := range regexp.MustCompile(`<a href="([^"]*)" lang="(..)" hreflang="(..)"`).FindAllStringSubmatch(page, -1) {
		links[m[2]] = html.UnescapeString(m[1])
	}
	if got := slices.Sorted(maps.Keys(links)); strings.Join(got, " ") != "ar de en es fr ru uk" {
		t.Fatalf("the switch has %v", got)
	}
	if want := "/summits/alaska-2025?lang=ar&limit=3&q=anchorage&zone=UTC"; links["ar"] != want {
		t.Errorf("Arabic is at %s, want %s", links["ar"], want)
	}
	if r := f.Get(links["ar"]).Want(http.StatusOK); r.Header.Get("Content-Language") != "ar" || strings.Count(r.Body, `<li id="f-`) != 3 {
		t.Errorf("its page: %s", text(r.Body))
	}
	for _, want := range []string{`<input type="hidden" name="lang" value="de">`, `href="/?lang=de"`, `href="/docs/tour?lang=de"`} {
		if !strings.Contains(page, want) {
			t.Errorf("what leads on from the page lacks %s", want)
		}
	}
	if more := regexp.MustCompile(`<p class="next"><a href="([^"]*)">Mehr</a>`).FindStringSubmatch(page); more == nil || !strings.Contains(more[1], "lang=de") {
		t.Errorf("the next page is at %v", more)
	}
}

func TestWhatSomebodyWroteHasItsOwnDirectionAndLanguage(t *testing.T) {
	f := newFixture(t)
	f.Post("/v1/summits", respond.JSONType, `{"id":"own","title":"قمة جنيف","lang":"ar","zone":"UTC","place":{"name":"Genève"},"parties":[{"id":"a","name":"مصر"}]}`).Want(http.StatusCreated)
	f.Record("own", servertest.Event("note.added", "note/a", `{"headline":"وصول الوفد #3","lang":"ar","text":"نص","note":"ملاحظة","sources":[{"id":"s","name":"وكالة"}]}`))
	page := f.page("/summits/own")
	for _, want := range []string{
		`<h1 lang="ar" dir="rtl">قمة جنيف</h1>`, `<bdi>Genève</bdi>`, `<bdi lang="ar">وصول الوفد #3</bdi>`, `<p class="detail" dir="auto" lang="ar">نص</p>`,
		`<p class="note" dir="auto" lang="ar">ملاحظة</p>`, `<b><bdi>وكالة</bdi></b>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if list := f.page("/"); !strings.Contains(list, `<bdi lang="ar">قمة جنيف</bdi>`) {
		t.Errorf("the list has the title in no language: %s", list)
	}
	if feed := f.Get("/v1/summits/own/timeline.atom").Body; !strings.Contains(feed, `<title type="text" xml:lang="ar">قمة جنيف</title>`) {
		t.Errorf("the feed has the title in no language: %s", feed)
	}
	f.Open("geneva")
	for summit, want := range map[string]string{"own": `"title":"قمة جنيف","lang":"ar","zone":`, "geneva": `"title":"Summit geneva","zone":`} {
		if said := f.Get("/v1/summits/" + summit).Body; !strings.Contains(said, want) {
			t.Errorf("%s says %s, want %s", summit, said, want)
		}
	}
	if page := f.page("/summits/geneva"); !strings.Contains(page, `<h1 dir="auto">Summit geneva</h1>`) {
		t.Error("a title whose language nobody said has one")
	}
}

func TestTheDirectionOfATitleIsThatOfItsLanguage(t *testing.T) {
	f := newFixture(t)
	for lang, want := range map[string]string{"he": "rtl", "az-Arab": "rtl", "ar-Latn": "ltr", "ru": "ltr"} {
		id := strings.ToLower(lang)
		f.Post("/v1/summits", respond.JSONType, `{"id":"`+id+`","title":"T","lang":"`+lang+`","zone":"UTC","parties":[]}`).Want(http.StatusCreated)
		if page := f.page("/summits/" + id); !strings.Contains(page, `<h1 lang="`+lang+`" dir="`+want+`">T</h1>`) {
			t.Errorf("%s: the title has another direction than %s", lang, want)
		}
	}
}

func TestTheSignInKeepsTheLanguage(t *testing.T) {
	f, _ := guarded(t)
	cookie := []string{"Accept", browser, "Cookie", "summit_token=secret-narrow"}
	to := f.Get("/summits/alaska?lang=de", cookie...).Want(http.StatusSeeOther).Header.Get("Location")
	form := f.Get(to, cookie...).Want(http.StatusOK)
	if said := text(form.Body); !strings.Contains(said, "narrow, Redakteur: kein Zugang zu /summits/alaska?lang=de.") || form.Header.Get("Content-Language") != "de" {
		t.Errorf("%s leads to %s", to, said)
	}
	if !strings.Contains(form.Body, `<input type="hidden" name="lang" value="de">`) {
		t.Error("the form forgets the language")
	}
	refused := f.Post("/signin", "application/x-www-form-urlencoded", "token=wrong&next=/&lang=ar", "Accept", browser).Want(http.StatusUnauthorized)
	if !strings.Contains(refused.Body, `role="alert" lang="en" dir="auto">The token is unknown.`) || refused.Header.Get("Content-Language") != "ar" {
		t.Errorf("%s", refused.Body)
	}
	for query, want := range map[string]string{"": "/summits/alaska?type=note.%2A", "&lang=ar": "/summits/alaska?lang=ar&type=note.%2A"} {
		in := f.Post("/signin", "application/x-www-form-urlencoded", "token=secret-reader&next=/summits/alaska?type=note.%252A"+query, "Accept", browser).Want(http.StatusSeeOther)
		if to := in.Header.Get("Location"); to != want {
			t.Errorf("the sign-in with %q leads to %s, want %s", query, to, want)
		}
	}
}

func TestTheSignOutKeepsTheLanguage(t *testing.T) {
	f, _ := guarded(t)
	cookie := []string{"Accept", browser, "Cookie", "summit_token=secret-reader"}
	for _, path := range []string{"/", "/summits/alaska", "/docs", "/signin"} {
		for lang, chosen := range map[string]string{"": "", "?lang=de": `<input type="hidden" name="lang" value="de">`} {
			page := f.Get(path+lang, cookie...).Want(http.StatusOK).Body
			if !strings.Contains(page, ` method="post" action="/signout">`+chosen) || chosen == "" && strings.Contains(page, `name="lang"`) {
				t.Errorf("%s%s: signing out forgets the language", path, lang)
			}
		}
	}
	for form, want := range map[string]string{"": "/", "lang=de": "/?lang=de", "lang=xx": "/?lang=en"} {
		out := f.Post("/signout", "application/x-www-form-urlencoded", form, cookie...).Want(http.StatusSeeOther)
		if to := out.Header.Get("Location"); to != want {
			t.Errorf("signing out with %q leads to %s, want %s", form, to, want)
		}
	}
}
