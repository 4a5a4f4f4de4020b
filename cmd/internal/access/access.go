// Package access decides who may do what: it knows tokens, the desks they belong to, and the
// roles they have. Tokens are the server's own, or an issuer's.
//
// [Open] returns the [Gate] that checks every request. Tokens are kept as hashes in one file.
// The operator's verbs write it, and the gate reads it again when it has changed, so a
// revoked token is refused at once.
package access

import (
	"fmt"
	"slices"
	"time"

	"github.com/summit-timeline/summit/events/class"
)

// Role is what a token's bearer is to the server.
type Role string

// The roles.
const (
	Reader   Role = "reader"   // reads summits that are not public
	Recorder Role = "recorder" // and records facts
	Editor   Role = "editor"   // and amends facts, opens and closes summits
	Auditor  Role = "auditor"  // reads, the audit surface included
	Operator Role = "operator" // may do everything
)

// Roles are all roles, in the order of what they may do.
var Roles = []Role{Reader, Recorder, Editor, Auditor, Operator}

// Need is what a request asks for.
type Need string

// The needs.
const (
	Read    Need = "read"    // timeline, status, live stream, pages, log and proofs
	Record  Need = "record"  // a fact
	Amend   Need = "amend"   // an amendment; to open or close a summit
	Audit   Need = "audit"   // archives, view rows and digests
	Operate Need = "operate" // figures and the state of the server
)

var allows = map[Role][]Need{
	Reader:   {Read},
	Recorder: {Read, Record},
	Editor:   {Read, Record, Amend},
	Auditor:  {Read, Audit},
	Operator: {Read, Record, Amend, Audit, Operate},
}

// ParseRole reads the name of a role.
func ParseRole(s string) (Role, error) {
	if !slices.Contains(Roles, Role(s)) {
		return "", fmt.Errorf("%q is not a role; the roles are %v", s, Roles)
	}
	return Role(s), nil
}

// Identity is the sender of a request.
type Identity struct {
	// Name of the token, or "" if none was shown.
	Name string
	// Desk is the source of what the identity records; "" is any.
	Desk string
	Role Role
	// Summits it is for; nil is all.
	Summits []string
	// Expires is when the token ends, or zero if none was shown.
	Expires time.Time
	// Public are the summits that anybody may read; "*" is all.
	Public []string
	// Issued reports whether an issuer vouches for it: it lasts until it expires, and
	// nobody here can revoke it.
	Issued bool
}

// Whole is the identity of every client of a server that requires no tokens.
var Whole = Identity{Role: Operator}

// Can reports whether an identity may do something with a summit; "" is what
// belongs to none. What anybody may read the bearer of every token may.
func (i Identity) Can(need Need, summit string) bool {
	if need == Read && (slices.Contains(i.Public, "*") || summit != "" && slices.Contains(i.Public, summit)) {
		return true
	}
	return slices.Contains(allows[i.Role], need) && (i.Summits == nil || summit != "" && slices.Contains(i.Summits, summit) || summit == "" && need == Read)
}

// ReadsAll reports whether an identity may read every summit there is and will be.
func (i Identity) ReadsAll() bool {
	return slices.Contains(i.Public, "*") || i.Summits == nil && slices.Contains(allows[i.Role], Read)
}

// The errors of a token that is shown and not taken. Its bearer is never
// treated as somebody who showed none.
var (
	ErrUnknown = class.New(class.Stranger, "the token is unknown")
	ErrExpired = class.New(class.Stranger, "the token has expired: ask the operator for a new one")
	ErrRevoked = class.New(class.Stranger, "the token was revoked")
)

// RefusedError reports why the token of an issuer is not taken.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return e.Reason }

// UnavailableError reports that a token cannot be checked at the moment: its
// bearer is not let in, and may ask again.
type UnavailableError struct{ Err error }

func (e *UnavailableError) Error() string { return "the token cannot be checked now: " + e.Err.Error() }
func (e *UnavailableError) Unwrap() error { return e.Err }
