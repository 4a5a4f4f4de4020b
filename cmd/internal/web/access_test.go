package web

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/events"
)

// guarded is a fixture whose summits alaska and geneva are open, and whose
// tokens are named after their roles.
func guarded(t *testing.T) (*fixture, string) {
	t.Helper()
	f, path := newFixture(t), filepath.Join(t.TempDir(), "tokens.json")
	f.open("alaska")
	f.open("geneva")
	gate, err := access.Open(access.Options{
		File: path, Public: []string{"geneva"},
		Clock: func() time.Time { return recordedFrom.Add(time.Duration(f.ahead.Load())) },
	})
	f.must(err)
	f.gate = gate
	f.serve()
	for _, role := range access.Roles {
		f.must(access.Add(path, access.Token{Name: string(role), Desk: "/desks/" + string(role), Role: role, Expires: recordedFrom.Add(time.Hour)}, "secret-"+string(role)))
	}
	f.must(access.Add(path, access.Token{Name: "narrow", Desk: "/desks/narrow", Role: access.Editor, Summits: []string{"geneva"}, Expires: recordedFrom.Add(time.Hour)}, "secret-narrow"))
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
		{"POST", "/v1/summits", `{"id":"new","title":"New","zone":"UTC","parties":[{"id":"a","name":"A"}]}`, JSONType, "editor operator"},
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
			a := f.do(c.method, c.path, body, append([]string{"Content-Type", c.contentType}, bearer(name)...)...)
			refused := a.status == http.StatusUnauthorized || a.status == http.StatusForbidden
			if may := strings.Contains(" "+c.good+" ", " "+who+" "); may == refused {
				t.Errorf("%s %s %.20s as %s: %d %s", c.method, c.path, body, who, a.status, a.body)
			}
			if want := http.StatusForbidden; refused && (name == "") != (a.status == http.StatusUnauthorized) {
				t.Errorf("%s %s as %s: %d, want %d or, of nobody, 401", c.method, c.path, who, a.status, want)
			}
		}
	}
}

func TestASourceCannotBeForged(t *testing.T) {
	f, _ := guarded(t)
	p := f.post("/v1/summits/alaska/facts", events.ContentType, noteOf("editor"), bearer("recorder")...).problem(http.StatusForbidden)
	if p.pointers() != "/source" {
		t.Errorf("%+v", p)
	}
	var made Recorded
	f.post("/v1/summits/alaska/facts", events.ContentType, noteOf("recorder"), bearer("recorder")...).want(http.StatusCreated).into(&made)
	if a := f.get("/v1/summits/alaska/facts/"+made.ID+"?min="+made.Position, bearer("auditor")...).want(http.StatusOK); !strings.Contains(a.body, `"recordedby":"recorder"`) || strings.Contains(a.body, "secret-") {
		t.Errorf("the event does not name its token: %s", a.body)
	}
	if a := f.post("/v1/summits/alaska/facts", events.ContentType, noteOf("elsewhere"), bearer("operator")...); a.status != http.StatusCreated {
		t.Errorf("an operator brings in what other desks recorded: %d %s", a.status, a.body)
	}
}

func TestATokenThatEndedIsRefusedEvenWhereNoneIsNeeded(t *testing.T) {
	f, path := guarded(t)
	const public = "/v1/summits/geneva/timeline"
	f.get(public, bearer("reader")...).want(http.StatusOK)
	f.must(access.Revoke(path, "reader", recordedFrom))
	for name, header := range map[string][]string{
		"revoked": bearer("reader"), "unknown": bearer("nobody"), "another scheme": {"Authorization", "Basic eDp5"}, "cookie": {"Cookie", CookieName(false) + "=secret-reader"},
	} {
		a := f.get(public, header...)
		a.problem(http.StatusUnauthorized)
		if !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Bearer ") {
			t.Errorf("%s: %v", name, a.header)
		}
	}
	f.ahead.Store(int64(2 * time.Hour))
	f.get(public, bearer("operator")...).problem(http.StatusUnauthorized)
	f.get(public).want(http.StatusOK)
}

func TestListsShowWhatTheirReaderMayRead(t *testing.T) {
	f, _ := guarded(t)
	for who, want := range map[string]bool{"": false, "narrow": false, "reader": true} {
		for _, path := range []string{"/v1/summits", "/"} {
			a := f.get(path, bearer(who)...).want(http.StatusOK)
			if got := strings.Contains(a.body, "alaska"); got != want || !strings.Contains(a.body, "geneva") {
				t.Errorf("%s as %q: %s", path, who, a.body)
			}
		}
	}
}

// A stream that is open when its token ends is told so within a few seconds,
// and ends.
func TestAnOpenStreamEndsWithItsToken(t *testing.T) {
	f, path := guarded(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.url+"/v1/summits/alaska/live", http.NoBody)
	f.must(err)
	r.Header.Set("Authorization", "Bearer secret-reader")
	res, err := f.client.Do(r)
	f.must(err)
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatal(res.Status)
	}
	f.must(access.Revoke(path, "reader", recordedFrom))
	b, err := io.ReadAll(res.Body)
	f.must(err)
	if !strings.HasSuffix(string(b), "event: refused\ndata: {\"reason\":\"the token was revoked\"}\n\n") {
		t.Errorf("the stream ended with %q", b)
	}
}
