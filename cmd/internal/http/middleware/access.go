package middleware

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/events/class"
)

// who looks up the identity of a visitor.
func (x *Stack) who(ctx context.Context, v *Visitor) (access.Identity, error) {
	switch {
	case x.o.Gate == nil:
		return access.Whole, nil
	case !v.shown:
		return x.o.Gate.Anonymous()
	}
	return x.o.Gate.Identify(ctx, v.secret)
}

var errScheme = class.New(class.Stranger, "the Authorization header must be: Bearer, a space and the token")

// shownSecret returns the token of a request. The header comes before the cookie
// of a browser; a URL never has one.
func shownSecret(r *http.Request, secure bool) (secret string, shown, cookie bool, err error) {
	if h := r.Header.Get("Authorization"); h != "" {
		scheme, secret, _ := strings.Cut(h, " ")
		if !strings.EqualFold(scheme, "Bearer") || secret == "" {
			return "", true, false, errScheme
		}
		return strings.TrimSpace(secret), true, false, nil
	}
	if c, err := r.Cookie(CookieName(secure)); err == nil {
		return c.Value, true, true, nil
	}
	return "", false, false, nil
}

// StillAllowed returns a function that checks again whether the sender of a
// request may read a summit: a stream can outlast a token.
func (x *Stack) StillAllowed(r *http.Request, summit string) func() error {
	if x.o.Gate == nil {
		return nil
	}
	v := Visiting(r)
	return func() error {
		who, err := x.o.Gate.Anonymous()
		if v.shown {
			who, err = x.o.Gate.Valid(v.Who, v.secret)
		}
		if err == nil && !who.Can(access.Read, summit) {
			err = errNoLonger
		}
		return err
	}
}

// Scope returns who may cache an answer: "public" if anybody may read the summit.
func (x *Stack) Scope(r *http.Request) string {
	if x.o.Gate == nil {
		return "public"
	}
	if who, err := x.o.Gate.Anonymous(); err == nil && who.Can(access.Read, r.PathValue("s")) {
		return "public"
	}
	return "private"
}

var errNoLonger = errors.New("a token is now required")

// isRefusal reports whether an error is that of a token that is not accepted.
func isRefusal(err error) bool { return class.Of(err) == class.Stranger }

// askAgain is after how many seconds a token that could not be checked may be
// sent again.
const askAgain = "5"

// Refuse returns the error for a token that is not accepted, and sets its header
// (RFC 6750).
func Refuse(w http.ResponseWriter, err error) error {
	if isRefusal(err) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="summit", error="invalid_token", error_description="`+headerSafe(err.Error())+`"`)
		return &respond.Problem{Status: http.StatusUnauthorized, Detail: err.Error()}
	}
	if class.Of(err) == class.Passing {
		w.Header().Set("Retry-After", askAgain)
		return &respond.Problem{Status: http.StatusServiceUnavailable, Detail: err.Error()}
	}
	return fmt.Errorf("ask for the token: %w", err)
}

const maxDescribed = 200

// headerSafe returns a text as RFC 6750 allows it in a header.
func headerSafe(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"':
			return '\''
		case r < ' ' || r > '~' || r == '\\':
			return '?'
		}
		return r
	}, s[:min(len(s), maxDescribed)])
}

// Forbid returns the error for a caller who lacks a right. It asks those who sent
// no token for one.
func Forbid(w http.ResponseWriter, who access.Identity, need access.Need, summit string) error {
	what := string(need)
	if summit != "" {
		what += " in " + summit
	}
	if who.Name == "" {
		w.Header().Set("WWW-Authenticate", `Bearer realm="summit"`)
		return &respond.Problem{Status: http.StatusUnauthorized, Detail: "a token is required to " + what + ": send it as Authorization: Bearer TOKEN; the operator makes one with summit token add"}
	}
	return &respond.Problem{Status: http.StatusForbidden, Detail: fmt.Sprintf("the token %s is a %s's and may not %s", who.Name, who.Role, what)}
}
