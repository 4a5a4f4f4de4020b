package web

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/pages"
)

const (
	signInPath  = "/signin"
	signOutPath = "/signout"
	formType    = "application/x-www-form-urlencoded"
	// maxForm bounds what a sign-in sends, and maxCookie the token in it: more
	// no browser keeps.
	maxForm   = 16 << 10
	maxCookie = 3800
)

// signRoutes are the pages that sign a browser in and out. They take whoever
// comes, with whatever token.
func (x *Handler) signRoutes() []route {
	return []route{
		{http.MethodGet, signInPath, unchecked, "The form that signs in", []string{"next"}, x.signInPage},
		{http.MethodPost, signInPath, unchecked, "Sign in", nil, x.signIn},
		{http.MethodPost, signOutPath, unchecked, "Sign out", nil, x.signOut},
	}
}

// leads sends a browser that may not see a page to the sign-in, and says
// whether it has.
func (*Handler) leads(w http.ResponseWriter, r *http.Request, rt route, err error) bool {
	p := (*Problem)(nil)
	page := rt.path == "/{$}" || rt.path == "/summits/{s}"
	if !page || !errors.As(err, &p) || p.Status != http.StatusUnauthorized && p.Status != http.StatusForbidden {
		return false
	}
	if !isBrowser(r) || r.Header.Get("Authorization") != "" {
		return false
	}
	w.Header().Del("WWW-Authenticate")
	turn(w, r, signInPath+"?next="+url.QueryEscape(r.URL.RequestURI()))
	return true
}

// isBrowser says whether somebody reads the answer.
func isBrowser(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// turn sends a browser on to a path of this server.
func turn(w http.ResponseWriter, r *http.Request, path string) {
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, path, http.StatusSeeOther)
}

// local gives the path that a browser came from, where it is one of this
// server's pages; else the first.
func local(next string) string {
	u, err := url.Parse(next)
	odd := strings.ContainsFunc(next, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f })
	if err != nil || odd || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		u.Path == signInPath || u.Path == signOutPath {
		return "/"
	}
	return next
}

// signInPage shows the form. A browser whose token has ended is told so, and
// forgets it.
func (x *Handler) signInPage(w http.ResponseWriter, r *http.Request) error {
	v, next := visiting(r), local(r.FormValue("next"))
	form := pages.SignIn{Next: next, Visitor: x.visitor(r)}
	switch {
	case v.cookie && v.err != nil:
		http.SetCookie(w, x.cookie(r, "", time.Unix(0, 0)))
		form.Fault = told(v.err)
	case v.cookie && next != "/":
		form.Fault = fmt.Sprintf("%s, %s %s, may not see %s.", v.who.Name, article(v.who.Role), v.who.Role, next)
	}
	return x.showSignIn(w, r, http.StatusOK, form)
}

func article(role access.Role) string {
	if role == access.Editor || role == access.Auditor || role == access.Operator {
		return "an"
	}
	return "a"
}

// signIn takes a token out of the form and leaves it with the browser.
func (x *Handler) signIn(w http.ResponseWriter, r *http.Request) error {
	if mediaType(r) != formType {
		return &Problem{Status: http.StatusUnsupportedMediaType, Detail: "send the form, as " + formType}
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
			return err
		}
		return &Problem{Status: http.StatusBadRequest, Detail: "the form cannot be read"}
	}
	secret, next := strings.TrimSpace(r.PostForm.Get("token")), local(r.PostForm.Get("next"))
	who, err := x.shows(r, secret)
	if err != nil && isBrowser(r) {
		status := http.StatusUnauthorized
		if unavailable := (*access.UnavailableError)(nil); errors.As(err, &unavailable) {
			status = http.StatusServiceUnavailable
		} else if told(err) == "" {
			return err
		}
		return x.showSignIn(w, r, status, pages.SignIn{Next: next, Fault: told(err), Visitor: x.visitor(r)})
	}
	if err != nil {
		return refuse(w, err)
	}
	http.SetCookie(w, x.cookie(r, secret, who.Expires))
	turn(w, r, next)
	return nil
}

// shows says who shows a token in the form.
func (x *Handler) shows(r *http.Request, secret string) (access.Identity, error) {
	switch {
	case secret == "":
		return access.Identity{}, &access.RefusedError{Reason: "no token was given"}
	case len(secret) > maxCookie || strings.ContainsFunc(secret, func(c rune) bool { return c <= ' ' || c >= 0x7f || strings.ContainsRune(`",;\`, c) }):
		return access.Identity{}, &access.RefusedError{Reason: fmt.Sprintf("it is no token: up to %d characters without spaces", maxCookie)}
	case x.o.Gate == nil:
		return access.Identity{}, access.ErrUnknown
	}
	return x.o.Gate.Who(r.Context(), secret)
}

// told is why a token is not taken, for its bearer; "" is not theirs to know.
func told(err error) string {
	unavailable := (*access.UnavailableError)(nil)
	switch {
	case isRefusal(err):
		return sentence(err.Error())
	case errors.As(err, &unavailable):
		return "The token cannot be checked now: try again in a moment."
	}
	return ""
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "." }

// signOut makes a browser forget its token.
func (x *Handler) signOut(w http.ResponseWriter, r *http.Request) error {
	http.SetCookie(w, x.cookie(r, "", time.Unix(0, 0)))
	turn(w, r, "/")
	return nil
}

// cookieName is the cookie of a browser that has signed in. Over TLS its name
// keeps neighbouring hosts from setting it.
func cookieName(secure bool) string {
	if secure {
		return "__Host-summit_token"
	}
	return "summit_token"
}

// cookie holds a token as long as it lasts. It is Lax: a link to a page from
// elsewhere finds its reader signed in, and what another page would write is
// refused by where it comes from.
func (*Handler) cookie(r *http.Request, secret string, expires time.Time) *http.Cookie {
	secure := visiting(r).secure
	return &http.Cookie{
		Name: cookieName(secure), Value: secret, Path: "/", Expires: expires.UTC(), HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	}
}

// visitor is who reads a page, as the page says it.
func (x *Handler) visitor(r *http.Request) pages.Visitor {
	v := visiting(r)
	if v.err == nil && v.who.Name != "" {
		return pages.Visitor{Name: v.who.Name, Desk: v.who.Desk, Role: string(v.who.Role)}
	}
	return pages.Visitor{Here: r.URL.RequestURI(), Asked: x.o.Gate != nil && v.who.Role != access.Whole.Role}
}

func (x *Handler) showSignIn(w http.ResponseWriter, r *http.Request, status int, form pages.SignIn) error {
	var b bytes.Buffer
	if err := x.pages.SignIn(&b, form); err != nil {
		return err
	}
	w.Header().Set("Content-Type", htmlType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes()) // the reader may be gone
	}
	return nil
}
