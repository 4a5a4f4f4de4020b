package httpserver_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	httpserver "github.com/summit-timeline/summit/cmd/internal/http"
	"github.com/summit-timeline/summit/cmd/internal/http/api"
	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/cmd/internal/http/site"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/eventstest"
)

// besieged is a fixture that anybody may do anything to, with the log that its
// operator reads.
type besieged struct {
	*fixture
	log     *eventstest.Buffer
	random  *rand.Rand
	tried   int
	refused int
}

func besiege(t *testing.T) *besieged {
	t.Helper()
	f, log := newFixture(t), &eventstest.Buffer{}
	f.Alaska()
	f.Logger = slog.New(slog.NewTextHandler(log, nil))
	f.Serve()
	b := &besieged{fixture: f, log: log, random: rand.New(rand.NewPCG(2025, 8))}
	t.Cleanup(b.stands)
	return b
}

// try sends a request past the network. Whatever it says, the answer is one
// that the server means to give, and what is refused changes nothing.
func (b *besieged) try(r *http.Request) *httptest.ResponseRecorder {
	b.Helper()
	r.Host, r.RemoteAddr = "localhost", "127.0.0.1:1"
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	before := b.Head("alaska-2025").Seq
	w := httptest.NewRecorder()
	b.Handler.ServeHTTP(&leaving{w, cancel}, r.WithContext(ctx))
	b.tried++
	if w.Code >= http.StatusBadRequest {
		b.refused++
		b.meant(r, w)
		if after := b.Head("alaska-2025").Seq; after != before {
			b.Errorf("%s %.200q is refused with %d, and the log grew from %d to %d", r.Method, r.URL, w.Code, before, after)
		}
	}
	if p, err := events.ParsePosition(w.Header().Get("Summit-Position")); err == nil && r.Method == http.MethodPost && w.Code < 300 {
		if s, ok := b.Registry.Summit("alaska-2025"); ok && p.Epoch == s.Views.Head().Epoch {
			b.Must(s.Views.Wait(context.Background(), p.Seq))
		}
	}
	if w.Header().Get("X-Injected") != "" {
		b.Errorf("%s %.200q: a header was injected: %v", r.Method, r.URL, w.Header())
	}
	if to := w.Header().Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\r\n\\")) {
		b.Errorf("%s %.200q leads to %q", r.Method, r.URL, to)
	}
	return w
}

// meant checks a refusal.
func (b *besieged) meant(r *http.Request, w *httptest.ResponseRecorder) {
	b.Helper()
	var p respond.Problem
	err := json.Unmarshal(w.Body.Bytes(), &p)
	if w.Code >= http.StatusInternalServerError || w.Header().Get("Content-Type") != "application/problem+json" || err != nil || p.Status != w.Code || p.Detail == "" {
		b.Errorf("%s %.200q: %d %s %.300q (%v)", r.Method, r.URL, w.Code, w.Header().Get("Content-Type"), w.Body, err)
	}
}

// leaving is a reader who has seen enough of a stream once it begins.
type leaving struct {
	*httptest.ResponseRecorder
	leave func()
}

func (l *leaving) Flush() {
	l.ResponseRecorder.Flush()
	l.leave()
}

// stands checks that the server is as it was.
func (b *besieged) stands() {
	b.Get("/readyz").Want(http.StatusOK)
	b.Get("/v1/summits/alaska-2025/timeline").Want(http.StatusOK)
	log := b.log.String()
	if strings.Contains(log, "panic") || strings.Contains(log, "level=ERROR") {
		b.Errorf("the operator's log: %.2000s", log)
	}
	if strings.ContainsFunc(log, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f }) || strings.Contains(log, "\nX-Injected") {
		b.Errorf("something else than text is in the operator's log: %.2000q", log)
	}
	js, err := jetstream.New(b.NATS)
	b.Must(err)
	for _, name := range b.Streams() {
		s, err := js.Stream(context.Background(), name)
		b.Must(err)
		info, err := s.Info(context.Background(), jetstream.WithSubjectFilter(">"))
		b.Must(err)
		for subject := range info.State.Subjects {
			if !regexp.MustCompile(`^facts\.[a-z0-9-]+\.[a-z]+\.[a-z0-9-]+$`).MatchString(subject) {
				b.Errorf("the log has the subject %q", subject)
			}
		}
	}
	var at uint64
	for line := range strings.Lines(b.Get("/v1/summits/alaska-2025/log").Want(http.StatusOK).Body) {
		if at++; strings.Contains(line, "alaska-2025") {
			if _, err := events.Decode([]byte(strings.TrimSuffix(line, "\n"))); err != nil {
				b.Errorf("event %d cannot be read: %v", at, err)
			}
		}
	}
	b.Logf("%d requests, %d of them refused", b.tried, b.refused)
}

