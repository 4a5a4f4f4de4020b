package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/events"
)

// cookieName is the cookie of a browser that has signed in.
const cookieName = "summit_token"

// needOf says what a route asks of those who use it; "" is nothing that the
// route itself does not ask.
func needOf(rt route) access.Need {
	switch path := rt.path; {
	case path == "/metrics" || path == "/v1/doctor":
		return access.Operate
	case !strings.Contains(path, "/{s}"):
		return ""
	case strings.HasSuffix(path, "/archive") || strings.HasSuffix(path, "/snapshot") || strings.HasSuffix(path, "/digests") || strings.Contains(path, "/views/"):
		return access.Audit
	case rt.method == http.MethodPost:
		return access.Record
	}
	return access.Read
}

type identityKey struct{}

// identity is who sends a request that was let in.
func identity(r *http.Request) access.Identity {
	who, _ := r.Context().Value(identityKey{}).(access.Identity)
	return who
}

// admit finds out who sends a request, and refuses it where they may not use
// the route. A token that is shown and not good is refused: its bearer is never
// taken for somebody who showed none.
func (x *Handler) admit(w http.ResponseWriter, r *http.Request, rt route) (*http.Request, error) {
	who, err := x.who(r)
	if err != nil {
		return nil, refuse(w, err)
	}
	if need := needOf(rt); need != "" && !who.May(need, r.PathValue("s")) {
		return nil, forbid(w, who, need, r.PathValue("s"))
	}
	return r.WithContext(context.WithValue(r.Context(), identityKey{}, who)), nil
}

func (x *Handler) who(r *http.Request) (access.Identity, error) {
	if x.o.Gate == nil {
		return access.Whole, nil
	}
	secret, shown, err := shownSecret(r)
	switch {
	case err != nil:
		return access.Identity{}, err
	case !shown:
		return x.o.Gate.Anybody()
	}
	return x.o.Gate.Who(secret)
}

var errScheme = errors.New("the Authorization header must be: Bearer, a space, and the token")

func shownSecret(r *http.Request) (secret string, shown bool, err error) {
	if h := r.Header.Get("Authorization"); h != "" {
		scheme, secret, _ := strings.Cut(h, " ")
		if !strings.EqualFold(scheme, "Bearer") || secret == "" {
			return "", false, errScheme
		}
		return strings.TrimSpace(secret), true, nil
	}
	if c, err := r.Cookie(cookieName); err == nil {
		return c.Value, true, nil
	}
	return "", false, nil
}

// stillAllowed asks again whether who sent a request may read: a stream lasts
// longer than a token may.
func (x *Handler) stillAllowed(r *http.Request, summit string) func() error {
	if x.o.Gate == nil {
		return nil
	}
	secret, shown, _ := shownSecret(r) // it was let in: the header is good
	return func() error {
		who, err := x.o.Gate.Anybody()
		if shown {
			who, err = x.o.Gate.Who(secret)
		}
		if err == nil && !who.May(access.Read, summit) {
			err = errNoLonger
		}
		return err
	}
}

var errNoLonger = errors.New("a token is needed from now on")

// refuse answers a token that is not good (RFC 6750).
func refuse(w http.ResponseWriter, err error) error {
	for _, known := range []error{access.ErrUnknown, access.ErrExpired, access.ErrRevoked, errScheme} {
		if errors.Is(err, known) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="summit", error="invalid_token", error_description=`+strconv.Quote(err.Error()))
			return &Problem{Status: http.StatusUnauthorized, Detail: err.Error()}
		}
	}
	return fmt.Errorf("ask for the token: %w", err)
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
