package browser

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/summit-timeline/summit/events"
)

func TestALiveUpdateArrivesAndDoesNotMoveTheReader(t *testing.T) {
	b, s := open(t), tell(t)
	b.visit(s.page(""))
	b.says("live", "Live")
	js[any](b, `scrollTo({top: 1500, behavior: "instant"})`)
	place := `document.querySelectorAll(".timeline > li")[3].getBoundingClientRect().top + " " + scrollY + " " + document.querySelectorAll(".timeline > li").length`
	before := js[string](b, place)
	s.note("one", "A first note")
	s.note("two", "A second note")
	s.amend(3, events.TypeFactCorrected, map[string]any{"patch": map[string]any{"watchers": 21000, "headline": "More than 21,000 people watch the flight on Flightradar"}, "class": "corrected", "notice": "Counted again."})
	s.amend(8, events.TypeFactRetracted, map[string]any{"reason": "It was said twice."})
	b.says("news", "2 new, 1 correction, 1 retraction: show")
	if after := js[string](b, place); after != before {
		t.Errorf("the page has moved: %s, before %s", after, before)
	}
	b.do(chromedp.Click("#news a"))
	b.says("changed", "What changed since")
	b.says("changes", "2 added, 1 corrected, 1 retracted")
	if n := js[int](b, `document.querySelectorAll(".mark").length`); n != 4 {
		t.Errorf("%d facts are marked, want 4", n)
	}
	b.says("live", "Live")
}

func TestSilenceIsSaid(t *testing.T) {
	b, s := open(t), tell(t)
	b.visit(s.page(""))
	b.says("live", "Live")
	js[any](b, `globalThis.real = Date.now; Date.now = () => real() + 60_000; 0`) // a minute passes
	b.says("live", "Stale since")
	js[any](b, `Date.now = real; 0`)
	s.note("one", "The server speaks again")
	b.says("live", "Live")
}

func TestTheNextVisitBeginsWithWhatChanged(t *testing.T) {
	b, s := open(t), tell(t)
	b.visit(s.page(""))
	b.says("live", "Live")
	b.visit(s.url + "/")
	s.note("later", "Said while the reader was away")
	b.visit(s.page(""))
	b.says("changes", "1 added, 0 corrected, 0 retracted")
	b.says("changes", "Said while the reader was away")
	b.visit(s.page(""))
	b.says("live", "Live")
	b.says("changes", "You are up to date")
}

func TestSteppingThroughKnowledgeByKey(t *testing.T) {
	b, s := open(t), tell(t)
	s.amended()
	b.visit(s.page(""))
	b.says("live", "Live")
	b.until(`document.getElementById("slider")`)
	b.do(chromedp.Focus("#slider"))
	y := js[float64](b, "scrollY")
	b.do(chromedp.KeyEvent(kb.ArrowLeft))
	b.says("banner", "Frozen.")
	b.says("live", "Frozen")
	b.do(chromedp.KeyEvent(kb.ArrowLeft))
	b.says("steps", "30 of 31")
	for range 4 {
		b.do(chromedp.KeyEvent(kb.ArrowLeft))
	}
	b.says("steps", "26 of 31")
	b.until(fmt.Sprintf(`location.search === "?known=%s"`, s.position(26)))
	b.says("b-aircraft", "Followed by 18,000")
	b.says("changes", "What was learned later")
	if got := js[string](b, "document.activeElement.id"); got != "slider" {
		t.Errorf("the focus has gone to %q", got)
	}
	if now := js[float64](b, "scrollY"); now != y {
		t.Errorf("the page has moved from %v to %v", y, now)
	}
	js[any](b, "history.back()")
	b.says("steps", "27 of 31")
	b.do(chromedp.Focus("#slider"), chromedp.KeyEvent(kb.End))
	b.says("live", "Live")
	b.says("b-aircraft", "Followed by 20,000")
	s.note("after", "A note after the way back")
	b.says("news", "1 new: show")
}

