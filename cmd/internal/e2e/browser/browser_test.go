// Package browser reads the pages in a real Chromium, as a reader does.
package browser

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/summit-timeline/summit/events/eventstest"
)

// screenshots names the folder that the pictures of the documents go to:
//
//	go test ./cmd/internal/e2e/browser -run Screenshots -screenshots "$PWD/deploy/screenshots"
var screenshots = flag.String("screenshots", "", "write the screenshots of the documents into this folder")

// chromium is the browser that all tests share; each has a profile of its own
// in it.
var chromium struct {
	ctx  context.Context
	skip string
}

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		chromium.skip = "no Chromium is installed (chromium, chromium-browser or google-chrome): the pages are not read in a browser"
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "summit-browser-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	built.path = filepath.Join(dir, "summit")
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(filepath.Join(dir, "profile")), chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck, chromedp.WSURLReadTimeout(2 * time.Minute),
	}
	for _, f := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "hide-scrollbars", "disable-dev-shm-usage"} {
		options = append(options, chromedp.Flag(f, true))
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	ctx, end := chromedp.NewContext(allocator)
	defer end()
	if err := chromedp.Do(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "start Chromium:", err)
		return 1
	}
	chromium.ctx = ctx
	if !testing.Short() { // no test waits for the compiler; who needs the client says why there is none
		_, _ = stockNATS()
	}
	return m.Run()
}

// tab is a reader with a window of their own.
type tab struct {
	*testing.T
	ctx context.Context
	// dialogs counts those that a page opened: none may.
	dialogs atomic.Int64
}

// patience is how long a test waits for what must come.
const patience = 45 * time.Second

func open(t *testing.T) *tab {
	t.Helper()
	if chromium.ctx == nil {
		eventstest.Lacking(t, chromium.skip)
	}
	ctx, end := chromedp.NewContext(chromium.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(end)
	b := &tab{T: t, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil { // the tab lives as long as the context it began with
		t.Fatal(err)
	}
	b.do(chromedp.EmulateViewport(1280, 900))
	if err := chromedp.Listen(ctx, func(e any) {
		if _, ok := e.(*page.EventJavascriptDialogOpening); ok {
			b.dialogs.Add(1)
		}
	}); err != nil {
		t.Fatal(err)
	}
	b.prefers("light")
	return b
}

type step = chromedp.Action[chromedp.Void]

// do does one action after another. An action on an element that the page has
// replaced meanwhile has done nothing: it is tried again on the new one.
func (b *tab) do(actions ...step) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for _, a := range actions {
		err := chromedp.Do(ctx, a)
		for err != nil && strings.Contains(err.Error(), "No node with given id") && ctx.Err() == nil {
			err = chromedp.Do(ctx, a)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func (b *tab) visit(url string) {
	b.Helper()
	b.do(chromedp.Navigate(url))
}

// js evaluates an expression in the page.
func js[T any](b *tab, expression string) T {
	b.Helper()
	return get(b, chromedp.Evaluate[T](expression))
}

func get[T any](b *tab, action chromedp.Action[T]) T {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		b.Fatal(err)
	}
	return v
}

// send sends a command of the protocol that has no action.
func send[P, R any](b *tab, c cdp.Command[P, R], params P) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if _, err := chromedp.Call(ctx, c, params); err != nil {
		b.Fatal(err)
	}
}

// until waits for an expression to be true of a page that has arrived whole: what
// stands further down than what was waited for is there as well.
func (b *tab) until(expression string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.readyState !== "loading" && Boolean(`+expression+`)`))
		if ok && err == nil {
			return
		}
		select {
		case <-ctx.Done():
			b.Fatalf("it never came to be: %s (%v); the state is %q, the news %q", expression, err,
				js[string](b, `document.getElementById("live")?.textContent ?? ""`), js[string](b, `document.getElementById("news")?.textContent ?? ""`))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// says waits for a part of the page to have a text.
func (b *tab) says(id, text string) {
	b.Helper()
	b.until(fmt.Sprintf("document.getElementById(%q)?.textContent.includes(%q)", id, text))
}

func (b *tab) dark() { b.prefers("dark") }

// prefers sets the colours that the reader prefers; they prefer no motion, for
// what is clicked must stand still.
func (b *tab) prefers(colours string) {
	send(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: colours}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

func (b *tab) phone() { b.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateScale(2))) }
