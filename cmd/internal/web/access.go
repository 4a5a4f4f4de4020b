package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/class"
)

func (x *Handler) who(ctx context.Context, v *visitor) (access.Identity, error) {
	switch {
	case x.o.Gate == nil:
		return access.Whole, nil
	case !v.shown:
		return x.o.Gate.Anybody()
	}
	return x.o.Gate.Who(ctx, v.secret)
}

var errScheme = class.New(class.Stranger, "the Authorization header must be: Bearer, a space, and the token")

// shownSecret finds the token of a request. The header wins over the cookie of
// a browser; a URL has none.
func shownSecret(r *http.Request, secure bool) (secret string, shown, cookie bool, err error) {
	if h := r.Header.Get("Authorization"); h != "" {
		scheme, secret, _ := strings.Cut(h, " ")
		if !strings.EqualFold(scheme, "Bearer") || secret == "" {
			return "", true, false, errScheme
		}
		return strings.TrimSpace(secret), true, false, nil
	}
	if c, err := r.Cookie(cookieName(secure)); err == nil {
		return c.Value, true, true, nil
	}
	return "", false, false, nil
}

// stillAllowed asks again whether who sent a request may read: a stream lasts
// longer than a token may.
func (x *Handler) stillAllowed(r *http.Request, summit string) func() error {
	if x.o.Gate == nil {
		return nil
	}
	v := visiting(r)
	return func() error {
		who, err := x.o.Gate.Anybody()
		if v.shown {
			who, err = x.o.Gate.Still(v.who, v.secret)
		}
		if err == nil && !who.May(access.Read, summit) {
			err = errNoLonger
		}
		return err
	}
}

// scope says who may keep an answer: a cache that others use too, where anybody
// may read the summit.
func (x *Handler) scope(r *http.Request) string {
	if x.o.Gate == nil {
		return "public"
	}
	if who, err := x.o.Gate.Anybody(); err == nil && who.May(access.Read, r.PathValue("s")) {
		return "public"
	}
	return "private"
}

var errNoLonger = errors.New("a token is needed from now on")

// isRefusal says whether an error is that of a token that is not good.
func isRefusal(err error) bool { return class.Of(err) == class.Stranger }

// askAgain is after how many seconds a token may be shown again that could not
// be checked.
const askAgain = "5"

// refuse answers a token that is not good (RFC 6750).
func refuse(w http.ResponseWriter, err error) error {
	if isRefusal(err) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="summit", error="invalid_token", error_description="`+described(err.Error())+`"`)
		return &Problem{Status: http.StatusUnauthorized, Detail: err.Error()}
	}
	if unavailable := (*access.UnavailableError)(nil); errors.As(err, &unavailable) {
		w.Header().Set("Retry-After", askAgain)
		return &Problem{Status: http.StatusServiceUnavailable, Detail: err.Error()}
	}
	return fmt.Errorf("ask for the token: %w", err)
}

const maxDescribed = 200

// described is a text as RFC 6750 lets it stand in a header.
func described(s string) string {
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

// forbid answers somebody who may not: who showed no token is asked for one.
func forbid(w http.ResponseWriter, who access.Identity, need access.Need, summit string) error {
	what := string(need)
	if summit != "" {
		what += " in " + summit
	}
	if who.Name == "" {
		w.Header().Set("WWW-Authenticate", `Bearer realm="summit"`)
		return &Problem{Status: http.StatusUnauthorized, Detail: "a token is needed to " + what + ": send it as Authorization: Bearer TOKEN; the operator makes one with summit token add"}
	}
	return &Problem{Status: http.StatusForbidden, Detail: fmt.Sprintf("the token %s is a %s's and may not %s", who.Name, who.Role, what)}
}

// sign binds what is recorded to who records it: the desk of the token is the
// source and cannot be another, and the token's name goes into the event. An
// operator alone may bring in what other desks recorded.
func sign(w http.ResponseWriter, r *http.Request, summit string, list []events.Event) error {
	who := identity(r)
	for i := range list {
		e := &list[i]
		_, amends := e.Amends()
		if (amends || e.Subject.Kind == events.KindSummit) && !who.May(access.Amend, summit) {
			return forbid(w, who, access.Amend, summit)
		}
		if who.Desk != "" && who.Role != access.Operator && e.Source != who.Desk {
			return &Problem{
				Status: http.StatusForbidden, Detail: fmt.Sprintf("the token %s speaks for %s and not for %s", who.Name, who.Desk, e.Source),
				Errors: []Fault{{Pointer: "/source", Detail: "must be " + who.Desk + ", the desk of the token"}},
			}
		}
		e.By = who.Name
	}
	return nil
}
