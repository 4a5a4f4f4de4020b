package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/access"
)

const browser = "text/html,application/xhtml+xml,*/*;q=0.8"

// signs sends the form, and gives the answer with the cookie that it sets.
func (f *fixture) signs(token, next string, header ...string) (reply, *http.Cookie) {
	f.Helper()
	body := url.Values{"token": {token}, "next": {next}}.Encode()
	a := f.post(SignInPath, formType, body, append([]string{"Accept", browser}, header...)...)
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		return a, c
	}
	return a, nil
}

func TestABrowserSignsInAndOut(t *testing.T) {
	f, _ := guarded(t)
	const page = "/summits/alaska?type=note.*"
	led := f.get(page, "Accept", browser).want(http.StatusSeeOther)
	if want := "/signin?next=" + url.QueryEscape(page); led.header.Get("Location") != want || led.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("led to %s: %v", led.header.Get("Location"), led.header)
	}
	form := f.get(led.header.Get("Location"), "Accept", browser).want(http.StatusOK)
	if !strings.Contains(form.body, `value="/summits/alaska?type=note.*"`) || !strings.Contains(form.body, `type="password"`) || strings.Contains(form.body, "<script") {
		t.Errorf("the form: %s", form.body)
	}
	in, cookie := f.signs("secret-reader", page)
	in.want(http.StatusSeeOther)
	if in.header.Get("Location") != page || cookie == nil || !cookie.HttpOnly || cookie.Secure || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" ||
		!cookie.Expires.Equal(recordedFrom.Add(time.Hour)) || cookie.MaxAge != 0 || cookie.Domain != "" {
		t.Fatalf("signed in: %v", in.header)
	}
	holding := []string{"Accept", browser, "Cookie", cookie.Name + "=" + cookie.Value}
	if shown := f.get(page, holding...).want(http.StatusOK); !strings.Contains(text(shown.body), "reader Sign out") {
		t.Errorf("the page does not say who reads it: %.800s", text(shown.body))
	}
	f.post("/v1/summits/alaska/facts", "application/cloudevents+json", noteOf("reader"), holding...).problem(http.StatusForbidden)
	out := f.do(http.MethodPost, SignOutPath, "", holding...).want(http.StatusSeeOther)
	if c := out.header.Get("Set-Cookie"); !strings.HasPrefix(c, cookie.Name+"=;") || !strings.Contains(c, "Expires=Thu, 01 Jan 1970") {
		t.Errorf("signed out: %s", c)
	}
}

func TestASignInThatFailsSaysWhy(t *testing.T) {
	f, path := guarded(t)
	f.must(access.Revoke(path, "auditor", recordedFrom))
	for name, c := range map[string]struct{ token, says string }{
		"unknown": {"summit_wrong", "not known"}, "revoked": {"secret-auditor", "revoked"}, "empty": {" ", "o token was given"}, "spaces": {"a b", "is no token"}, "markup": {`"><script>`, "is no token"},
		"a line break": {"a\r\nSet-Cookie: x=y", "is no token"}, "too long": {strings.Repeat("a", 4000), "is no token"}, "a JWT, and no issuer": {"a.b.c", "not known"},
	} {
		a, cookie := f.signs(c.token, "/summits/alaska")
		if a.want(http.StatusUnauthorized); cookie != nil || !strings.Contains(text(a.body), c.says) || !strings.Contains(a.body, `value="/summits/alaska"`) || strings.Contains(a.body, c.token) && len(c.token) > 1 {
			t.Errorf("%s: %s %v", name, text(a.body), cookie)
		}
	}
	body := url.Values{"token": {"summit_wrong"}}.Encode()
	f.post(SignInPath, formType, body, "Accept", "application/json").problem(http.StatusUnauthorized)
	f.post(SignInPath, formType, "token="+strings.Repeat("a", maxForm)).problem(http.StatusRequestEntityTooLarge)
	f.post(SignInPath, formType, "token=%zz").problem(http.StatusBadRequest)
	f.post(SignInPath, JSONType, `{"token":"secret-reader"}`).problem(http.StatusUnsupportedMediaType)
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		f.post(SignInPath, formType, url.Values{"token": {"secret-reader"}}.Encode(), header...).problem(http.StatusForbidden)
		f.post(SignOutPath, formType, "", header...).problem(http.StatusForbidden)
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
		if got := a.want(http.StatusSeeOther).header.Get("Location"); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}

// Programs are told; only who reads a page is led.
func TestOnlyABrowserIsLedToSignIn(t *testing.T) {
	f, _ := guarded(t)
	f.get("/summits/alaska").problem(http.StatusUnauthorized)
	f.get("/summits/alaska", append(bearer("wrong"), "Accept", browser)...).problem(http.StatusUnauthorized)
	f.get("/v1/summits/alaska/timeline", "Accept", browser).problem(http.StatusUnauthorized)
	f.get("/summits/geneva", "Accept", browser).want(http.StatusOK)
	if a := f.get("/", "Accept", browser).want(http.StatusOK); !strings.Contains(a.body, `href="/signin?next=%2f"`) {
		t.Errorf("the list leads nobody to sign in: %s", a.body)
	}
	// Who has signed in and may not is led there too, and told so.
	a := f.get("/summits/alaska", "Accept", browser, "Cookie", "summit_token=secret-narrow").want(http.StatusSeeOther)
	if form := f.get(a.header.Get("Location"), "Cookie", "summit_token=secret-narrow").want(http.StatusOK); !strings.Contains(text(form.body), "narrow, an editor, may not see /summits/alaska.") {
		t.Errorf("%s", text(form.body))
	}
}

// A browser whose token has ended is told, forgets it, and never reads on as
// somebody who showed none.
func TestACookieEndsWithItsToken(t *testing.T) {
	f, path := guarded(t)
	f.must(access.Revoke(path, "reader", recordedFrom))
	ended := []string{"Accept", browser, "Cookie", "summit_token=secret-reader"}
	f.get("/v1/summits/geneva", ended...).problem(http.StatusUnauthorized)
	a := f.get("/summits/geneva", ended...).want(http.StatusSeeOther)
	form := f.get(a.header.Get("Location"), ended...).want(http.StatusOK)
	if !strings.Contains(text(form.body), "The token was revoked.") || !strings.HasPrefix(form.header.Get("Set-Cookie"), "summit_token=;") {
		t.Errorf("%s %v", text(form.body), form.header)
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
	f.get("/v1/summits/alaska", "Cookie", held, "X-Forwarded-Proto", "https").want(http.StatusOK)
	f.get("/v1/summits/alaska", "Cookie", strings.TrimPrefix(held, "__Host-"), "X-Forwarded-Proto", "https").problem(http.StatusUnauthorized)
	f.get("/v1/summits/alaska", "Cookie", held).problem(http.StatusUnauthorized)
	f.behind("")
	if _, cookie := f.signs("secret-reader", "/", "X-Forwarded-Proto", "https"); cookie == nil || cookie.Secure {
		t.Errorf("somebody who is no proxy is believed: %v", cookie)
	}
}