func TestTheZoneIsChosen(t *testing.T) {
	b, s := open(t), tell(t)
	send(b, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Asia/Tokyo"})
	b.visit(s.page(""))
	b.says("zone", "Mine: Asia/Tokyo")
	for zone, want := range map[string]string{
		"Europe/Moscow": "not before Fri 15 Aug 2025 21:30 MSK (UTC+3)", "Asia/Tokyo": "not before Sat 16 Aug 2025 03:30 JST (UTC+9), Fri 15 Aug at the venue",
		"UTC": "not before Fri 15 Aug 2025 18:30 UTC (UTC±0)", "America/New_York": "not before Fri 15 Aug 2025 14:30 EDT (UTC−4)",
	} {
		b.do(chromedp.SetValue("#zone", zone), chromedp.Click("#reading button"))
		b.says("b-meetings", want)
		b.until(fmt.Sprintf(`document.getElementById("zone").value === %q`, zone))
	}
}

func TestThePageIsWholeWithoutScript(t *testing.T) {
	b, s := open(t), tell(t)
	s.amended()
	send(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.visit(s.page(""))
	b.says("live", "Not live: reload for what is new")
	b.until(`document.querySelectorAll(".timeline > li").length === 25 && document.querySelectorAll("svg.map .route").length === 1 && document.querySelectorAll(".strip .bar").length > 20`)
	b.do(chromedp.Click("#steps a[rel=prev]"))
	b.says("banner", "Frozen.")
	b.says("steps", "30 of 31")
	b.do(chromedp.SetValue("#known", s.position(26)), chromedp.Click("#reading button"))
	b.says("steps", "26 of 31")
	b.says("changes", "0 added, 2 corrected, 1 retracted")
	b.do(chromedp.Click("#banner a"))
	b.says("steps", "31 of 31")
	b.do(chromedp.Click(".filters summary"), chromedp.SetValue(`.filters [name="type"]`, "meeting.*"), chromedp.Click(".filters button"))
	b.until(`document.querySelectorAll(".timeline > li").length === 2`)
	b.do(chromedp.Click(".chips a"))
	b.until(`document.querySelectorAll(".timeline > li").length === 25`)
	b.do(chromedp.Click("#changes a"))
	b.says("changed", "What changed since")
	b.do(chromedp.Click(".drawer summary"))
	b.until(`document.querySelector(".drawer").open && document.querySelector(".drawer .cite").textContent.includes("as known at position")`)
}

func TestAKeyboardIsEnough(t *testing.T) {
	b, s := open(t), tell(t)
	b.visit(s.page(""))
	b.says("live", "Live")
	b.until(`document.getElementById("slider")`)
	var order []string
	where := func() string {
		return js[string](b, `(() => { const e = document.activeElement; const s = getComputedStyle(e); return (e.id || e.className || e.textContent.trim()).toString().slice(0, 30) + (s.outlineStyle === "none" ? " without an outline" : ""); })()`)
	}
	for range 12 {
		b.do(chromedp.KeyEvent(kb.Tab))
		order = append(order, where())
	}
	got := strings.Join(order, " | ")
	if want := "skip | Summit | Language: English | zone | known | Show | First | ‹ Earlier | slider | #2 | #3 | #4"; strings.ReplaceAll(got, "on fact ", "") != want {
		t.Errorf("the focus goes\n%s\nwant\n%s", got, want)
	}
	b.visit(s.page(""))
	b.do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	b.until(`location.hash === "#timeline"`)
	b.do(chromedp.KeyEvent(kb.Tab))
	if got := where(); got != "Filter" { // which it would not be, were the page swapped for a link within it
		t.Errorf("after the skip link the focus is on %q", got)
	}
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelector(".filters").open`)
	for i := 0; js[string](b, `document.activeElement.closest(".drawer")?.className ?? ""`) == ""; i++ {
		if b.do(chromedp.KeyEvent(kb.Tab)); i > 20 {
			t.Fatal("no drawer is reached")
		}
	}
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelector(".drawer").open`)
}

func TestHostileTextStaysText(t *testing.T) {
	b, s := open(t), tell(t)
	for n, bad := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</title><svg onload=alert(1)>`, `</text></svg><script>alert(1)</script>`, `javascript:alert(1)`, "{{.Title}}", `]]><x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>`,
	} {
		id := fmt.Sprintf("h%d", n)
		sources := []any{map[string]any{"id": "s", "name": bad, "url": "https://example.org/?" + id}}
		place := map[string]any{"name": bad, "lat": 60 + n, "lon": 100}
		when := map[string]any{"earliest": "2025-08-14T10:00:00Z", "text": bad}
		s.record("aircraft.departed", "aircraft/"+id, map[string]any{"model": bad, "operator": bad, "from": place, "to": map[string]any{"name": bad + "!", "lat": -10 - n, "lon": 20}, "sources": sources, "when": when})
		fact := s.record("note.added", "note/"+id, map[string]any{"headline": bad, "note": bad, "text": bad, "sources": sources, "when": when})
		s.record("fact.corrected", "note/"+id, map[string]any{"target": fact, "patch": map[string]any{"headline": bad + "!"}, "class": "corrected", "notice": bad})
		s.record("meeting.scheduled", "meeting/"+id, map[string]any{"title": bad, "kind": "talks", "participants": []string{bad}, "place": place, "sources": sources})
	}
	js[any](b, `0`)
	for _, path := range []string{s.page("?since=" + s.position(26)), s.page("?known=" + s.position(40)), s.page("/map.svg"), s.page("")} {
		b.visit(path)
		if n := js[int](b, `document.scripts?.length ?? document.querySelectorAll("script").length`); n > 1 {
			t.Errorf("%s has %d scripts", path, n)
		}
		if got := js[string](b, `[...document.querySelectorAll("*")].filter((e) => [...e.attributes].some((a) => a.name.startsWith("on") || /^\s*javascript:/i.test(a.value)) || ["IMG", "IFRAME", "OBJECT", "EMBED"].includes(e.tagName.toUpperCase())).map((e) => e.outerHTML.slice(0, 90)).join("\n")`); got != "" {
			t.Errorf("%s: text has become markup: %s", path, got)
		}
	}
	b.says("live", "Live")
	s.note("bad", `<img src=x onerror=alert(1)>`)
	b.says("news", "1 new: show")
	if n := b.dialogs.Load(); n != 0 {
		t.Errorf("%d dialogs were opened", n)
	}
}

func TestTheProofThatAPageLinksIsOfTheLeafItShows(t *testing.T) {
	s := tell(t)
	x, _ := s.host.Summit(summit)
	rec, err := x.Log.Get(context.Background(), 4)
	s.must(err)
	b := open(t)
	b.visit(s.page("?fact=" + rec.Event.ID))
	res, err := http.Get(s.url + "/v1/summits/" + summit + "/log?from=4&to=4")
	s.must(err)
	s.must(res.Body.Close())
	if got := js[string](b, `document.querySelector(".drawer dd a").getAttribute("href")`); got != "/v1/summits/"+summit+"/proof/inclusion?seq=4&size=26" {
		t.Errorf("the proof is at %s", got)
	}
	b.until(`document.querySelector(".cite button")?.textContent === "Copy"`)
}
