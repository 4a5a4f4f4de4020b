package httpserver_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/http/operate"
	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events/eventstest"
	"github.com/summit-timeline/summit/store"
)

// restless lets summits sleep as soon as nobody asks for them.
func restless(_ *store.Options, o *summits.Options) {
	o.Every, o.RestAfter = 5*time.Millisecond, 10*time.Millisecond
}

// sleeps waits until summits sleep.
func (f *fixture) sleeps(ids ...string) {
	f.Helper()
	for _, id := range ids {
		s, _ := f.Registry.Summit(id)
		eventstest.Eventually(f, id+" sleeps", s.Views.Asleep)
	}
}

// A summit at rest answers what it would answer awake, and takes what is recorded.
func TestASummitAtRestAnswers(t *testing.T) {
	f := newFixtureWith(t, restless)
	f.Alaska()
	for _, path := range []string{"", "/timeline", "/status", "/status?known=@12", "/changes?since=@5", "/conflicts", "/log", "/timeline.atom", "/timeline.ics"} {
		path = "/v1/summits/alaska-2025" + path
		awake := f.Get(path).Want(http.StatusOK)
		f.sleeps("alaska-2025")
		asleep := f.Get(path).Want(http.StatusOK)
		if awake.Body != asleep.Body {
			t.Errorf("%s\n awake: %s\nasleep: %s", path, awake.Body, asleep.Body)
		}
	}
	for n := range 5 {
		f.sleeps("alaska-2025")
		f.Record("alaska-2025", servertest.Note(fmt.Sprint("n", n), "a"))
		f.sleeps("alaska-2025")
		if page := f.Timeline("alaska-2025", "?order=recorded&limit=500"); len(page.Items) != 26+n {
			t.Errorf("%d items after %d more", len(page.Items), n+1)
		}
	}
}

// However many summits there are, what is told of all of them is bounded.
func TestWhatIsToldOfVeryManySummitsIsBounded(t *testing.T) {
	f := newFixtureWith(t, restless)
	const many = operate.FiguredAtRest + 5
	var ids []string
	for n := range many {
		ids = append(ids, fmt.Sprintf("s-%03d", n))
		f.Open(ids[n])
	}
	f.sleeps(ids...)
	// A list of the logs that was asked for before an opening may wake a summit once.
	all := fmt.Sprintf(`summit_summits{state="asleep"} %d`, many)
	eventstest.Eventually(f, "the figures tell of summits at rest together", func() bool {
		figures := f.Get("/metrics").Want(http.StatusOK).Body
		return strings.Contains(figures, all) && !strings.Contains(figures, `summit_position{summit="s-`)
	})
	eventstest.Eventually(f, "readiness tells of no summit at rest", func() bool {
		return !strings.Contains(f.Get("/readyz").Want(http.StatusOK).Body, `"s-`)
	})
	seen, path := map[string]bool{}, "/"
	for path != "" {
		page := f.page(path)
		links := regexp.MustCompile(`href="/summits/(s-\d+)"`).FindAllStringSubmatch(page, -1)
		if len(links) > reading.DefaultSummits {
			t.Fatalf("%d summits on a page", len(links))
		}
		for _, link := range links {
			if seen[link[1]] {
				t.Errorf("%s stands on two pages", link[1])
			}
			seen[link[1]] = true
		}
		path = ""
		if next := regexp.MustCompile(`href="(/\?cursor=[^"]*)" rel="next"`).FindStringSubmatch(page); next != nil {
			path = next[1]
		}
	}
	if len(seen) != many {
		t.Errorf("%d of %d summits on all pages", len(seen), many)
	}
}
