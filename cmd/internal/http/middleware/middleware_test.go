package middleware_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/limits"
	"github.com/summit-timeline/summit/events/class"
)

// stack is a stack with one route, and what is logged.
type stack struct {
	*testing.T
	*middleware.Stack
	handler http.Handler
	log     *bytes.Buffer
}

func newStack(t *testing.T, right middleware.Right, serve middleware.HandlerFunc, set ...func(*middleware.StackOptions)) *stack {
	t.Helper()
	s := &stack{T: t, log: &bytes.Buffer{}}
	o := middleware.StackOptions{Clock: time.Now, Logger: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, change := range set {
		change(&o)
	}
	s.Stack = middleware.NewStack(o)
	mux := http.NewServeMux()
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		mux.Handle(method+" /s/{s}", s.Handle(middleware.Route{Method: method, Path: "/s/{s}", Right: right, Params: []string{"known"}, Serve: serve}))
	}
	var err error
	if s.handler, err = s.Guard(mux); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *stack) ask(method, target string, headers ...string) *httptest.ResponseRecorder {
	s.Helper()
	r := httptest.NewRequest(method, target, http.NoBody)
	r.RemoteAddr = "192.0.2.7:1234"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

func ok(w http.ResponseWriter, _ *http.Request) error {
	_, err := io.WriteString(w, "ok")
	return err
}

// guarded has a gate with a token of each role; the token is the role's name.
func guarded(t *testing.T) func(*middleware.StackOptions) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokens.json")
	for _, role := range []access.Role{access.Reader, access.Recorder, access.Operator} {
		token := access.Token{Name: string(role), Desk: "/desks/" + string(role), Role: role, Summits: []string{"geneva"}, Expires: time.Now().Add(time.Hour)}
		if role == access.Operator {
			token.Summits = nil
		}
		if err := access.Add(path, token, string(role)); err != nil {
			t.Fatal(err)
		}
	}
	gate, err := access.Open(access.Options{File: path, Clock: time.Now, Public: []string{"public"}})
	if err != nil {
		t.Fatal(err)
	}
	return func(o *middleware.StackOptions) { o.Gate = gate }
}

