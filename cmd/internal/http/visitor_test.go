package httpserver_test

import (
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
	"github.com/summit-timeline/summit/cmd/internal/http/site"
	"github.com/summit-timeline/summit/cmd/internal/limits"
)

// behind serves the fixture behind proxies, with a rate if one is given.
func (f *fixture) behind(rate string, proxies ...string) {
	f.Helper()
	f.Proxies, f.Rates = nil, nil
	for _, p := range proxies {
		f.Proxies = append(f.Proxies, netip.MustParsePrefix(p))
	}
	if rate != "" {
		each, err := limits.ParseRate(rate)
		f.Must(err)
		f.Rates, err = limits.NewRates(each, false)
		f.Must(err)
	}
	f.Serve()
}

const proxyHeaders = "X-Forwarded-For"

// The site that a feed names is where its reader found the server.
func TestWhatAProxySaysCountsWhereItIsNamed(t *testing.T) {
	f := newFixture(t)
	f.Open("geneva")
	self := func(header ...string) string {
		_, rest, _ := strings.Cut(f.Get("/v1/summits/geneva/timeline.atom", header...).Want(http.StatusOK).Body, `rel="self"`)
		_, rest, _ = strings.Cut(rest, `href="`)
		site, _, _ := strings.Cut(rest, "/v1/")
		return site
	}
	forwarded := []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "summit.example.org"}
	f.behind("", "192.0.2.0/24")
	if got := self(forwarded...); got != f.URL {
		t.Errorf("somebody who is no proxy is believed: %s", got)
	}
	f.behind("", "127.0.0.0/8")
	for name, c := range map[string]struct {
		header []string
		want   string
	}{
		"a named proxy":           {forwarded, "https://summit.example.org"},
		"nothing said":            {nil, f.URL},
		"the host alone":          {forwarded[2:], "http://summit.example.org"},
		"another scheme":          {[]string{"X-Forwarded-Proto", "gopher"}, f.URL},
		"what came before it":     {[]string{"X-Forwarded-Proto", "http, https", "X-Forwarded-Host", "evil.example, summit.example.org:8443"}, "https://summit.example.org:8443"},
		"a host that is none":     {[]string{"X-Forwarded-Host", `evil.example"><script>`}, f.URL},
		"a host of another place": {[]string{"X-Forwarded-Host", "user@evil.example"}, f.URL},
		"a very long host":        {[]string{"X-Forwarded-Host", strings.Repeat("a", 300)}, f.URL},
	} {
		if got := self(c.header...); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestTheAddressIsTheVisitorsOwn(t *testing.T) {
	x := middleware.NewStack(middleware.StackOptions{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}})
	for _, c := range []struct{ remote, header, want string }{
		{"10.0.0.1:99", "192.0.2.7", "192.0.2.7"},
		{"10.0.0.1:99", "203.0.113.5, 192.0.2.7", "192.0.2.7"}, // what stands before it the visitor wrote
		{"10.0.0.1:99", "192.0.2.7, 10.0.0.2", "192.0.2.7"},
		{"10.0.0.1:99", "10.0.0.3, 10.0.0.2", "10.0.0.3"},
		{"10.0.0.1:99", "192.0.2.7:1234", "192.0.2.7"},
		{"10.0.0.1:99", "[2001:db9::7]:1234", "2001:db9::7"},
		{"10.0.0.1:99", "::ffff:192.0.2.7", "192.0.2.7"},
		{"[2001:db8::1]:99", "fe80::1%eth0", "fe80::1"},
		{"10.0.0.1:99", "unknown", "10.0.0.1"},
		{"10.0.0.1:99", "192.0.2.7, rubbish", "10.0.0.1"},
		{"10.0.0.1:99", "192.0.2.7, rubbish, 10.0.0.9", "10.0.0.9"},
		{"10.0.0.1:99", "", "10.0.0.1"},
		{"192.0.2.9:99", "127.0.0.1", "192.0.2.9"}, // spoofed
		{"[::ffff:10.0.0.1]:99", "192.0.2.7", "192.0.2.7"},
	} {
		r := &http.Request{RemoteAddr: c.remote, Header: http.Header{}}
		if c.header != "" {
			r.Header.Set(proxyHeaders, c.header)
		}
		if _, v := x.Meet(r); v.Address.String() != c.want {
			t.Errorf("%s, %q: %s, want %s", c.remote, c.header, v.Address, c.want)
		}
	}
}

