package browser

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/summit-timeline/summit/events"
)

var languages = []string{"en", "de", "es", "fr", "ru", "uk", "ar"}

func TestTheScriptSpeaksTheLanguageOfThePage(t *testing.T) {
	s := tell(t)
	german, arabic := open(t), open(t)
	german.visit(s.page("?lang=de"))
	arabic.visit(s.page("?lang=ar"))
	german.says("live", "Live")
	arabic.says("live", "مباشر")
	german.says("scrub", "Durch den Kenntnisstand blättern")
	s.note("one", "A first note")
	german.says("news", "1 neu: anzeigen")
	arabic.says("news", "واقعة جديدة: اعرض")
	s.note("two", "A second note")
	s.amend(3, events.TypeFactCorrected, map[string]any{"patch": map[string]any{"watchers": 21000, "headline": "More than 21,000 people watch the flight on Flightradar"}, "class": "corrected", "notice": "Counted again."})
	german.says("news", "2 neu, 1 Korrektur: anzeigen")
	arabic.says("news", "واقعتان جديدتان، تصحيح واحد: اعرض")
	german.do(chromedp.Click("#news a"))
	german.says("changed", "Was sich seit ")
	german.says("changes", "2 hinzugefügt, 1 korrigiert, 0 zurückgezogen")
	german.until(`document.documentElement.lang === "de" && location.search.includes("lang=de")`)
}

func TestTheSwitchOfLanguagesLeadsToThisPageInAnother(t *testing.T) {
	b, s := open(t), tell(t)
	b.visit(s.page("?zone=UTC"))
	b.says("live", "Live")
	b.do(chromedp.Click(".languages summary"), chromedp.Click(".languages a[lang=fr]"))
	b.until(`document.documentElement.lang === "fr" && new URL(location.href).searchParams.get("zone") === "UTC"`)
	b.says("now", "Où en sont les choses")
	b.do(chromedp.SetValue("#zone", "Europe/Moscow"), chromedp.Click("#reading button"))
	b.says("b-meetings", "pas avant ven. 15 août 2025 21:30 MSK")
	b.until(`new URL(location.href).searchParams.get("lang") === "fr"`)
}

func TestNoLanguageIsWiderThanAPhone(t *testing.T) {
	s := tell(t)
	s.amended()
	for _, lang := range languages {
		b := open(t)
		b.phone()
		b.visit(s.page("?lang=" + lang + "&since=" + s.position(26)))
		js[any](b, `document.querySelectorAll("details").forEach((d) => { d.open = !d.closest(".languages"); })`)
		if over := js[int](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("%s: the page is %d px wider than a phone", lang, over)
		}
	}
}

func TestAPageFromRightToLeftIsLaidOutSo(t *testing.T) {
	b, s := open(t), tell(t)
	s.amended()
	b.visit(s.page("?lang=ar&since=" + s.position(26)))
	b.says("live", "مباشر")
	for what, holds := range map[string]string{
		"the brand is at the right of the state":              `box(".brand").left > box("#live").right`,
		"the aircraft are at the right of the map":            `box("#b-aircraft").left > box(".chart").right`,
		"what happened is at the right of when":               `box(".timeline .happened").left > box(".timeline .known").right`,
		"the mark of what is new is at the right":             `getComputedStyle(document.querySelector(".timeline > li.marked")).borderRightWidth === "3px"`,
		"a Latin title stands at the right":                   `edge("h1") > innerWidth / 2 && edge("h1") > box("h1").right - 4`,
		"the names of lanes are at the right":                 `box(".lane-name").right > box(".strip svg").right - 12`,
		"who has it first is at the right of who has it from": `getComputedStyle(document.querySelector(".timeline .word bdi")).direction === "rtl"`,
		"a number of a fact reads from left to right":         `document.querySelector(".amendment .by bdi:last-child").textContent.startsWith("#")`,
		"no word of the page is apart from its neighbours":    `["h3", ".kicker", ".stamp"].every((s) => getComputedStyle(document.querySelector(s)).letterSpacing === "normal" || getComputedStyle(document.querySelector(s)).letterSpacing === "0px")`,
	} {
		if !js[bool](b, `(() => {
			const box = (s) => document.querySelector(s).getBoundingClientRect();
			const edge = (s) => { const r = document.createRange(); r.selectNodeContents(document.querySelector(s)); return r.getBoundingClientRect().right; };
			return `+holds+`;
		})()`) {
			t.Errorf("it is not so that %s", what)
		}
	}
}
