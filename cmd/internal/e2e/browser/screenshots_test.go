package browser

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// picture is one screenshot of the documents.
type picture struct {
	name, query string
	height      int64 // 0 is the whole page
	prepare     func(b *tab)
}

func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("no folder is given with -screenshots")
	}
	s := tell(t)
	s.amended()
	for _, p := range []picture{
		{"now", "", 1500, func(b *tab) { b.says("live", "Live") }},
		{"before-the-correction", "?known=" + s.position(26), 1900, func(*tab) {}},
		{"corrections", "?type=aircraft.*&since=" + s.position(26), 1500, func(b *tab) {
			js[any](b, `document.querySelector("#f-41c0f77c-d14a-5ac3-aff9-6f6df1ad8a0c .drawer").open = true; document.getElementById("changed").scrollIntoView({behavior:"instant"})`)
		}},
		{"phone", "", 0, func(b *tab) {
			b.do(chromedp.EmulateViewport(390, 1720, chromedp.EmulateScale(2)))
			b.says("live", "Live")
		}},
		{"dark", "", 1500, func(b *tab) { b.dark(); b.says("live", "Live") }},
		{"print", "", 1560, func(b *tab) {
			send(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
			b.do(chromedp.EmulateViewport(1040, 1560))
		}},
	} {
		b := open(t)
		b.visit(s.page(p.query))
		p.prepare(b)
		write(b, p.name, capture(b, p.height))
	}
	b := open(t)
	b.visit(s.page("/map.svg"))
	b.do(chromedp.EmulateViewport(960, 540))
	write(b, "map", capture(b, 540))
}

// capture pictures the page: its upper part, or from where it is scrolled the
// height of a window.
func capture(b *tab, height int64) []byte {
	b.Helper()
	if height > 0 {
		width := js[int64](b, "innerWidth")
		b.do(chromedp.EmulateViewport(width, height))
	}
	js[any](b, `scrollTo({top: scrollY, behavior: "instant"})`)
	return get(b, chromedp.CaptureScreenshot())
}

func write(b *tab, name string, png []byte) {
	b.Helper()
	if err := os.MkdirAll(*screenshots, 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, name+".png"), png, 0o644); err != nil {
		b.Fatal(err)
	}
}
