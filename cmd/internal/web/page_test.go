package web

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	nethtml "golang.org/x/net/html"
)

// page reads a page for people and checks what every page must have.
func (f *fixture) page(path string) string {
	f.Helper()
	r := f.get(path).want(http.StatusOK)
	if got := r.header.Get("Content-Type"); got != "text/html; charset=utf-8" {
		f.Errorf("%s: %s", path, got)
	}
	policy := map[string]string{}
	for part := range strings.SplitSeq(r.header.Get("Content-Security-Policy"), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), " ")
		policy[name] = value
	}
	for name, want := range map[string]string{"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'", "form-action": "'self'"} {
		if policy[name] != want {
			f.Errorf("%s: %s is %q, want %q", path, name, policy[name], want)
		}
	}
	if r.header.Get("X-Content-Type-Options") != "nosniff" || r.header.Get("Referrer-Policy") != "no-referrer" {
		f.Errorf("%s: header %v", path, r.header)
	}
	return r.body
}

// section is the part of a page between its heading and its end.
func section(t *testing.T, page, name string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, `<section aria-labelledby="`+name+`">`)
	part, _, closed := strings.Cut(rest, "</section>")
	if !ok || !closed {
		t.Fatalf("no section %s: %s", name, page)
	}
	return part
}

var tags = regexp.MustCompile(`<[^>]*>`)

// text is what a reader without style and script sees, on one line.
func text(markup string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(markup, " "))), " ")
}

func TestThePageTellsTheStoryWithoutScript(t *testing.T) {
	f := newFixture(t)
	f.amended()
	page := f.page("/summits/alaska-2025")
	board := text(section(t, page, "now"))
	for _, want := range []string{
		"Ilyushin Il-96-300 landed at Joint Base Elmendorf-Richardson (PAED) from Vnukovo, Moscow (UUWW)", "20000 or more", "Delegation ru arrived", "Sergey Lavrov Foreign Minister, arrived",
		"Meeting of the leaders scheduled", "who Donald Trump, Vladimir Putin", "Joint document: not expected", "Ukraine: expected", "Territorial swaps contested", "security raised",
	} {
		if !strings.Contains(board, want) {
			t.Errorf("the board lacks %q: %s", want, board)
		}
	}
	timeline := section(t, page, "timeline")
	items := f.timeline("alaska-2025", "").Items
	if got := strings.Count(timeline, `<li id="f-`); got != 25 || len(items) != 25 {
		t.Errorf("%d items, want 25", got)
	}
	for _, i := range items {
		_, rest, _ := strings.Cut(timeline, `<li id="f-`+i.Fact+`" class="`+i.Standing+`">`)
		entry, _, _ := strings.Cut(rest, "</li>")
		for _, want := range []string{i.Headline, i.Attribution + " " + i.Standing, fmt.Sprintf("#%d", i.Seq), "On whose word", "at position " + i.Position} {
			if !strings.Contains(text(entry), want) {
				t.Errorf("item %d lacks %q: %s", i.Seq, want, text(entry))
			}
		}
	}
	for _, want := range []string{
		"RETRACTED The White House warns Moscow", "Russian Telegram channels, via Reuters and Newsmax; Satellite imagery corroborated F3",
		"The count was too low. /data/watchers 18000 20000", "about: late Thursday (between Thu 14 Aug 2025 18:00 and 24:00 AKDT)", "2 independent sources",
		"Russian Telegram channels (social) → Reuters (agency), from Russian Telegram channels → Newsmax (outlet), from Reuters", "time not known",
	} {
		if !strings.Contains(text(timeline), want) {
			t.Errorf("the timeline lacks %q: %s", want, text(timeline))
		}
	}
	for _, want := range []string{`<form class="controls" method="get"`, `<select name="zone"><option selected>America/Anchorage</option><option>Europe/Moscow</option><option>America/New_York</option><option>UTC</option></select>`, `<select name="known">`, `lang="en"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(strings.ToLower(page), " style=") || strings.Contains(page, " onclick") || strings.Count(page, "<script") != 1 {
		t.Error("the page has style or script of its own, which its policy forbids")
	}
}

func TestTheZoneChangesTheTimesShown(t *testing.T) {
	f := newFixture(t)
	f.alaska()
	for zone, want := range map[string]string{
		"": "not before Fri 15 Aug 2025 10:30 AKDT", "America/Anchorage": "not before Fri 15 Aug 2025 10:30 AKDT", "America/New_York": "not before Fri 15 Aug 2025 14:30 EDT",
		"Europe/Moscow": "not before Fri 15 Aug 2025 21:30 MSK", "UTC": "not before Fri 15 Aug 2025 18:30 UTC", "Asia/Tokyo": "not before Sat 16 Aug 2025 03:30 JST",
	} {
		page := f.page("/summits/alaska-2025?zone=" + url.QueryEscape(zone))
		if got := text(section(t, page, "timeline")); !strings.Contains(got, want) {
			t.Errorf("%s: the timeline lacks %q", zone, want)
		}
		if got := text(section(t, page, "now")); !strings.Contains(got, want) {
			t.Errorf("%s: the board lacks %q", zone, want)
		}
	}
}

func TestThePageShowsWhatWasKnownThen(t *testing.T) {
	f := newFixture(t)
	f.amended()
	then := f.page("/summits/alaska-2025?known=" + f.at("alaska-2025", 3))
	if strings.Count(then, `<li id="f-`) != 2 || !strings.Contains(then, "data-frozen") || !strings.Contains(text(then), "this is what was known at Thu 14 Aug 2025 12:00 AKDT") {
		t.Errorf("as known at 3: %s", text(then))
	}
	if now := f.page("/summits/alaska-2025"); strings.Contains(now, "data-frozen") || strings.Contains(now, "Frozen") {
		t.Error("the present is shown as frozen")
	}
}

