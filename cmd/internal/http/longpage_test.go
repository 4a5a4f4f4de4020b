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

func TestALongDelegationIsCutOnThePage(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	join := func(i int) {
		f.Record("geneva", servertest.Event("delegate.arrived", fmt.Sprintf("person/p-%03d", i), fmt.Sprintf(`{"name":"Envoy %03d","party":"us","place":{"name":"Geneva"},`+word+`}`, i)))
	}
	for i := range 100 {
		join(i)
	}
	board := func() string {
		_, board, _ := strings.Cut(f.Get("/summits/geneva").Want(http.StatusOK).Body, `id="b-delegations"`)
		board, _, _ = strings.Cut(board, `id="b-meetings"`)
		return board
	}
	if page := board(); strings.Contains(page, "shows its first") || !strings.Contains(page, "Envoy 099") {
		t.Error("a hundred delegates are cut")
	}
	join(100)
	page := f.Get("/summits/geneva").Want(http.StatusOK).Body
	if board := board(); strings.Contains(board, "Envoy 100") || !strings.Contains(board, "Envoy 099") || !strings.Contains(page, "Each list shows its first 100") {
		t.Error("the delegates are not cut at a hundred, or it is not said")
	}
}
