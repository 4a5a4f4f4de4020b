package middleware

import (
	"fmt"
	"net/http"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
)

// Right is what a route requires of those who use it. The zero value is Nobody: a
// route that does not state its right admits nobody, and is not served.
type Right uint8

// The rights of routes.
const (
	// Nobody may use the route.
	Nobody Right = iota
	// Anybody may use the route. A token, if one is sent, must be valid.
	Anybody
	// AsksItself is for a route whose handler checks the right: only the body
	// names the summit.
	AsksItself
	// Unchecked admits everybody with any token: to sign in and out.
	Unchecked
	// Reads requires the right to read the summit, and so on.
	Reads
	Records
	Audits
	Operates
	// OrSignIn, added to another right, sends a browser that is refused to the
	// sign-in page.
	OrSignIn Right = 1 << 7
)

// needs are what rights require of an identity.
func (r Right) need() access.Need {
	switch r &^ OrSignIn {
	case Reads:
		return access.Read
	case Records:
		return access.Record
	case Audits:
		return access.Audit
	case Operates:
		return access.Operate
	}
	return ""
}

// CheckRights returns an error if a route does not state its right.
func CheckRights(list []Route) error {
	for _, rt := range list {
		if rt.Right&^OrSignIn == Nobody {
			return fmt.Errorf("the route %s %s does not state who may use it", rt.Method, rt.Path)
		}
	}
	return nil
}

// Admit returns an error unless the sender of a request may use a route. An
// invalid token is refused: its bearer is not treated as somebody without one.
func Admit(w http.ResponseWriter, r *http.Request, right Right) error {
	v, need := Visiting(r), right.need()
	switch right &^ OrSignIn {
	case Unchecked:
		return nil
	case Nobody:
		return &respond.Problem{Status: http.StatusForbidden, Detail: "nobody may use this"}
	}
	if v.Err != nil {
		return Refuse(w, v.Err)
	}
	if need != "" && !v.Who.Can(need, r.PathValue("s")) {
		return Forbid(w, v.Who, need, r.PathValue("s"))
	}
	return nil
}
