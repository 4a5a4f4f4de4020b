package httpserver_test

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/http/api"
	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/events"
)

// guarded is a fixture whose summits alaska and geneva are open, and whose
// tokens are named after their roles.
func guarded(t *testing.T) (*fixture, string) {
	t.Helper()
	f, path := newFixture(t), filepath.Join(t.TempDir(), "tokens.json")
	f.Open("alaska")
	f.Open("geneva")
	gate, err := access.Open(access.Options{
		File: path, Public: []string{"geneva"},
		Clock: func() time.Time { return servertest.RecordedFrom.Add(time.Duration(f.Ahead.Load())) },
	})
	f.Must(err)
	f.Gate = gate
	f.Serve()
	for _, role := range access.Roles {
		f.Must(access.Add(path, access.Token{Name: string(role), Desk: "/desks/" + string(role), Role: role, Expires: servertest.RecordedFrom.Add(time.Hour)}, "secret-"+string(role)))
	}
	f.Must(access.Add(path, access.Token{Name: "narrow", Desk: "/desks/narrow", Role: access.Editor, Summits: []string{"geneva"}, Expires: servertest.RecordedFrom.Add(time.Hour)}, "secret-narrow"))
	return f, path
}

func bearer(name string) []string {
	if name == "" {
		return nil
	}
	return []string{"Authorization", "Bearer secret-" + name}
}

func noteOf(desk string) string {
	return `{"source":"/desks/` + desk + `","type":"note.added","subject":"note/n","data":{"text":"a note","sources":[{"id":"s","name":"S"}]}}`
}

func TestEachRoleMayWhatItMay(t *testing.T) {
	f, _ := guarded(t)
	for _, c := range []struct {
		method, path, body, contentType string
		good                            string // who may; others are refused
	}{
		{"GET", "/v1/summits/alaska/timeline", "", "", "reader recorder editor auditor operator"},
		{"GET", "/v1/summits/geneva/timeline", "", "", "reader recorder editor auditor operator narrow anybody"},
		{"GET", "/summits/alaska", "", "", "reader recorder editor auditor operator"},
		{"GET", "/metrics", "", "", "operator"},
		{"GET", "/v1/summits/alaska/snapshot", "", "", "auditor operator"},
		{"GET", "/healthz", "", "", "reader recorder editor auditor operator narrow anybody"},
		{"POST", "/v1/summits/alaska/facts", "note", events.ContentType, "recorder editor operator"},
		{"POST", "/v1/summits/geneva/facts", "note", events.ContentType, "recorder editor operator narrow"},
		{"POST", "/v1/summits/geneva/facts", "close", events.ContentType, "editor operator narrow"},
		{"POST", "/v1/summits", `{"id":"new","title":"New","zone":"UTC","parties":[{"id":"a","name":"A"}]}`, respond.JSONType, "editor operator"},
	} {
		for _, who := range []string{"reader", "recorder", "auditor", "narrow", "anybody", "editor", "operator"} {
			name := strings.TrimPrefix(who, "anybody")
			body := c.body
			switch body {
			case "note":
				body = noteOf(who)
			case "close": // refused for what it says once it is let in: a summit is closed once
				body = `{"source":"/desks/` + who + `","type":"summit.closed","subject":"summit/geneva","data":{"reason":"` + who + `"}}`
			}
			a := f.Do(c.method, c.path, body, append([]string{"Content-Type", c.contentType}, bearer(name)...)...)
			refused := a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden
			if may := strings.Contains(" "+c.good+" ", " "+who+" "); may == refused {
				t.Errorf("%s %s %.20s as %s: %d %s", c.method, c.path, body, who, a.Status, a.Body)
			}
			if want := http.StatusForbidden; refused && (name == "") != (a.Status == http.StatusUnauthorized) {
				t.Errorf("%s %s as %s: %d, want %d or, of nobody, 401", c.method, c.path, who, a.Status, want)
			}
		}
	}
}

func TestASourceCannotBeForged(t *testing.T) {
	f, _ := guarded(t)
	p := f.Post("/v1/summits/alaska/facts", events.ContentType, noteOf("editor"), bearer("recorder")...).Problem(http.StatusForbidden)
	if p.Pointers() != "/source" {
		t.Errorf("%+v", p)
	}
	var made api.Recorded
	f.Post("/v1/summits/alaska/facts", events.ContentType, noteOf("recorder"), bearer("recorder")...).Want(http.StatusCreated).Into(&made)
	if a := f.Get("/v1/summits/alaska/facts/"+made.ID+"?min="+made.Position, bearer("auditor")...).Want(http.StatusOK); !strings.Contains(a.Body, `"recordedby":"recorder"`) || strings.Contains(a.Body, "secret-") {
		t.Errorf("the event does not name its token: %s", a.Body)
	}
	if a := f.Post("/v1/summits/alaska/facts", events.ContentType, noteOf("elsewhere"), bearer("operator")...); a.Status != http.StatusCreated {
		t.Errorf("an operator brings in what other desks recorded: %d %s", a.Status, a.Body)
	}
}

func TestATokenThatEndedIsRefusedEvenWhereNoneIsNeeded(t *testing.T) {
	f, path := guarded(t)
	const public = "/v1/summits/geneva/timeline"
	f.Get(public, bearer("reader")...).Want(http.StatusOK)
	f.Must(access.Revoke(path, "reader", servertest.RecordedFrom))
	for name, header := range map[string][]string{
		"revoked": bearer("reader"), "unknown": bearer("nobody"), "another scheme": {"Authorization", "Basic eDp5"}, "cookie": {"Cookie", middleware.CookieName(false) + "=secret-reader"},
	} {
		a := f.Get(public, header...)
		a.Problem(http.StatusUnauthorized)
		if !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Bearer ") {
			t.Errorf("%s: %v", name, a.Header)
		}
	}
	f.Ahead.Store(int64(2 * time.Hour))
	f.Get(public, bearer("operator")...).Problem(http.StatusUnauthorized)
	f.Get(public).Want(http.StatusOK)
}

func TestListsShowWhatTheirReaderMayRead(t *testing.T) {
	f, _ := guarded(t)
	for who, want := range map[string]bool{"": false, "narrow": false, "reader": true} {
		for _, path := range []string{"/v1/summits", "/"} {
			a := f.Get(path, bearer(who)...).Want(http.StatusOK)
			if got := strings.Contains(a.Body, "alaska"); got != want || !strings.Contains(a.Body, "geneva") {
				t.Errorf("%s as %q: %s", path, who, a.Body)
			}
		}
	}
}

// A stream that is open when its token ends is told so within a few seconds,
// and ends.
func TestAnOpenStreamEndsWithItsToken(t *testing.T) {
	t.Parallel()
	f, path := guarded(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.URL+"/v1/summits/alaska/live", http.NoBody)
	f.Must(err)
	r.Header.Set("Authorization", "Bearer secret-reader")
	res, err := f.Client.Do(r)
	f.Must(err)
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatal(res.Status)
	}
	f.Must(access.Revoke(path, "reader", servertest.RecordedFrom))
	b, err := io.ReadAll(res.Body)
	f.Must(err)
	if !strings.HasSuffix(string(b), "event: refused\ndata: {\"reason\":\"the token was revoked\"}\n\n") {
		t.Errorf("the stream ended with %q", b)
	}
}
