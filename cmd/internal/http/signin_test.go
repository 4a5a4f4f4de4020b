package httpserver_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/cmd/internal/http/site"
)

const browser = "text/html,application/xhtml+xml,*/*;q=0.8"

// signs sends the form, and gives the answer with the cookie that it sets.
func (f *fixture) signs(token, next string, header ...string) (servertest.Reply, *http.Cookie) {
	f.Helper()
	body := url.Values{"token": {token}, "next": {next}}.Encode()
	a := f.Post(site.SignInPath, site.FormType, body, append([]string{"Accept", browser}, header...)...)
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		return a, c
	}
	return a, nil
}

func TestABrowserSignsInAndOut(t *testing.T) {
	f, _ := guarded(t)
	const page = "/summits/alaska?type=note.*"
	led := f.Get(page, "Accept", browser).Want(http.StatusSeeOther)
	if want := "/signin?next=" + url.QueryEscape(page); led.Header.Get("Location") != want || led.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("led to %s: %v", led.Header.Get("Location"), led.Header)
	}
	form := f.Get(led.Header.Get("Location"), "Accept", browser).Want(http.StatusOK)
	if !strings.Contains(form.Body, `value="/summits/alaska?type=note.*"`) || !strings.Contains(form.Body, `type="password"`) || strings.Contains(form.Body, "<script") {
		t.Errorf("the form: %s", form.Body)
	}
	in, cookie := f.signs("secret-reader", page)
	in.Want(http.StatusSeeOther)
	if in.Header.Get("Location") != page || cookie == nil || !cookie.HttpOnly || cookie.Secure || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" ||
		!cookie.Expires.Equal(servertest.RecordedFrom.Add(time.Hour)) || cookie.MaxAge != 0 || cookie.Domain != "" {
		t.Fatalf("signed in: %v", in.Header)
	}
	holding := []string{"Accept", browser, "Cookie", cookie.Name + "=" + cookie.Value}
	if shown := f.Get(page, holding...).Want(http.StatusOK); !strings.Contains(text(shown.Body), "reader Sign out") {
		t.Errorf("the page does not say who reads it: %.800s", text(shown.Body))
	}
	f.Post("/v1/summits/alaska/facts", "application/cloudevents+json", noteOf("reader"), holding...).Problem(http.StatusForbidden)
	out := f.Do(http.MethodPost, site.SignOutPath, "", holding...).Want(http.StatusSeeOther)
	if c := out.Header.Get("Set-Cookie"); !strings.HasPrefix(c, cookie.Name+"=;") || !strings.Contains(c, "Expires=Thu, 01 Jan 1970") {
		t.Errorf("signed out: %s", c)
	}
}

func TestASignInThatFailsSaysWhy(t *testing.T) {
	f, path := guarded(t)
	f.Must(access.Revoke(path, "auditor", servertest.RecordedFrom))
	for name, c := range map[string]struct{ token, says string }{
		"unknown": {"summit_wrong", "unknown"}, "revoked": {"secret-auditor", "revoked"}, "empty": {" ", "o token was given"}, "spaces": {"a b", "is not a token"}, "markup": {`"><script>`, "is not a token"},
		"a line break": {"a\r\nSet-Cookie: x=y", "is not a token"}, "too long": {strings.Repeat("a", 4000), "is not a token"}, "a JWT, and no issuer": {"a.b.c", "unknown"},
	} {
		a, cookie := f.signs(c.token, "/summits/alaska")
		if a.Want(http.StatusUnauthorized); cookie != nil || !strings.Contains(text(a.Body), c.says) || !strings.Contains(a.Body, `value="/summits/alaska"`) || strings.Contains(a.Body, c.token) && len(c.token) > 1 {
			t.Errorf("%s: %s %v", name, text(a.Body), cookie)
		}
	}
	body := url.Values{"token": {"summit_wrong"}}.Encode()
	f.Post(site.SignInPath, site.FormType, body, "Accept", "application/json").Problem(http.StatusUnauthorized)
	f.Post(site.SignInPath, site.FormType, "token="+strings.Repeat("a", site.MaxForm)).Problem(http.StatusRequestEntityTooLarge)
	f.Post(site.SignInPath, site.FormType, "token=%zz").Problem(http.StatusBadRequest)
	f.Post(site.SignInPath, respond.JSONType, `{"token":"secret-reader"}`).Problem(http.StatusUnsupportedMediaType)
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		f.Post(site.SignInPath, site.FormType, url.Values{"token": {"secret-reader"}}.Encode(), header...).Problem(http.StatusForbidden)
		f.Post(site.SignOutPath, site.FormType, "", header...).Problem(http.StatusForbidden)
	}
}