func TestTooManyRequestsAreRefused(t *testing.T) {
	f, _ := guarded(t)
	f.behind("1/m", "127.0.0.0/8")
	a := f.Get("/v1/summits", proxyHeaders, "192.0.2.1")
	if a.Want(http.StatusOK); a.Header.Get("RateLimit-Policy") != `"address";q=1;w=10` || a.Header.Get("RateLimit") != `"address";r=0;t=60` {
		t.Errorf("%v", a.Header)
	}
	for _, path := range []string{"/v1/summits", "/nothing", "/v1/summits?bad=1", "/v1/summits/alaska/timeline", "/", "/signin"} {
		a := f.Get(path, proxyHeaders, "192.0.2.1")
		a.Problem(http.StatusTooManyRequests)
		if a.Header.Get("Retry-After") != "60" || a.Header.Get("RateLimit") == "" {
			t.Errorf("%s: %v", path, a.Header)
		}
	}
	f.Get("/v1/summits", proxyHeaders, "192.0.2.2").Want(http.StatusOK)
	for n, want := range []int{http.StatusOK, http.StatusTooManyRequests} { // a token has its own, wherever it is shown
		f.Get("/v1/summits", append(bearer("reader"), proxyHeaders, "192.0.2."+string(rune('1'+n)))...).Want(want)
	}
	f.Get("/v1/summits", append(bearer("guessed"), proxyHeaders, "192.0.2.3")...).Problem(http.StatusUnauthorized)
	f.Get("/v1/summits", append(bearer("guessed"), proxyHeaders, "192.0.2.3")...).Problem(http.StatusTooManyRequests)
	f.Get("/v1/summits", append(bearer("editor"), proxyHeaders, "192.0.2.3")...).Want(http.StatusOK)
	if a := f.Get("/metrics", append(bearer("operator"), proxyHeaders, "192.0.2.4")...).Want(http.StatusOK); !strings.Contains(a.Body, `summit_http_problems_total{status="429"} 8`) {
		t.Errorf("the figures: %s", a.Body)
	}
}

func TestNoTokenIsTakenFromAURL(t *testing.T) {
	f, _ := guarded(t)
	for _, name := range []string{"token", "access_token", "summit_token"} {
		f.Get("/v1/summits/geneva?" + name + "=secret-reader").Problem(http.StatusBadRequest)
	}
}

// The body of a GET request is not read: it sets no parameter, and nothing of it is
// kept.
func TestTheBodyOfAQuestionIsNotRead(t *testing.T) {
	f := newFixture(t)
	f.Alaska()
	t.Setenv("TMPDIR", t.TempDir())
	const boundary = "xyz"
	part := func(name, value string) string {
		return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	plain := f.Get("/v1/summits/alaska-2025/timeline").Want(http.StatusOK).Body
	for contentType, body := range map[string]string{
		"multipart/form-data; boundary=" + boundary: part("known", "@1") + part("limit", "0") + "--" + boundary + "--\r\n",
		site.FormType: "known=@1&limit=0",
	} {
		if a := f.Do(http.MethodGet, "/v1/summits/alaska-2025/timeline", body, "Content-Type", contentType).Want(http.StatusOK); a.Body != plain {
			t.Errorf("%s: another answer: %.300s", contentType, a.Body)
		}
	}
	file := strings.Replace(part("x", strings.Repeat("x", 40<<20)), `name="x"`, `name="x"; filename="x"`, 1) + "--" + boundary + "--\r\n"
	f.Do(http.MethodGet, "/v1/summits/alaska-2025/timeline", file, "Content-Type", "multipart/form-data; boundary="+boundary).Want(http.StatusOK)
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("it was kept: %v %v", left, err)
	}
}

// An answer about a summit that not everybody may read is not for shared caches.
func TestWhatIsNotPublicIsNotCachedForOthers(t *testing.T) {
	f, _ := guarded(t)
	for summit, want := range map[string]string{"alaska": "private, ", "geneva": "public, "} {
		for _, path := range []string{"/timeline?known=" + f.At(summit, 1), "/tile/0/000.p/1"} {
			if a := f.Get("/v1/summits/"+summit+path, bearer("reader")...).Want(http.StatusOK); !strings.HasPrefix(a.Header.Get("Cache-Control"), want) {
				t.Errorf("%s%s: %s", summit, path, a.Header.Get("Cache-Control"))
			}
		}
	}
}
