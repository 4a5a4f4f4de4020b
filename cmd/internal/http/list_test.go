package httpserver_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
)

// The list goes by last activity, in pages that neither skip nor repeat, and is
// searched by id and title.
func TestSummitsAreListedByActivity(t *testing.T) {
	f := newFixture(t)
	var want []string
	for i := range 7 {
		id := fmt.Sprint("summit-", i)
		f.Open(id)
		want = append([]string{id}, want...)
	}
	f.Record("summit-2", servertest.Note("n", "the latest"))
	want = append([]string{"summit-2"}, slices.DeleteFunc(want, func(s string) bool { return s == "summit-2" })...)
	type list struct {
		Summits []struct {
			ID, Title, Phase, Position, Last string
			Facts                            int
		}
		Next *string
	}
	read := func(query string) (ids []string, next string) {
		var l list
		f.Get("/v1/summits" + query).Want(http.StatusOK).Into(&l)
		for _, s := range l.Summits {
			if ids = append(ids, s.ID); s.Title != "Summit "+s.ID || s.Phase != "opened" || s.Position == "" || !strings.HasSuffix(s.Last, "Z") {
				t.Errorf("%+v", s)
			}
		}
		if l.Next != nil {
			next = *l.Next
		}
		return ids, next
	}
	if got, next := read(""); !slices.Equal(got, want) || next != "" {
		t.Errorf("%v, want %v", got, want)
	}
	for _, limit := range []int{1, 2, 3, 7} {
		var got []string
		for query := fmt.Sprintf("?limit=%d", limit); ; {
			ids, next := read(query)
			if got = append(got, ids...); len(ids) > limit {
				t.Errorf("%d of %d", len(ids), limit)
			}
			if next == "" {
				break
			}
			query = fmt.Sprintf("?limit=%d&cursor=%s", limit, url.QueryEscape(next))
		}
		if !slices.Equal(got, want) {
			t.Errorf("in pages of %d: %v", limit, got)
		}
	}
	if got, _ := read("?q=SUMMIT+-4"); !slices.Equal(got, []string{"summit-4"}) {
		t.Errorf("found %v", got)
	}
	if got, _ := read("?q=" + url.QueryEscape("summ\u200bit -\u00ad4")); !slices.Equal(got, []string{"summit-4"}) {
		t.Errorf("with what nobody sees in it: found %v", got)
	}
	if got, _ := read("?q=nothing"); got != nil {
		t.Errorf("found %v", got)
	}
	for _, bad := range []string{"limit=0", "limit=1001", "cursor=x", "cursor=e30", "known=x"} {
		f.Get("/v1/summits?" + bad).Problem(http.StatusBadRequest)
	}
	a := f.Get("/v1/summits")
	f.Get("/v1/summits", "If-None-Match", a.Header.Get("Etag")).Want(http.StatusNotModified)
}