// hostile is text that is markup, script or an attribute where it is not
// escaped.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</title><svg onload=alert(1)>`, `<!-- a -->`,
	`javascript:alert(1)`, "{{.Title}}", `</script><script>`, `&lt;b&gt;`,
}

// The elements and attributes of which the pages are made.
const (
	ownElements   = " html head meta link title script body a header p h1 h2 h3 span strong form label select option input button main section div article dl dt dd ul ol li del ins details summary footer code "
	ownAttributes = " lang charset name content rel href type src class id role value selected method action aria-labelledby aria-live aria-label data-summit data-position data-frozen hidden "
)

// strange lists what the pages are not made of.
func strange(f *fixture, page string) (faults []string) {
	root, err := nethtml.Parse(strings.NewReader(page))
	f.must(err)
	for n := range root.Descendants() {
		if n.Type == nethtml.CommentNode || (n.Type == nethtml.ElementNode && !strings.Contains(ownElements, " "+n.Data+" ")) {
			faults = append(faults, n.Data)
		}
		for _, a := range n.Attr {
			address := a.Val == "" || (a.Key != "href" && a.Key != "src" && a.Key != "action")
			for _, start := range []string{"/", "#", "https://example.org/"} {
				address = address || strings.HasPrefix(a.Val, start)
			}
			if !address || !strings.Contains(ownAttributes, " "+a.Key+" ") || (n.Data == "script" && a.Key == "src" && a.Val != "/assets/live.js") {
				faults = append(faults, n.Data+" "+a.Key+"="+a.Val)
			}
		}
		if n.Data == "script" && n.Type == nethtml.ElementNode && n.FirstChild != nil {
			faults = append(faults, "script "+n.FirstChild.Data)
		}
	}
	return faults
}

