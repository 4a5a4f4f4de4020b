package httpserver_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/http/servertest"

	nethtml "golang.org/x/net/html"
)

// page reads a page for people and checks what every page must have.
func (f *fixture) page(path string) string {
	f.Helper()
	r := f.Get(path).Want(http.StatusOK)
	if got := r.Header.Get("Content-Type"); got != "text/html; charset=utf-8" {
		f.Errorf("%s: %s", path, got)
	}
	policy := map[string]string{}
	for part := range strings.SplitSeq(r.Header.Get("Content-Security-Policy"), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), " ")
		policy[name] = value
	}
	for name, want := range map[string]string{"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'", "form-action": "'self'"} {
		if policy[name] != want {
			f.Errorf("%s: %s is %q, want %q", path, name, policy[name], want)
		}
	}
	if r.Header.Get("X-Content-Type-Options") != "nosniff" || r.Header.Get("Referrer-Policy") != "same-origin" {
		f.Errorf("%s: header %v", path, r.Header)
	}
	return r.Body
}

// section is the part of a page between its heading and its end.
func section(t *testing.T, page, name string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, `<section aria-labelledby="`+name+`"`)
	part, _, closed := strings.Cut(rest, "</section>")
	if !ok || !closed {
		t.Fatalf("no section %s: %s", name, page)
	}
	return part
}

var (
	tags     = regexp.MustCompile(`<[^>]*>`)
	isolated = regexp.MustCompile(`</?bdi[^>]*>`) // within a line: it is no space
)

// text is what a reader without style and script sees, on one line.
func text(markup string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(isolated.ReplaceAllString(markup, ""), " "))), " ")
}

