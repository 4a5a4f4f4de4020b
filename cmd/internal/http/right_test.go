package httpserver_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/access"
	httpserver "github.com/summit-timeline/summit/cmd/internal/http"
	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
)

// asked is what each route asks of those who use it. A new route must be added
// here too; feeds ask what the timeline asks.
var asked = map[string]string{
	"GET /v1/summits": "nothing", "POST /v1/summits": "itself", "GET /v1/summits/{s}": "read", "POST /v1/summits/{s}/facts": "record",
	"GET /v1/summits/{s}/timeline": "read", "GET /v1/summits/{s}/status": "read", "GET /v1/summits/{s}/changes": "read", "GET /v1/summits/{s}/conflicts": "read", "GET /v1/summits/{s}/entities": "read",
	"GET /v1/summits/{s}/facts/{id}": "read", "GET /v1/summits/{s}/log": "read", "GET /v1/summits/{s}/live": "read",
	"GET /v1/summits/{s}/digests": "audit", "GET /v1/summits/{s}/views/{table}": "audit", "GET /v1/summits/{s}/archive": "audit", "GET /v1/summits/{s}/snapshot": "audit",
	"GET /v1/summits/{s}/checkpoint": "read", "GET /v1/summits/{s}/key": "read", "GET /v1/summits/{s}/tile/{tile...}": "read",
	"GET /v1/summits/{s}/proof/inclusion": "read", "GET /v1/summits/{s}/proof/consistency": "read",
	"GET /v1/key": "nothing", "GET /schemas/{type}/{version}": "nothing", "GET /openapi.json": "nothing", "GET /asyncapi.json": "nothing",
	"GET /v1/doctor": "operate", "GET /metrics": "operate", "GET /healthz": "nothing", "GET /readyz": "nothing",
	"GET /{$}": "nothing", "GET /summits/{s}": "read", "GET /summits/{s}/map.svg": "read", "GET /assets/{name}": "nothing",
	"GET /docs": "nothing", "GET /docs/{topic}": "nothing",
	"GET /signin": "whoever", "POST /signin": "whoever", "POST /signout": "whoever",
}

// neededBy is what a route asks.
func neededBy(rt middleware.Route) (need string, known bool) {
	key := rt.Method + " " + rt.Path
	if path, ending, feed := strings.Cut(key, "/timeline."); feed && slices.Contains(endings(), ending) {
		key = path + "/timeline"
	}
	need, known = asked[key]
	return need, known
}

// permitted are those who may, in a summit that is not public and in one that is.
// The bearer of narrow is an editor of another summit.
var permitted = map[string][2]string{
	"nothing": {"anybody narrow reader recorder editor auditor operator", "anybody narrow reader recorder editor auditor operator"},
	"itself":  {"anybody narrow reader recorder editor auditor operator", "anybody narrow reader recorder editor auditor operator"},
	"whoever": {"forged anybody narrow reader recorder editor auditor operator", "forged anybody narrow reader recorder editor auditor operator"},
	"read":    {"reader recorder editor auditor operator", "anybody narrow reader recorder editor auditor operator"},
	"record":  {"recorder editor operator", "recorder editor operator"},
	"audit":   {"auditor operator", "auditor operator"},
	"operate": {"operator", "operator"},
}