func TestHostileTextNeverBecomesMarkup(t *testing.T) {
	f := newFixture(t)
	for i, bad := range hostile {
		summit, q := fmt.Sprint("s", i), string(quoted(bad))
		f.post("/v1/summits", jsonType, fmt.Sprintf(`{"id":%q,"title":%s,"zone":"UTC","place":{"name":%s},"parties":[{"id":"a","name":%s}]}`, summit, q, q, q)).want(http.StatusCreated)
		sources := fmt.Sprintf(`"sources":[{"id":"s","name":%s,"url":"https://example.org/?q=%s"}]`, q, url.QueryEscape(bad))
		first := f.record(summit, event("note.added", "note/a", fmt.Sprintf(`{"headline":%s,"note":%s,"text":%s,"when":{"text":%s},%s}`, q, q, q, q, sources), "source", q))
		f.record(summit, event("aircraft.landed", "aircraft/a", fmt.Sprintf(`{"model":%s,"operator":%s,"place":{"name":%s},%s}`, q, q, q, sources)))
		f.record(summit, event("position.stated", "topic/t", fmt.Sprintf(`{"title":%s,"actor":%s,"stance":"for","detail":%s,%s}`, q, q, q, sources)))
		f.record(summit, event("meeting.scheduled", "meeting/m", fmt.Sprintf(`{"title":%s,"kind":"talks","participants":[%s],%s}`, q, q, sources)))
		f.record(summit, event("site.prepared", "site/s", fmt.Sprintf(`{"name":%s,"aspect":"security","detail":%s,%s}`, q, q, sources)))
		f.record(summit, event("delegate.arrived", "person/p", fmt.Sprintf(`{"name":%s,"role":%s,"place":{"name":%s},%s}`, q, q, q, sources)))
		f.record(summit, event("agenda.set", "topic/u", fmt.Sprintf(`{"title":%s,"expected":true,"detail":%s,%s}`, q, q, sources)))
		f.record(summit, event("fact.corrected", "note/a", fmt.Sprintf(`{"target":%q,"patch":{"text":%s},"class":"corrected","notice":%s}`, first.ID, string(quoted(bad+"!")), q)))
		for _, path := range []string{"/summits/" + summit, "/summits/" + summit + "?q=" + url.QueryEscape(bad), "/summits/" + summit + "?limit=1&q=" + url.QueryEscape(bad), "/"} {
			page := f.page(path)
			for _, fault := range strange(f, page) {
				t.Errorf("%s: %q has become markup: %s", path, bad, fault)
			}
			if path != "/" && !strings.Contains(strings.Join(strings.Fields(html.UnescapeString(page)), " "), bad) {
				t.Errorf("%s: %q is not shown", path, bad)
			}
		}
	}
	a := f.post("/v1/summits/s0/facts", "application/cloudevents+json", event("note.added", "note/b", `{"text":"b","sources":[{"id":"s","name":"S","url":"javascript:alert(1)"}]}`))
	if p := a.problem(http.StatusUnprocessableEntity); p.pointers() != "/data/sources/0/url" {
		t.Errorf("a script as a URL: %s", a.body)
	}
}

func TestOnlyWebAddressesBecomeLinks(t *testing.T) {
	for u, want := range map[string]string{
		"https://example.org/a?b=c": "https://example.org/a?b=c", "http://example.org": "http://example.org", "javascript:alert(1)": "", "JavaScript:alert(1)": "",
		" javascript:alert(1)": "", "java\nscript:alert(1)": "", "data:text/html,x": "", "file:///etc/passwd": "", "//example.org": "", "": "", "\x00": "",
	} {
		if got := safeLink(u); got != want {
			t.Errorf("%q: %q, want %q", u, got, want)
		}
	}
}

func TestTheNextPageIsLinked(t *testing.T) {
	f := newFixture(t)
	f.alaska()
	for _, query := range []string{"?limit=10", "?limit=10&known=@20", "?limit=2&type=aircraft.*&zone=UTC", "?limit=5&q=anchorage&order=recorded"} {
		seen, path := 0, "/summits/alaska-2025"+query
		for range 30 {
			page := f.page(path)
			seen += strings.Count(page, `<li id="f-`)
			m := regexp.MustCompile(`<a href="([^"]*)">More</a>`).FindStringSubmatch(page)
			if m == nil {
				break
			}
			path = html.UnescapeString(m[1])
		}
		if want := len(f.timeline("alaska-2025", "?limit=500&"+regexp.MustCompile(`limit=\d+&?|&zone=UTC`).ReplaceAllString(query[1:], "")).Items); seen != want {
			t.Errorf("%s: %d items on all pages, want %d", query, seen, want)
		}
	}
}

func TestTheListOfSummits(t *testing.T) {
	f := newFixture(t)
	if page := f.page("/"); !strings.Contains(text(page), "No summit is open yet") {
		t.Errorf("empty: %s", text(page))
	}
	f.alaska()
	f.open("geneva")
	page := f.page("/")
	for _, want := range []string{"Alaska summit, August 2025 scheduled 25 facts, position " + f.at("alaska-2025", 26), "Summit geneva opened 0 facts"} {
		if !strings.Contains(text(page), want) {
			t.Errorf("lacks %q: %s", want, text(page))
		}
	}
	if !strings.Contains(page, `href="/summits/geneva"`) {
		t.Error("no link to a summit")
	}
	for name, kind := range map[string]string{"summit.css": "text/css", "live.js": "text/javascript"} {
		if a := f.get("/assets/" + name).want(http.StatusOK); !strings.HasPrefix(a.header.Get("Content-Type"), kind) {
			t.Errorf("%s: %s", name, a.header.Get("Content-Type"))
		}
	}
}