func body(path, contentType string, b []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(b))
	r.Header.Set("Content-Type", contentType)
	return r
}

const hostileFacts = "/v1/summits/alaska-2025/facts"

// takers are all endpoints that take a body.
var takers = []struct{ path, contentType string }{
	{hostileFacts, events.ContentType}, {hostileFacts, api.BatchType}, {"/v1/summits", events.ContentType}, {"/v1/summits", respond.JSONType}, {site.SignInPath, site.FormType}, {site.SignOutPath, site.FormType},
}

func TestHostileBodies(t *testing.T) {
	b := besiege(t)
	const each = 25
	for _, to := range takers {
		for _, seed := range seedEvents(t) {
			b.try(body(to.path, to.contentType, seed))
			for range each {
				b.try(body(to.path, to.contentType, mutate(b.random, seed)))
			}
		}
		for _, text := range hostileTexts {
			b.try(body(to.path, to.contentType, []byte(text)))
			b.try(body(to.path, to.contentType, []byte("token="+url.QueryEscape(text)+"&next="+url.QueryEscape(text))))
		}
	}
}

func TestBombsAreRefused(t *testing.T) {
	b := besiege(t)
	for name, bomb := range bombs() {
		for _, to := range takers {
			for _, text := range []string{bomb, "[" + bomb + "]"} {
				if w := b.try(body(to.path, to.contentType, []byte(text))); w.Code < http.StatusBadRequest && to.path != site.SignOutPath && name != "white space" {
					t.Errorf("%s to %s as %s: %d %.200s", name, to.path, to.contentType, w.Code, w.Body)
				}
			}
		}
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write(make([]byte, 64<<20))
	b.Must(err)
	b.Must(z.Close())
	for _, encoding := range []string{"gzip", "x-gzip", "deflate", "br", "zstd", "gzip, gzip", "GZIP", "identity, gzip"} {
		for _, to := range takers {
			r := body(to.path, to.contentType, packed.Bytes())
			r.Header.Set("Content-Encoding", encoding)
			if w := b.try(r); w.Code != http.StatusUnsupportedMediaType {
				t.Errorf("%s to %s: %d", encoding, to.path, w.Code)
			}
		}
	}
}

// fill puts values into the holes of a route's path.
func fill(path string, value func(hole string) string) string {
	return regexp.MustCompile(`\{[^}]*\}`).ReplaceAllStringFunc(strings.TrimSuffix(path, "{$}"), value)
}

func sound(hole string) string {
	return map[string]string{
		"{s}": "alaska-2025", "{id}": "41c0f77c-d14a-5ac3-aff9-6f6df1ad8a0c", "{table}": "facts", "{tile...}": "0/000.p/1", "{type}": "note.added", "{version}": "1", "{name}": "summit.css",
	}[hole]
}

func (b *besieged) everyRoute() []middleware.Route { return httpserver.Routes() }

func TestHostileQueries(t *testing.T) {
	b := besiege(t)
	good := []string{"2025-08-15T00:00:00Z", "@9", b.At("alaska-2025", 9), "aircraft.*", "aircraft/il-96-300", "B2", "occurred", "desc", "50", "unverified"}
	for _, rt := range b.everyRoute() {
		path := fill(rt.Path, sound)
		for _, name := range append([]string{"token", "access_token", "x\r\nX-Injected", "%", ""}, rt.Params...) {
			values := append([]string{strings.Repeat("a", 40_000), strings.Repeat("%2e", 5_000), strings.Repeat("[", 5_000)}, hostileTexts...)
			if name != "min" { // a position that is yet to come is waited for
				for range 6 {
					values = append(values, string(mutate(b.random, []byte(good[b.random.IntN(len(good))]))))
				}
			}
			for n, v := range values {
				if shared := len(rt.Params) >= len(reading.Filters) && rt.Path != "/v1/summits/{s}/timeline"; shared && n%8 != 0 {
					continue // the timeline reads its parameters as they do
				}
				r := httptest.NewRequest(rt.Method, path, http.NoBody)
				r.URL.RawQuery = url.QueryEscape(name) + "=" + url.QueryEscape(v)
				b.try(r)
			}
		}
		for _, raw := range []string{"%", "%zz=%zz", "a=b;c=d", "&&&&", "=", strings.Repeat("a&", 20_000), "q=%00%ff%fe", "\x1b[2J"} {
			r := httptest.NewRequest(rt.Method, path, http.NoBody)
			r.URL.RawQuery = raw
			b.try(r)
		}
	}
}

func TestHostilePaths(t *testing.T) {
	b := besiege(t)
	for _, rt := range b.everyRoute() {
		for _, text := range hostileTexts {
			for _, method := range []string{rt.Method, http.MethodPut, http.MethodHead, http.MethodOptions, "TRACE", "X-Y"} {
				r := httptest.NewRequest(method, "/", http.NoBody)
				r.URL.Path = fill(rt.Path, func(string) string { return text })
				if w := b.try(r); rt.Path == "/assets/{name}" && w.Code == http.StatusOK && text != "" {
					t.Errorf("%s %q is served: %.200s", method, r.URL.Path, w.Body)
				}
				if !strings.Contains(rt.Path, "{") {
					r.URL.Path += text
					b.try(r)
				}
			}
		}
	}
}

func TestHostileHeaders(t *testing.T) {
	b := besiege(t)
	names := []string{
		"If-Match", "If-None-Match", "Last-Event-ID", "Accept", "Accept-Encoding", "Content-Type", "Authorization", "Cookie", "Origin", "Sec-Fetch-Site", "Range", "Expect",
		"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Original-URL", "X-HTTP-Method-Override", "Traceparent", "Access-Control-Request-Method",
	}
	n := 0
	for _, rt := range b.everyRoute() {
		for _, name := range names {
			for _, text := range append([]string{"Bearer " + strings.Repeat("a.", 9_000), strings.Repeat(`"x",`, 9_000), strings.Repeat("a=b;", 9_000)}, hostileTexts...) {
				r := httptest.NewRequest(rt.Method, fill(rt.Path, sound), strings.NewReader(servertest.Note("a", "a")))
				r.Header.Set("Content-Type", events.ContentType)
				r.Header[name] = []string{text}
				if name == "Cookie" {
					r.Header[name] = []string{"summit_token=" + text}
				}
				if n++; n%23 == 0 { // each route and each header with others
					b.try(r)
				}
			}
		}
	}
}

// Bytes that are not HTTP are refused by net/http, and reach nobody else.
func TestHostileLines(t *testing.T) {
	b := besiege(t)
	for _, lines := range []string{
		"GET /v1/summits\r\nX-Injected: yes HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET /assets/%2e%2e/%2e%2e/page.go HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /v1/summits HTTP/1.1\r\nHost: localhost\r\nA: b\x00c\r\n\r\n", "GET /v1/summits HTTP/9.9\r\nHost: localhost\r\n\r\n",
		"POST /v1/summits HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"POST /v1/summits HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", "POST /v1/summits HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", "GET / HTTP/1.1\r\nHost: evil.example/@localhost\r\n\r\n", "\x16\x03\x01\x02\x00", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\r\n\r\n\r\n\r\n",
		"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", "GET * HTTP/1.1\r\nHost: localhost\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
	} {
		c, err := net.Dial("tcp", strings.TrimPrefix(b.URL, "http://"))
		b.Must(err)
		b.Must(c.SetDeadline(time.Now().Add(20 * time.Second)))
		_, err = io.WriteString(c, lines)
		b.Must(err)
		b.Must(c.(*net.TCPConn).CloseWrite())
		for in := bufio.NewReader(c); ; {
			res, err := http.ReadResponse(in, nil)
			if err != nil {
				break
			}
			text, err := io.ReadAll(res.Body)
			_ = res.Body.Close() // all of it was read, or the next is no answer
			b.tried++
			if res.StatusCode >= 400 {
				b.refused++
			}
			if err != nil || res.StatusCode >= 500 && res.StatusCode != http.StatusNotImplemented && res.StatusCode != http.StatusHTTPVersionNotSupported || res.Header.Get("X-Injected") != "" || bytes.Contains(text, []byte("root:")) {
				t.Errorf("%.100q: %s %v %.200q", lines, res.Status, err, text)
			}
		}
		b.Must(c.Close())
	}
}

// FuzzRecord continues where the tests above end, for as long as it is let.
func FuzzRecord(f *testing.F) {
	fix := newFixture(f)
	fix.Alaska()
	for _, s := range seedEvents(f) {
		f.Add(s)
	}
	s, _ := fix.Registry.Summit("alaska-2025")
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, to := range takers[:4] {
			before := s.Views.Head()
			r, w := body(to.path, to.contentType, raw), httptest.NewRecorder()
			r.Host = "localhost"
			fix.Handler.ServeHTTP(w, r)
			if p, err := events.ParsePosition(w.Header().Get("Summit-Position")); err == nil && w.Code < 300 && p.Epoch == before.Epoch {
				if err := s.Views.Wait(t.Context(), p.Seq); err != nil {
					t.Fatal(err)
				}
			}
			if w.Code >= http.StatusInternalServerError || w.Code >= http.StatusBadRequest && (w.Header().Get("Content-Type") != "application/problem+json" || s.Views.Head() != before) {
				t.Fatalf("%s as %s: %d %s", to.path, to.contentType, w.Code, w.Body)
			}
		}
	})
}
