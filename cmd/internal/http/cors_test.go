package httpserver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/events"
)

func TestAnOriginIsRead(t *testing.T) {
	for origin, good := range map[string]bool{
		"https://news.example.org": true, "http://localhost:3000": true, "https://news.example.org/": false, "https://news.example.org/x": false, "news.example.org": false,
		"null": false, "*": false, "": false, "https://": false, "HTTPS://news.example.org": false, "https://News.example.org": false, "https://a@b.c": false, "ftp://b.c": false, "https://b.c?x": false,
	} {
		if err := middleware.CheckOrigin(origin); (err == nil) != good {
			t.Errorf("%q: %v", origin, err)
		}
	}
}

func TestPagesOfOtherOriginsReadByList(t *testing.T) {
	const listed, other = "https://news.example.org", "https://evil.example"
	f, _ := guarded(t)
	ask := func(origin, method string, header ...string) servertest.Reply {
		return f.Do(http.MethodOptions, "/v1/summits/geneva/timeline", "", append([]string{"Origin", origin, "Access-Control-Request-Method", method}, header...)...)
	}
	for _, c := range []struct {
		name           string
		list           []string
		origin         string
		allow, letsAct string
	}{
		{"no list", nil, listed, "", ""},
		{"listed", []string{"https://a.example", listed}, listed, listed, "true"},
		{"not listed", []string{listed}, other, "", ""},
		{"null", []string{listed}, "null", "", ""},
		{"one that begins so", []string{listed}, listed + ".evil.example", "", ""},
		{"another scheme", []string{listed}, strings.Replace(listed, "https", "http", 1), "", ""},
		{"any", []string{middleware.AnyOrigin}, other, "*", ""},
		{"any, and listed", []string{middleware.AnyOrigin, listed}, listed, listed, "true"},
		{"any, not listed", []string{middleware.AnyOrigin, listed}, other, "*", ""},
	} {
		f.Origins = c.list
		f.Serve()
		before, a := ask(c.origin, "GET", "Access-Control-Request-Headers", "authorization"), f.Get("/v1/summits/geneva/timeline", "Origin", c.origin)
		a.Want(http.StatusOK)
		for what, h := range map[string]http.Header{"beforehand": before.Header, "the answer": a.Header} {
			if h.Get("Access-Control-Allow-Origin") != c.allow || h.Get("Access-Control-Allow-Credentials") != c.letsAct || (h.Get("Vary") != "Origin") != (c.list == nil) {
				t.Errorf("%s, %s: %v", c.name, what, h)
			}
		}
		if allowed := c.allow != ""; allowed != (before.Status == http.StatusNoContent) || allowed != strings.Contains(before.Header.Get("Access-Control-Allow-Headers"), "Authorization") ||
			!allowed && before.Status != http.StatusMethodNotAllowed || allowed != strings.Contains(a.Header.Get("Access-Control-Expose-Headers"), "Summit-Position") {
			t.Errorf("%s: %d %v", c.name, before.Status, before.Header)
		}
		// A page that may not write may not write with the reader's token either.
		wrote := f.Post("/v1/summits/geneva/facts", events.ContentType, noteOf("editor"), append(bearer("editor"), "Origin", c.origin, "Sec-Fetch-Site", "cross-site")...)
		if lets := c.letsAct != ""; lets == (wrote.Status == http.StatusForbidden) {
			t.Errorf("%s: writing is answered %d", c.name, wrote.Status)
		}
	}
	if a := f.Get("/v1/summits/alaska/timeline", "Origin", listed); a.Status != http.StatusUnauthorized || a.Header.Get("Access-Control-Allow-Origin") != listed {
		t.Errorf("a page cannot read why it was refused: %d %v", a.Status, a.Header)
	}
}
