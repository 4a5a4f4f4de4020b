package site

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/http/site/pages"
	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events/class"
)

// The paths of the sign-in.
const (
	SignInPath  = "/signin"
	SignOutPath = "/signout"
)

const (
	// FormType is the media type of the form.
	FormType = "application/x-www-form-urlencoded"
	// MaxForm is the most bytes of a form, and maxCookie of the token in it: no
	// browser keeps more.
	MaxForm   = 16 << 10
	maxCookie = 3800
)

// OfferSignIn sends a browser that may not see a page to the sign-in. It returns
// false if it has not.
func OfferSignIn(w http.ResponseWriter, r *http.Request, err error) bool {
	p := (*respond.Problem)(nil)
	if !errors.As(err, &p) || p.Status != http.StatusUnauthorized && p.Status != http.StatusForbidden {
		return false
	}
	if !isBrowser(r) || r.Header.Get("Authorization") != "" {
		return false
	}
	w.Header().Del("WWW-Authenticate")
	to := SignInPath + "?next=" + url.QueryEscape(r.URL.RequestURI())
	if lang := r.URL.Query().Get("lang"); lang != "" {
		to += "&lang=" + url.QueryEscape(lang)
	}
	redirect(w, r, to)
	return true
}

// isBrowser reports whether a person reads the answer.
func isBrowser(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// redirect sends a browser to a path of this server.
func redirect(w http.ResponseWriter, r *http.Request, path string) {
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, path, http.StatusSeeOther)
}

// local returns next if it is the path of a page of this server, and else the
// first page.
func local(next string) string {
	u, err := url.Parse(next)
	odd := strings.ContainsFunc(next, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f })
	if err != nil || odd || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		u.Path == SignInPath || u.Path == SignOutPath {
		return "/"
	}
	return next
}

// SignInPage shows the form. If the token of a browser is no longer valid, it says
// so and deletes the cookie.
func (x *Site) SignInPage(w http.ResponseWriter, r *http.Request) error {
	v, next := middleware.Visiting(r), local(r.FormValue("next"))
	form := pages.SignIn{Next: next, Visitor: x.visitor(r)}
	switch {
	case v.Cookie && v.Err != nil:
		http.SetCookie(w, x.cookie(r, "", time.Unix(0, 0)))
		form.Fault, form.FaultLang = refusal(form.Visitor.Language, v.Err)
	case v.Cookie && next != "/":
		l := form.Visitor.Language
		form.Fault = l.Say("signin.forbidden", "name", v.Who.Name, "role", locale.Words(l.Say("role.a."+string(v.Who.Role))), "page", next)
	}
	return x.showSignIn(w, r, http.StatusOK, form)
}

// SignIn takes a token from the form and stores it in a cookie.
func (x *Site) SignIn(w http.ResponseWriter, r *http.Request) error {
	if reading.MediaType(r) != FormType {
		return &respond.Problem{Status: http.StatusUnsupportedMediaType, Detail: "send the form as " + FormType}
	}
	r.Body = http.MaxBytesReader(w, r.Body, MaxForm)
	if err := r.ParseForm(); err != nil {
		if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
			return err
		}
		return &respond.Problem{Status: http.StatusBadRequest, Detail: "the form cannot be read"}
	}
	secret, next := strings.TrimSpace(r.PostForm.Get("token")), local(r.PostForm.Get("next"))
	who, err := x.shows(r, secret)
	if err != nil && isBrowser(r) {
		form := pages.SignIn{Next: next, Visitor: x.visitor(r)}
		if form.Fault, form.FaultLang = refusal(form.Visitor.Language, err); form.Fault == "" {
			return err
		}
		return x.showSignIn(w, r, respond.ProblemOf(err).Status, form)
	}
	if err != nil {
		return middleware.Refuse(w, err)
	}
	http.SetCookie(w, x.cookie(r, secret, who.Expires))
	redirect(w, r, x.visitor(r).Link(next))
	return nil
}

// shows looks up the identity of a token in the form.
func (x *Site) shows(r *http.Request, secret string) (access.Identity, error) {
	switch {
	case secret == "":
		return access.Identity{}, &access.RefusedError{Reason: "no token was given"}
	case len(secret) > maxCookie || strings.ContainsFunc(secret, func(c rune) bool { return c <= ' ' || c >= 0x7f || strings.ContainsRune(`",;\`, c) }):
		return access.Identity{}, &access.RefusedError{Reason: fmt.Sprintf("it is not a token: expected up to %d characters without spaces", maxCookie)}
	case x.Gate == nil:
		return access.Identity{}, access.ErrUnknown
	}
	return x.Gate.Identify(r.Context(), secret)
}

// refusal returns why a token is not accepted, for its bearer, and in which language
// that is where it is not the page's; "" if only an operator may know. Reasons
// are told in English: they are the gate's, or the issuer's.
func refusal(l *locale.Language, err error) (reason, lang string) {
	switch class.Of(err) {
	case class.Stranger:
		return sentence(err.Error()), "en"
	case class.Passing:
		return l.Say("signin.later"), ""
	}
	return "", ""
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "." }

// SignOut deletes the cookie. The language that was chosen stays.
func (x *Site) SignOut(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, MaxForm)
	http.SetCookie(w, x.cookie(r, "", time.Unix(0, 0)))
	redirect(w, r, x.visitor(r).Link("/"))
	return nil
}

// Cookie holds a token as long as it lasts. It is Lax: a link to a page from
// elsewhere finds its reader signed in, and what another page would write is
// refused by where it comes from.
func (*Site) cookie(r *http.Request, secret string, expires time.Time) *http.Cookie {
	secure := middleware.Visiting(r).Secure
	return &http.Cookie{
		Name: middleware.CookieName(secure), Value: secret, Path: "/", Expires: expires.UTC(), HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	}
}

// visitor returns the reader of a page, as the page shows it, and in which language.
func (x *Site) visitor(r *http.Request) pages.Visitor {
	page := pages.Visitor{Here: r.URL.RequestURI(), Languages: x.Languages.Languages()}
	asked := r.FormValue("lang")
	page.Language = x.Languages.Choose(asked, r.Header.Get("Accept-Language"))
	if asked != "" {
		page.Lang = page.Language.Tag
	}
	v := middleware.Visiting(r)
	if v.Err == nil && v.Who.Name != "" {
		page.Name, page.Desk, page.Role = v.Who.Name, v.Who.Desk, string(v.Who.Role)
		return page
	}
	page.Asked = x.Gate != nil && v.Who.Role != access.Whole.Role
	return page
}

func (x *Site) showSignIn(w http.ResponseWriter, r *http.Request, status int, form pages.SignIn) error {
	var b bytes.Buffer
	if err := x.templates.SignIn(&b, form); err != nil {
		return err
	}
	w.Header().Set("Content-Type", HTMLType)
	w.Header().Set("Content-Language", form.Visitor.Tag())
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes()) // the reader may be gone
	}
	return nil
}