func TestThePageTellsTheStoryWithoutScript(t *testing.T) {
	f := newFixture(t)
	f.amended()
	page := f.page("/summits/alaska-2025")
	board := text(section(t, page, "now"))
	for _, want := range []string{
		"Ilyushin Il-96-300 landed at Joint Base Elmendorf-Richardson (PAED)", "From Vnukovo, Moscow (UUWW)", "20,000 or more", "Russian Federation arrived in Anchorage", "Sergey Lavrov , Foreign Minister: arrived",
		"Meeting of the leaders scheduled", "talks: Donald Trump, Vladimir Putin", "Joint document not expected", "Ukraine expected", "Territorial swaps contested", "security : raised",
		"Ilyushin Il-96-300 Vnukovo, Moscow Joint Base Elmendorf-Richardson 7,008 km 87.8° N, crosses the antimeridian dashed: inferred", "no coordinates were given: Anchorage",
	} {
		if !strings.Contains(board, want) {
			t.Errorf("the board lacks %q: %s", want, board)
		}
	}
	timeline := section(t, page, "timeline")
	items := f.Timeline("alaska-2025", "").Items
	if got := strings.Count(timeline, `<li id="f-`); got != 25 || len(items) != 25 {
		t.Errorf("%d items, want 25", got)
	}
	for _, i := range items {
		_, rest, _ := strings.Cut(timeline, `<li id="f-`+i.Fact+`" class="`+i.Standing+`">`)
		entry, _, _ := strings.Cut(rest, `<li id="f-`)
		leaf := sha256.Sum256([]byte("\x00" + strings.TrimSuffix(f.Get(fmt.Sprintf("/v1/summits/alaska-2025/log?from=%d&to=%d", i.Seq, i.Seq)).Body, "\n")))
		for _, want := range []string{
			i.Headline, i.Attribution + " " + i.Standing, fmt.Sprintf("#%d", i.Seq), "On whose word", "at position " + i.Position,
			base64.StdEncoding.EncodeToString(leaf[:]), "Happened", "Became known", "/summits/alaska-2025?known=" + f.Head("alaska-2025").String() + "&fact=" + i.Fact,
		} {
			if !strings.Contains(text(entry), want) {
				t.Errorf("item %d lacks %q: %s", i.Seq, want, text(entry))
			}
		}
	}
	for _, want := range []string{
		"RETRACTED The White House warns Moscow", "Russian Telegram channels, via Reuters and Newsmax; Satellite imagery corroborated F3",
		"The count was too low.", "watchers 18,000 20,000", "late Thursday about: between Thu 14 Aug 2025 18:00 and 24:00 AKDT (UTC−8)", "2 outlets, 2 roots", "2 outlets, 1 root",
		"Newsmax outlet, relay ← has it from Reuters agency, relay ← has it from Russian Telegram channels social media, originator root", "time not known", "F3: source reliability cannot be judged, information possibly true",
	} {
		if !strings.Contains(text(timeline), want) {
			t.Errorf("the timeline lacks %q: %s", want, text(timeline))
		}
	}
	for _, want := range []string{
		`<form method="get" action="/summits/alaska-2025"`, `<option value="America/Anchorage" selected>Venue: America/Anchorage</option><option value="Europe/Moscow">Europe/Moscow</option><option value="America/New_York">America/New_York</option><option value="UTC">UTC</option></select>`,
		`<select name="known"`, `lang="en"`, `type="application/atom+xml"`, `href="/v1/summits/alaska-2025/timeline.ics"`, `/v1/summits/alaska-2025/proof/inclusion?seq=`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(strings.ToLower(page), " style=") || strings.Contains(page, "<style") || strings.Contains(page, " onclick") || strings.Count(page, "<script") != 1 {
		t.Error("the page has style or script of its own, which its policy forbids")
	}
}

func TestTheZoneChangesTheTimesShown(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
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
	then := f.page("/summits/alaska-2025?known=" + f.At("alaska-2025", 3))
	if strings.Count(then, `<li id="f-`) != 2 || !strings.Contains(then, "data-frozen") || !strings.Contains(text(then), "This is what was known at Thu 14 Aug 2025 12:00 AKDT (UTC−8)") {
		t.Errorf("as known at 3: %s", text(then))
	}
	if now := f.page("/summits/alaska-2025"); strings.Contains(now, "data-frozen") || strings.Contains(now, "Frozen.") {
		t.Error("the present is shown as frozen")
	}
}

// hostile is text that is markup, script or an attribute if it is not
// escaped.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</title><svg onload=alert(1)>`, `<!-- a -->`,
	`javascript:alert(1)`, "{{.Title}}", `</script><script>`, `&lt;b&gt;`,
}

// The elements and attributes of which the pages are made.
const (
	ownElements = " html head meta link title script body a header nav p h1 h2 h3 h4 span strong b br q time form label select option input button main section div article dl dt dd ul ol li del ins bdi " +
		"details summary footer code figure figcaption table caption thead tbody tr th td svg g path rect circle text "
	ownAttributes = " lang charset name content rel href type title src class id role value selected method action open tabindex scope datetime hidden aria-labelledby aria-label aria-hidden " +
		"data-summit data-position data-zone data-texts data-since data-frozen data-closed dir hreflang aria-current " +
		"xmlns viewbox x y d r cx cy width height fill fill-rule font-family font-size font-weight stroke stroke-width stroke-dasharray stroke-linecap stroke-linejoin stroke-opacity paint-order text-anchor "
)

