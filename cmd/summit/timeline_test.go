package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/cli"
)

// A page that ended early is not an end: the verb reads on until it has what was
// asked for, or until the timeline ends.
func TestTheTimelineIsReadOnWhereAPageEndsEarly(t *testing.T) {
	for name, c := range map[string]struct {
		pages map[string]string // by cursor and limit
		code  int
		want  []string
		lacks []string
	}{
		"to the end":    {map[string]string{" 3": `[],"next":"a"`, "a 3": `[%],"next":"b"`, "b 2": `[],"next":null`}, cli.Good, []string{"A fact"}, []string{"more:"}},
		"to the limit":  {map[string]string{" 3": `[%],"next":"a"`, "a 2": `[%,%],"next":"b"`}, cli.Good, []string{"A fact", "more: --cursor b"}, nil},
		"on one place":  {map[string]string{" 3": `[],"next":"a"`, "a 3": `[],"next":"a"`}, cli.Bad, []string{"the same page again"}, nil},
		"with a notice": {map[string]string{" 3": `[],"next":"a"`}, cli.Bad, []string{"no such page"}, nil},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			page, ok := c.pages[r.FormValue("cursor")+" "+r.FormValue("limit")]
			switch {
			case !strings.HasSuffix(r.URL.Path, "/timeline"):
				fmt.Fprint(w, `{"zone":"UTC"}`)
			case !ok || r.FormValue("q") != "words":
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(w, `{"status":400,"title":"Bad Request","detail":"no such page"}`)
			default:
				fmt.Fprintf(w, `{"known":"00000000-9","items":%s}`, strings.ReplaceAll(page, "%", `{"seq":3,"headline":"A fact"}`))
			}
		}))
		var out bytes.Buffer
		code := run([]string{"timeline", "x", "--limit", "3", "--q", "words", "--server", server.URL}, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &out})
		server.Close()
		if code != c.code {
			t.Errorf("%s: exit code %d, want %d: %s", name, code, c.code, out.String())
		}
		for _, want := range c.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: %q is not in %s", name, want, out.String())
			}
		}
		for _, lacks := range c.lacks {
			if strings.Contains(out.String(), lacks) {
				t.Errorf("%s: %q is in %s", name, lacks, out.String())
			}
		}
	}
}