// A route decides who may use it. A sender of a bad token is not treated as somebody
// without a token.
func TestARouteAdmitsWhomItsRightAdmits(t *testing.T) {
	gate := guarded(t)
	for right, want := range map[middleware.Right]map[string]int{
		middleware.Nobody:    {"": 403, "reader": 403, "operator": 403, "wrong": 403},
		middleware.Anybody:   {"": 200, "reader": 200, "wrong": 401},
		middleware.Unchecked: {"": 200, "reader": 200, "wrong": 200},
		middleware.Reads:     {"": 401, "reader": 200, "recorder": 200, "operator": 200, "wrong": 401},
		middleware.Records:   {"": 401, "reader": 403, "recorder": 200, "operator": 200},
		middleware.Operates:  {"": 401, "reader": 403, "recorder": 403, "operator": 200},
	} {
		s := newStack(t, right, ok, gate)
		for token, status := range want {
			var headers []string
			if token != "" {
				headers = []string{"Authorization", "Bearer " + token}
			}
			w := s.ask(http.MethodGet, "/s/geneva", headers...)
			if w.Code != status {
				t.Errorf("right %d, token %q: %d %s, want %d", right, token, w.Code, w.Body, status)
			}
			if asked := w.Header().Get("WWW-Authenticate") != ""; asked != (status == http.StatusUnauthorized) {
				t.Errorf("right %d, token %q: a token is asked for: %v", right, token, asked)
			}
		}
	}
	s := newStack(t, middleware.Reads, ok, gate)
	for target, status := range map[string]int{"/s/oslo": 403, "/s/public": 200} {
		if w := s.ask(http.MethodGet, target, "Authorization", "bearer reader"); w.Code != status {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
	for _, header := range []string{"Basic reader", "Bearer", "reader"} {
		if w := s.ask(http.MethodGet, "/s/geneva", "Authorization", header); w.Code != http.StatusUnauthorized {
			t.Errorf("%q: %d", header, w.Code)
		}
	}
	if w := s.ask(http.MethodGet, "/s/geneva", "Cookie", middleware.CookieName(false)+"=reader"); w.Code != http.StatusOK {
		t.Errorf("by a cookie: %d", w.Code)
	}
	if strings.Contains(s.log.String(), "Bearer") || !strings.Contains(s.log.String(), "token=reader") {
		t.Errorf("the log names the token otherwise than by its name: %s", s.log)
	}
}

func TestARouteWithoutARightIsNotServed(t *testing.T) {
	stated := middleware.Route{Method: "GET", Path: "/a", Right: middleware.Anybody}
	if err := middleware.CheckRights([]middleware.Route{stated}); err != nil {
		t.Error(err)
	}
	for _, right := range []middleware.Right{middleware.Nobody, middleware.OrSignIn} {
		if err := middleware.CheckRights([]middleware.Route{stated, {Method: "GET", Path: "/b", Right: right}}); err == nil || !strings.Contains(err.Error(), "/b") {
			t.Errorf("right %d: %v", right, err)
		}
	}
}

// Forwarded headers are believed only if they come from a configured proxy.
func TestAVisitorIsWhoTheProxiesSay(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	for name, c := range map[string]struct {
		proxies []netip.Prefix
		headers []string
		from    string
		secure  bool
		site    string
	}{
		"nobody":        {nil, nil, "192.0.2.7", false, "http://example.com"},
		"not believed":  {nil, []string{"X-Forwarded-For", "198.51.100.1", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "a.example"}, "192.0.2.7", false, "http://example.com"},
		"a proxy":       {proxies, []string{"X-Forwarded-For", "198.51.100.1", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "a.example"}, "198.51.100.1", true, "https://a.example"},
		"two proxies":   {proxies, []string{"X-Forwarded-For", "198.51.100.1, 192.0.2.9"}, "198.51.100.1", false, "http://example.com"},
		"a forged hop":  {proxies, []string{"X-Forwarded-For", "203.0.113.5, 198.51.100.1"}, "198.51.100.1", false, "http://example.com"},
		"two headers":   {proxies, []string{"X-Forwarded-For", "203.0.113.5", "X-Forwarded-For", "198.51.100.1"}, "198.51.100.1", false, "http://example.com"},
		"nonsense":      {proxies, []string{"X-Forwarded-For", "198.51.100.1, unknown"}, "192.0.2.7", false, "http://example.com"},
		"with a port":   {proxies, []string{"X-Forwarded-For", "[2001:db8::1]:99"}, "2001:db8::1", false, "http://example.com"},
		"a host forged": {proxies, []string{"X-Forwarded-Host", "a.example/x"}, "192.0.2.7", false, "http://example.com"},
	} {
		var v *middleware.Visitor
		var site string
		s := newStack(t, middleware.Anybody, func(_ http.ResponseWriter, r *http.Request) error {
			v, site = middleware.Visiting(r), middleware.SiteOf(r)
			return nil
		}, func(o *middleware.StackOptions) { o.Proxies = c.proxies })
		if w := s.ask(http.MethodGet, "/s/geneva", c.headers...); w.Code != http.StatusOK {
			t.Fatalf("%s: %d", name, w.Code)
		}
		if v.Address.String() != c.from || v.Secure != c.secure || site != c.site {
			t.Errorf("%s: from %s, secure %v, at %s", name, v.Address, v.Secure, site)
		}
	}
}

// Requests that no honest client sends are refused before any handler sees them.
func TestWhatNoHonestClientSendsIsRefused(t *testing.T) {
	reached := false
	s := newStack(t, middleware.Anybody, func(http.ResponseWriter, *http.Request) error { reached = true; return nil }, func(o *middleware.StackOptions) {
		o.Loopback, o.Origins = true, []string{"https://news.example"}
	})
	local := []string{"Host", "localhost:8080"}
	for name, c := range map[string]struct {
		method  string
		headers []string
		status  int
	}{
		"as it should be":        {http.MethodPost, local, 200},
		"by address":             {http.MethodGet, []string{"Host", "127.0.0.1:8080"}, 200},
		"by address, version 6":  {http.MethodGet, []string{"Host", "[::1]"}, 200},
		"another host":           {http.MethodGet, []string{"Host", "evil.example"}, 421},
		"a name that begins so":  {http.MethodGet, []string{"Host", "localhost.evil.example"}, 421},
		"a packed body":          {http.MethodPost, append([]string{"Content-Encoding", "gzip"}, local...), 415},
		"a body as it is":        {http.MethodPost, append([]string{"Content-Encoding", "identity"}, local...), 200},
		"a page of another":      {http.MethodPost, append([]string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, local...), 403},
		"a page that is trusted": {http.MethodPost, append([]string{"Origin", "https://news.example", "Sec-Fetch-Site", "cross-site"}, local...), 200},
		"a page that only reads": {http.MethodGet, append([]string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, local...), 200},
	} {
		reached = false
		w := s.ask(c.method, "/s/geneva", c.headers...)
		if w.Code != c.status || reached != (c.status == http.StatusOK) {
			t.Errorf("%s: %d %s, reached %v", name, w.Code, w.Body, reached)
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: headers %v", name, w.Header())
		}
	}
}

// Pages of other origins may read where CORS allows it. They act for a reader who has
// signed in only if their origin is named.
func TestPagesOfOtherOriginsReadWhereTheyMay(t *testing.T) {
	for name, c := range map[string]struct {
		origins             []string
		origin              string
		allowed, credential string
	}{
		"none":              {nil, "https://a.example", "", ""},
		"one that is named": {[]string{"https://a.example"}, "https://a.example", "https://a.example", "true"},
		"another":           {[]string{"https://a.example"}, "https://b.example", "", ""},
		"any":               {[]string{middleware.AnyOrigin}, "https://b.example", "*", ""},
		"any and one":       {[]string{middleware.AnyOrigin, "https://a.example"}, "https://a.example", "https://a.example", "true"},
	} {
		s := newStack(t, middleware.Anybody, ok, func(o *middleware.StackOptions) { o.Origins = c.origins })
		w := s.ask(http.MethodGet, "/s/geneva", "Origin", c.origin)
		if h := w.Header(); h.Get("Access-Control-Allow-Origin") != c.allowed || h.Get("Access-Control-Allow-Credentials") != c.credential {
			t.Errorf("%s: %v", name, h)
		}
		w = s.ask(http.MethodOptions, "/s/geneva", "Origin", c.origin, "Access-Control-Request-Method", "POST")
		if preflight := w.Code == http.StatusNoContent; preflight != (c.allowed != "") {
			t.Errorf("%s: asked before, %d", name, w.Code)
		}
	}
	for origin, good := range map[string]bool{
		"https://a.example": true, "http://localhost:8080": true, "https://a.example/": false, "a.example": false, "https://A.example": false,
		"ftp://a.example": false, "https://u@a.example": false, "": false, "null": false, "https://": false,
	} {
		if err := middleware.CheckOrigin(origin); (err == nil) != good {
			t.Errorf("%q: %v", origin, err)
		}
	}
}

// A failure of the server is logged for its operator, and a panic ends only one
// request.
func TestAFailureIsToldToTheOperator(t *testing.T) {
	for name, c := range map[string]struct {
		serve  middleware.HandlerFunc
		status int
		logged string
		retry  bool
	}{
		"an error":  {func(http.ResponseWriter, *http.Request) error { return errors.New("the cause") }, 500, "the cause", false},
		"a panic":   {func(http.ResponseWriter, *http.Request) error { panic("the cause") }, 500, "middleware_test.go", false},
		"passing":   {func(http.ResponseWriter, *http.Request) error { return class.New(class.Passing, "the cause") }, 503, "the cause", true},
		"a refusal": {func(http.ResponseWriter, *http.Request) error { return &respond.Problem{Status: 409, Detail: "taken"} }, 409, "", false},
	} {
		s := newStack(t, middleware.Anybody, c.serve)
		w := s.ask(http.MethodGet, "/s/geneva")
		if w.Code != c.status || (w.Header().Get("Retry-After") != "") != c.retry {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
		if told := strings.Contains(s.log.String(), "level=ERROR"); told != (c.logged != "") || !strings.Contains(s.log.String(), c.logged) {
			t.Errorf("%s: the log has %s", name, s.log)
		}
	}
	s := newStack(t, middleware.Anybody, func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = io.WriteString(w, "half")
		panic("the cause")
	})
	func() {
		defer func() {
			if p := recover(); p != http.ErrAbortHandler { //nolint:errorlint // it is compared as net/http does
				t.Errorf("an answer that has begun is ended by %v", p)
			}
		}()
		s.ask(http.MethodGet, "/s/geneva")
	}()
	gone := newStack(t, middleware.Anybody, func(http.ResponseWriter, *http.Request) error { return context.Canceled })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	gone.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/s/geneva", http.NoBody).WithContext(ctx))
	if w.Body.Len() > 0 || strings.Contains(gone.log.String(), "level=ERROR") {
		t.Errorf("who has gone is answered %s; the log has %s", w.Body, gone.log)
	}
}

func TestParametersAreThoseOfTheRoute(t *testing.T) {
	s := newStack(t, middleware.Anybody, ok)
	for query, want := range map[string]string{"": "", "?known=@1": "", "?know=@1": "know is not a parameter here; the parameters are: known", "?known=@1&known=@2": "known is given more than once"} {
		w := s.ask(http.MethodGet, "/s/geneva"+query)
		if (w.Code == http.StatusOK) != (want == "") || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
}

// Each client has its own limit of requests, by token or by address.
func TestEachClientHasItsOwnRequests(t *testing.T) {
	rates, err := limits.NewRates(1, false)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2025, 8, 15, 10, 0, 0, 0, time.UTC)
	s := newStack(t, middleware.Anybody, ok, guarded(t), func(o *middleware.StackOptions) { o.Rates, o.Clock = rates, func() time.Time { return now } })
	served := func(headers ...string) (n int) {
		for ; n < 1000; n++ {
			if w := s.ask(http.MethodGet, "/s/geneva", headers...); w.Code == http.StatusTooManyRequests {
				if w.Header().Get("Retry-After") == "" || w.Header().Get("RateLimit-Policy") == "" {
					t.Errorf("headers %v", w.Header())
				}
				return n
			}
		}
		return n
	}
	first := served()
	if first == 0 || first == 1000 || served() != 0 {
		t.Fatalf("%d were served", first)
	}
	if n := served("Authorization", "Bearer reader"); n != first {
		t.Errorf("%d were served with a token, want %d", n, first)
	}
	if n := served("Authorization", "Bearer wrong"); n != 0 {
		t.Errorf("%d were served with a token that is none", n)
	}
	now = now.Add(time.Minute)
	if served() == 0 {
		t.Error("it never passes")
	}
}