// strange lists what the pages are not made of.
func strange(f *fixture, page string) (faults []string) {
	root, err := nethtml.Parse(strings.NewReader(page))
	f.Must(err)
	for n := range root.Descendants() {
		if n.Type == nethtml.CommentNode || (n.Type == nethtml.ElementNode && !strings.Contains(ownElements, " "+n.Data+" ")) {
			faults = append(faults, n.Data)
		}
		for _, a := range n.Attr {
			address := a.Val == "" || (a.Key != "href" && a.Key != "src" && a.Key != "action")
			for _, start := range []string{"/", "#", "https://example.org/"} {
				address = address || strings.HasPrefix(a.Val, start)
			}
			if !address || !strings.Contains(ownAttributes, " "+strings.ToLower(a.Key)+" ") || (n.Data == "script" && a.Key == "src" && a.Val != "/assets/live.js") {
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
		summit, q := fmt.Sprint("s", i), string(servertest.Quoted(bad))
		f.Post("/v1/summits", respond.JSONType, fmt.Sprintf(`{"id":%q,"title":%s,"zone":"UTC","place":{"name":%s},"parties":[{"id":"a","name":%s}]}`, summit, q, q, q)).Want(http.StatusCreated)
		sources := fmt.Sprintf(`"sources":[{"id":"s","name":%s,"url":"https://example.org/?q=%s"}]`, q, url.QueryEscape(bad))
		first := f.Record(summit, servertest.Event("note.added", "note/a", fmt.Sprintf(`{"headline":%s,"note":%s,"text":%s,"when":{"text":%s},%s}`, q, q, q, q, sources), "source", q))
		f.Record(summit, servertest.Event("aircraft.landed", "aircraft/a", fmt.Sprintf(`{"model":%s,"operator":%s,"place":{"name":%s},%s}`, q, q, q, sources)))
		f.Record(summit, servertest.Event("position.stated", "topic/t", fmt.Sprintf(`{"title":%s,"actor":%s,"stance":"for","detail":%s,%s}`, q, q, q, sources)))
		f.Record(summit, servertest.Event("meeting.scheduled", "meeting/m", fmt.Sprintf(`{"title":%s,"kind":"talks","participants":[%s],%s}`, q, q, sources)))
		f.Record(summit, servertest.Event("site.prepared", "site/s", fmt.Sprintf(`{"name":%s,"aspect":"security","detail":%s,%s}`, q, q, sources)))
		f.Record(summit, servertest.Event("delegate.arrived", "person/p", fmt.Sprintf(`{"name":%s,"role":%s,"place":{"name":%s},%s}`, q, q, q, sources)))
		f.Record(summit, servertest.Event("agenda.set", "topic/u", fmt.Sprintf(`{"title":%s,"expected":true,"detail":%s,%s}`, q, q, sources)))
		f.Record(summit, servertest.Event("fact.corrected", "note/a", fmt.Sprintf(`{"target":%q,"patch":{"text":%s,"headline":null},"class":"corrected","notice":%s}`, first.ID, string(servertest.Quoted(bad+"!")), q)))
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
	a := f.Post("/v1/summits/s0/facts", "application/cloudevents+json", servertest.Event("note.added", "note/b", `{"text":"b","sources":[{"id":"s","name":"S","url":"javascript:alert(1)"}]}`))
	if p := a.Problem(http.StatusUnprocessableEntity); p.Pointers() != "/data/sources/0/url" {
		t.Errorf("a script as a URL: %s", a.Body)
	}
}

func TestTheNextPageIsLinked(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	for _, query := range []string{"?limit=10", "?limit=10&known=@20", "?limit=2&type=aircraft.*&zone=UTC", "?limit=5&q=anchorage&order=recorded"} {
		seen, path := 0, "/summits/alaska-2025"+query
		for range 30 {
			page := f.page(path)
			seen += strings.Count(page, `<li id="f-`)
			m := regexp.MustCompile(`<p class="next"><a href="([^"]*)">More</a>`).FindStringSubmatch(page)
			if m == nil {
				break
			}
			path = html.UnescapeString(m[1])
		}
		if want := len(f.Timeline("alaska-2025", "?limit=500&"+regexp.MustCompile(`limit=\d+&?|&zone=UTC`).ReplaceAllString(query[1:], "")).Items); seen != want {
			t.Errorf("%s: %d items on all pages, want %d", query, seen, want)
		}
	}
}

func TestTheListOfSummits(t *testing.T) {
	f := newFixture(t)
	if page := f.page("/"); !strings.Contains(text(page), "No summit is open yet") {
		t.Errorf("empty: %s", text(page))
	}
	f.Alaska()
	f.Open("geneva")
	page := f.page("/")
	for _, want := range []string{"Alaska summit, August 2025 scheduled Joint Base Elmendorf-Richardson · 25 facts · position " + f.At("alaska-2025", 26), "Summit geneva opened 0 facts", "Russian Federation, United States · last recorded Thu 14 Aug 2025 12:00 AKDT (UTC−8)"} {
		if !strings.Contains(text(page), want) {
			t.Errorf("lacks %q: %s", want, text(page))
		}
	}
	if !strings.Contains(page, `href="/summits/geneva"`) {
		t.Error("no link to a summit")
	}
	for name, kind := range map[string]string{"summit.css": "text/css", "live.js": "text/javascript"} {
		if a := f.Get("/assets/" + name).Want(http.StatusOK); !strings.HasPrefix(a.Header.Get("Content-Type"), kind) {
			t.Errorf("%s: %s", name, a.Header.Get("Content-Type"))
		}
	}
}

func TestTheFirstLoadIsSmall(t *testing.T) {
	f := newFixture(t)
	f.amended()
	var more []string // so that the page is full
	for n := range 100 {
		more = append(more, servertest.Note(fmt.Sprint("n", n), fmt.Sprintf("Note %d of a story that goes on and on, with words of its own: %x", n, sha256.Sum256([]byte{byte(n)}))))
	}
	before := int(f.Head("alaska-2025").Seq)
	f.Post("/v1/summits/alaska-2025/facts", "application/cloudevents-batch+json", servertest.Batch(more...)).Want(http.StatusCreated)
	f.Get("/v1/summits/alaska-2025?min=" + f.At("alaska-2025", before+len(more))).Want(http.StatusOK)
	total := 0
	for _, path := range []string{"/summits/alaska-2025", "/assets/summit.css", "/assets/live.js", "/assets/summit.svg"} {
		r := f.Get(path, "Accept-Encoding", "gzip").Want(http.StatusOK)
		total += len(r.Body)
		if r.Header.Get("Content-Encoding") != "gzip" {
			if len(r.Body) > 1024 {
				t.Errorf("%s: %d bytes are sent as they are", path, len(r.Body))
			}
			continue
		}
		z, err := gzip.NewReader(strings.NewReader(r.Body))
		f.Must(err)
		var b bytes.Buffer
		_, err = b.ReadFrom(z)
		f.Must(err)
		// The link to the next page carries the instant: its length is what stays.
		if plain := f.Get(path, "Accept-Encoding", "identity"); len(plain.Body) != b.Len() {
			t.Errorf("%s: unpacked it is another: %d bytes, %d", path, b.Len(), len(plain.Body))
		}
	}
	if most := 100 << 10; total > most {
		t.Errorf("the first load is %d bytes, more than %d", total, most)
	}
	t.Logf("the first load is %d bytes", total)
}

func TestWhatChangedSinceTheReaderLeft(t *testing.T) {
	f := newFixture(t)
	f.amended()
	page := f.page("/summits/alaska-2025?since=" + f.At("alaska-2025", 3))
	got := text(section(t, page, "changed"))
	for _, want := range []string{"What changed since Thu 14 Aug 2025 12:00 AKDT (UTC−8)", "23 added", "1 corrected", "0 retracted", "watchers 18,000 20,000"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q: %s", want, got)
		}
	}
	if n := strings.Count(page, `<strong class="mark">NEW</strong>`); n != 23 {
		t.Errorf("%d facts are marked as new, want 23", n)
	}
	if !strings.Contains(text(section(t, page, "timeline")), "CHANGED") {
		t.Error("no fact is marked as changed")
	}
	then := f.page("/summits/alaska-2025?known=" + f.At("alaska-2025", 26))
	if got := text(section(t, then, "changed")); !strings.Contains(got, "What was learned later 0 added") || !strings.Contains(got, "1 retracted") {
		t.Errorf("what was learned later: %s", got)
	}
	if !strings.Contains(then, "CHANGED LATER") || !strings.Contains(then, "RETRACTED LATER") || strings.Contains(section(t, then, "now"), "20,000") {
		t.Error("the page of the past does not mark what changed later, or shows it")
	}
	now := f.page("/summits/alaska-2025")
	if got := section(t, now, "changed"); !strings.Contains(got, "since="+f.Head("alaska-2025").String()) {
		t.Errorf("no link to come back by: %s", got)
	}
	var many []string
	for n := range 1000 {
		many = append(many, servertest.Note(fmt.Sprint("n", n), "A note"))
	}
	before := int(f.Head("alaska-2025").Seq)
	f.Post("/v1/summits/alaska-2025/facts", "application/cloudevents-batch+json", servertest.Batch(many...)).Want(http.StatusCreated)
	f.Get("/v1/summits/alaska-2025?min=" + f.At("alaska-2025", before+len(many))).Want(http.StatusOK)
	if got := section(t, f.page("/summits/alaska-2025?known="+f.At("alaska-2025", 3)), "changed"); !strings.Contains(got, "more than a page lists") || !strings.Contains(got, "/v1/summits/alaska-2025/changes?since="+f.At("alaska-2025", 3)) {
		t.Errorf("too much to list: %s", got)
	}
	f.Get("/summits/alaska-2025?since=00000000-3").Problem(http.StatusBadRequest)
}

func TestOneFactHasAPageOfItsOwn(t *testing.T) {
	f := newFixture(t)
	f.amended()
	i := f.Timeline("alaska-2025", "").Items[0]
	page := f.page("/summits/alaska-2025?fact=" + i.Fact)
	if strings.Count(page, `<li id="f-`) != 1 || !strings.Contains(page, `<li id="f-`+i.Fact) {
		t.Error("the page of a fact shows others, or not that fact")
	}
	f.Get("/summits/alaska-2025?fact=" + servertest.ID(99)).Problem(http.StatusNotFound)
}

func TestTheMapIsServedByItself(t *testing.T) {
	f := newFixture(t)
	f.amended()
	r := f.Get("/summits/alaska-2025/map.svg").Want(http.StatusOK)
	if r.Header.Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(r.Body, "<svg ") {
		t.Errorf("%s: %.80s", r.Header.Get("Content-Type"), r.Body)
	}
	_, page, _ := strings.Cut(f.page("/summits/alaska-2025"), "<svg ")
	page, _, _ = strings.Cut(page, "</svg>")
	if !strings.Contains(r.Body, page) {
		t.Error("the map of the page is another drawing")
	}
	f.Open("geneva")
	f.Get("/summits/geneva/map.svg").Problem(http.StatusNotFound)
	if page := f.page("/summits/geneva"); strings.Contains(page, "<svg") {
		t.Error("a map of nothing")
	}
}

// The list of moments names a fact as it was named then: a frozen page must not show
// what became known later.
func TestAFrozenPageDoesNotTellWhatCameLater(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	made := f.Record("geneva", `{"source":"/d","type":"note.added","subject":"note/n","data":{"headline":"At first","text":"a","sources":[{"id":"s","name":"S"}]}}`)
	f.Record("geneva", fmt.Sprintf(`{"source":"/d","type":"fact.corrected","subject":"note/n","data":{"target":%q,"patch":{"headline":"Afterwards"},"class":"corrected","notice":"A slip"}}`, made.ID))
	page := f.Get("/summits/geneva?known=@2").Want(http.StatusOK).Body
	list, _, _ := strings.Cut(page[strings.Index(page, `id="known"`):], "</select>")
	if !strings.Contains(list, "At first") || !strings.Contains(list, "A slip") || strings.Contains(list, "Afterwards") {
		t.Errorf("the list of moments: %s", list)
	}
}
