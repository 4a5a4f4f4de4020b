package browser

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/summit-timeline/summit/cmd/internal/access"
)

// guard asks for tokens from now on, and gives the file they are kept in.
func (s *story) guard(public ...string) string {
	s.Helper()
	path := filepath.Join(s.TempDir(), "tokens.json")
	gate, err := access.Open(access.Options{File: path, Clock: time.Now, Public: public})
	s.must(err)
	s.must(access.Add(path, access.Token{Name: "anna", Desk: "/desks/anchorage", Role: access.Reader, Expires: time.Now().Add(time.Hour)}, "summit_secret"))
	s.gate = gate
	s.serve()
	return path
}

// A reader who follows a link to a page that is not public signs in there, by
// the keyboard and without script, reads on and signs out again.
func TestAReaderSignsInAndOut(t *testing.T) {
	for name, scripted := range map[string]bool{"with script": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			s := tell(t)
			path := s.guard()
			b := open(t)
			if !scripted {
				send(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
			}
			b.visit(s.page("?zone=UTC"))
			b.until(`location.pathname === "/signin"`)
			if scripted {
				if found := faults(b); found != "" {
					t.Error(found)
				}
			}
			b.types("summit_wrong")
			b.until(`document.getElementById("fault")?.textContent.includes("is unknown")`)
			b.types("summit_secret")
			b.until(`location.pathname + location.search === "/summits/alaska-2025?zone=UTC" && document.querySelector(".visitor") !== null`)
			if who := js[string](b, `document.querySelector(".visitor")?.textContent ?? ""`); who != "anna Sign out" {
				t.Errorf("the page says %q of its reader", who)
			}
			if held := js[string](b, `document.cookie`); held != "" {
				t.Errorf("scripts can read the cookie: %q", held)
			}
			if scripted { // the stream is let in with the cookie too
				b.says("live", "Live")
				if found := faults(b); found != "" {
					t.Error(found)
				}
			}
			b.do(chromedp.Click(".visitor button"))
			b.until(`location.pathname === "/" && document.querySelector(".visitor")?.textContent === "Sign in"`)
			b.visit(s.page(""))
			b.until(`location.pathname === "/signin"`)
			b.types("summit_secret")
			b.until(`location.pathname === "/summits/alaska-2025"`)
			s.must(access.Revoke(path, "anna", time.Now()))
			b.visit(s.page(""))
			b.until(`document.getElementById("fault")?.textContent.includes("revoked")`)
		})
	}
}

// types fills in the form and sends it with the keyboard.
func (b *tab) types(token string) {
	b.Helper()
	b.do(chromedp.SendKeys("#token", token+"\r"))
}