func TestOnlyThisServersPagesAreGoneBackTo(t *testing.T) {
	f, _ := guarded(t)
	for next, want := range map[string]string{
		"/summits/alaska": "/summits/alaska", "/summits/alaska?at=2025-08-15T00:00:00Z": "/summits/alaska?at=2025-08-15T00:00:00Z", "/": "/", "": "/",
		"https://evil.example/": "/", "//evil.example/": "/", `/\evil.example`: "/", `\\evil.example`: "/", "javascript:alert(1)": "/", "summits/alaska": "/", "/x\r\nSet-Cookie: a=b": "/",
		"/\t/evil.example": "/", "///evil.example": "/", "/signin?next=/": "/", "/signout": "/", "http:evil.example": "/", "@evil.example": "/", "/%zz": "/", "?next=//evil.example": "/",
	} {
		a, _ := f.signs("secret-reader", next)
		if got := a.Want(http.StatusSeeOther).Header.Get("Location"); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}

// Programs get an error. Only readers of pages are redirected to sign in.
func TestOnlyABrowserIsLedToSignIn(t *testing.T) {
	f, _ := guarded(t)
	f.Get("/summits/alaska").Problem(http.StatusUnauthorized)
	f.Get("/summits/alaska", append(bearer("wrong"), "Accept", browser)...).Problem(http.StatusUnauthorized)
	f.Get("/v1/summits/alaska/timeline", "Accept", browser).Problem(http.StatusUnauthorized)
	f.Get("/summits/geneva", "Accept", browser).Want(http.StatusOK)
	if a := f.Get("/", "Accept", browser).Want(http.StatusOK); !strings.Contains(a.Body, `href="/signin?next=%2f"`) {
		t.Errorf("the list leads nobody to sign in: %s", a.Body)
	}
	// A reader who has signed in but lacks the right is led there too, and told why.
	a := f.Get("/summits/alaska", "Accept", browser, "Cookie", "summit_token=secret-narrow").Want(http.StatusSeeOther)
	if form := f.Get(a.Header.Get("Location"), "Cookie", "summit_token=secret-narrow").Want(http.StatusOK); !strings.Contains(text(form.Body), "narrow, an editor, may not see /summits/alaska.") {
		t.Errorf("%s", text(form.Body))
	}
}

// A browser whose token has expired is told so and forgets the token. It does not
// continue as an anonymous reader.
func TestACookieEndsWithItsToken(t *testing.T) {
	f, path := guarded(t)
	f.Must(access.Revoke(path, "reader", servertest.RecordedFrom))
	ended := []string{"Accept", browser, "Cookie", "summit_token=secret-reader"}
	f.Get("/v1/summits/geneva", ended...).Problem(http.StatusUnauthorized)
	a := f.Get("/summits/geneva", ended...).Want(http.StatusSeeOther)
	form := f.Get(a.Header.Get("Location"), ended...).Want(http.StatusOK)
	if !strings.Contains(text(form.Body), "The token was revoked.") || !strings.HasPrefix(form.Header.Get("Set-Cookie"), "summit_token=;") {
		t.Errorf("%s %v", text(form.Body), form.Header)
	}
}

// Over TLS, a proxy's included, the cookie is sent over TLS alone, and a
// neighbouring host cannot set it.
func TestTheCookieIsSecureOverTLS(t *testing.T) {
	f, _ := guarded(t)
	f.behind("", "127.0.0.0/8")
	_, cookie := f.signs("secret-reader", "/", "X-Forwarded-Proto", "https")
	if cookie == nil || !cookie.Secure || cookie.Name != "__Host-summit_token" || cookie.Path != "/" {
		t.Fatalf("%v", cookie)
	}
	held := cookie.Name + "=" + cookie.Value
	f.Get("/v1/summits/alaska", "Cookie", held, "X-Forwarded-Proto", "https").Want(http.StatusOK)
	f.Get("/v1/summits/alaska", "Cookie", strings.TrimPrefix(held, "__Host-"), "X-Forwarded-Proto", "https").Problem(http.StatusUnauthorized)
	f.Get("/v1/summits/alaska", "Cookie", held).Problem(http.StatusUnauthorized)
	f.behind("")
	if _, cookie := f.signs("secret-reader", "/", "X-Forwarded-Proto", "https"); cookie == nil || cookie.Secure {
		t.Errorf("somebody who is no proxy is believed: %v", cookie)
	}
}
