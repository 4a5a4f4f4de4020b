package httpserver_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
)

// A page shows the first of each list of a long status, and where all of it is.
func TestALongStatusIsCutOnThePage(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	meeting := func(i int) {
		f.Record("geneva", servertest.Event("meeting.scheduled", fmt.Sprintf("meeting/m-%03d", i), fmt.Sprintf(`{"title":"Talks %03d","kind":"talks",`+word+`}`, i)))
	}
	for i := range 100 {
		meeting(i)
	}
	if page := f.Get("/summits/geneva").Want(http.StatusOK).Body; strings.Contains(page, "shows its first") || !strings.Contains(page, "Talks 099") {
		t.Error("a list of a hundred is cut")
	}
	meeting(100)
	body := f.Get("/summits/geneva").Want(http.StatusOK).Body
	_, board, _ := strings.Cut(body, `id="b-meetings"`)
	board, _, _ = strings.Cut(board, `id="b-sites"`)
	if n := strings.Count(board, "<article"); n != 100 || strings.Contains(board, "Talks 100") {
		t.Errorf("%d meetings are shown", n)
	}
	if want := `Each list shows its first 100: <a href="/v1/summits/geneva/status?known=` + f.At("geneva", 102) + `">all of it, for programs</a>.`; !strings.Contains(body, want) {
		t.Errorf("it does not say %s", want)
	}
}
