package httpserver_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/events"
)

func TestAnotherHostsNameIsRefused(t *testing.T) {
	f := newFixture(t)
	for _, name := range []string{"example.org", "example.org:8080", "localhost.example.org", "10.0.0.1", "127.0.0.1.example.org", "[2001:db8::1]:80"} {
		f.Get("/v1/summits", "Host", name).Problem(http.StatusMisdirectedRequest)
		f.Get("/", "Host", name).Problem(http.StatusMisdirectedRequest)
	}
	for _, name := range []string{"localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.2:99", "[::1]:8080", "[::1]"} {
		f.Get("/v1/summits", "Host", name).Want(http.StatusOK)
	}
}

func TestPagesOfOtherOriginsMayNotWrite(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	facts := "/v1/summits/geneva/facts"
	for _, header := range [][]string{
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"},
		{"Origin", "https://example.org"},
		{"Origin", "null"},
		{"Sec-Fetch-Site", "cross-site", "Origin", f.URL},
	} {
		f.Post(facts, events.ContentType, servertest.Note("a", "a"), header...).Problem(http.StatusForbidden)
		f.Post("/v1/summits", respond.JSONType, `{"id":"vienna","title":"V","zone":"UTC","parties":[]}`, header...).Problem(http.StatusForbidden)
		f.Get("/v1/summits", header...).Want(http.StatusOK)
	}
	for i, header := range [][]string{{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"}, {"Origin", f.URL}, nil} {
		f.Post(facts, events.ContentType, servertest.Note(fmt.Sprint("b", i), "b"), header...).Want(http.StatusCreated)
	}
	if got := f.Streams(); !slices.Equal(got, []string{"SUMMIT_geneva"}) {
		t.Errorf("streams %v", got)
	}
}