func TestEachRouteAsksForItsRight(t *testing.T) {
	f := newFixture(t)
	path := filepath.Join(t.TempDir(), "tokens.json")
	gate, err := access.Open(access.Options{File: path, Public: []string{"geneva"}, Clock: func() time.Time { return servertest.RecordedFrom }})
	f.Must(err)
	for _, role := range access.Roles {
		f.Must(access.Add(path, access.Token{Name: string(role), Desk: "/desks/d", Role: role, Expires: servertest.RecordedFrom.Add(time.Hour)}, "secret-"+string(role)))
	}
	f.Must(access.Add(path, access.Token{Name: "narrow", Desk: "/desks/d", Role: access.Editor, Summits: []string{"vienna"}, Expires: servertest.RecordedFrom.Add(time.Hour)}, "secret-narrow"))
	x := middleware.NewStack(middleware.StackOptions{Gate: gate, Clock: time.Now})
	table := httpserver.Routes()
	for _, rt := range table {
		need, known := neededBy(rt)
		if !known {
			t.Errorf("%s %s is not in the matrix: add who may use it to asked", rt.Method, rt.Path)
			continue
		}
		for i, summit := range []string{"alaska", "geneva"} {
			for _, who := range []string{"forged", "anybody", "narrow", "reader", "recorder", "editor", "auditor", "operator"} {
				w, r := httptest.NewRecorder(), httptest.NewRequest(rt.Method, "http://localhost/", http.NoBody)
				if who != "anybody" {
					r.Header.Set("Authorization", "Bearer secret-"+who)
				}
				if strings.Contains(rt.Path, "{s}") {
					r.SetPathValue("s", summit)
				}
				r, _ = x.Meet(r)
				err := middleware.Admit(w, r, rt.Right)
				if want := slices.Contains(strings.Fields(permitted[need][i]), who); (err == nil) != want {
					t.Errorf("%s %s of %s as %s: %v, want let in: %t", rt.Method, rt.Path, summit, who, err, want)
				}
				if p, ok := err.(*respond.Problem); err != nil && (!ok || (p.Status == http.StatusUnauthorized) != (who == "anybody" || who == "forged")) { //nolint:errorlint // admit gives it bare
					t.Errorf("%s %s of %s as %s: %v", rt.Method, rt.Path, summit, who, err)
				}
			}
		}
	}
	if want := len(asked) + len(endings()); len(table) != want {
		t.Errorf("%d routes, and %d in the matrix and of feeds", len(table), want)
	}
}

// A route that does not say who may use it is not served.
func TestARouteWithoutARightIsNotServed(t *testing.T) {
	if err := middleware.CheckRights([]middleware.Route{{Method: http.MethodGet, Path: "/new"}}); err == nil || !regexp.MustCompile("GET /new").MatchString(err.Error()) {
		t.Errorf("it is taken: %v", err)
	}
}

// The bearer of a token for another summit may read what anybody may read, and no more.
// A bad token opens nothing.
func TestAPublicSummitIsReadWithAnyToken(t *testing.T) {
	f, path := guarded(t)
	f.Must(access.Add(path, access.Token{Name: "away", Desk: "/desks/away", Role: access.Recorder, Summits: []string{"alaska"}, Expires: servertest.RecordedFrom.Add(time.Hour)}, "secret-away"))
	for _, read := range []string{"", "/timeline", "/status", "/timeline.csv", "/log", "/checkpoint"} {
		f.Get("/v1/summits/geneva"+read, bearer("away")...).Want(http.StatusOK)
	}
	f.Get("/summits/geneva", bearer("away")...).Want(http.StatusOK)
	if a := f.Get("/v1/summits", bearer("away")...); !strings.Contains(a.Body, "geneva") || !strings.Contains(a.Body, "alaska") {
		t.Errorf("its list is %s", a.Body)
	}
	f.Post("/v1/summits/geneva/facts", "application/cloudevents+json", noteOf("away"), bearer("away")...).Problem(http.StatusForbidden)
	f.Get("/v1/summits/geneva/digests", bearer("away")...).Problem(http.StatusForbidden)
	f.Get("/v1/summits/alaska/timeline", bearer("narrow")...).Problem(http.StatusForbidden)
	f.Get("/v1/summits/geneva/timeline", bearer("nobody")...).Problem(http.StatusUnauthorized)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, f.URL+"/v1/summits/geneva/live", http.NoBody)
	f.Must(err)
	r.Header.Set("Authorization", "Bearer secret-away")
	res, err := f.Client.Do(r)
	f.Must(err)
	if res.StatusCode != http.StatusOK {
		t.Errorf("live: %s", res.Status)
	}
	cancel()
	_ = res.Body.Close()
}
