package httpserver_test

import (
	"net/http"
	"strings"
	"testing"
)

// An extension attribute belongs to what an event says; how it travelled does not.
func TestAnEventWithAnotherExtensionIsAnother(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	event := strings.Replace(arrival, `{"source"`, `{"id":"0198a9f2-7c1e-7000-8000-0000000000aa","partitionkey":"one","traceparent":"00-1-1-01","source"`, 1)
	post := func(e string) int {
		return f.Post("/v1/summits/geneva/facts", "application/cloudevents+json", e).Status
	}
	for _, c := range []struct {
		from, to string
		want     int
	}{
		{"", "", http.StatusCreated},
		{"", "", http.StatusOK},
		{`00-1-1-01`, `00-2-2-01`, http.StatusOK},
		{`"one"`, `"two"`, http.StatusConflict},
		{`"partitionkey":"one",`, ``, http.StatusConflict},
	} {
		if got := post(strings.Replace(event, c.from, c.to, 1)); got != c.want {
			t.Errorf("%q in the place of %q: %d, want %d", c.to, c.from, got, c.want)
		}
	}
}
