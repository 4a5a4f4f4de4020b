package access

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/summit-timeline/summit/events"
)

// Token is what is kept of a token. The secret itself is shown once, when it is
// made, and kept nowhere.
type Token struct {
	Name    string     `json:"name"`
	Desk    string     `json:"desk"`
	Role    Role       `json:"role"`
	Summits []string   `json:"summits,omitempty"` // none is all
	Hash    string     `json:"sha256"`
	Created time.Time  `json:"created"`
	Expires time.Time  `json:"expires"`
	Revoked *time.Time `json:"revoked,omitempty"`
}

// prefix makes a secret known for what it is, to people and to scanners.
const prefix = "summit_"

// secretSize is the number of random bytes: enough that a plain hash of them
// cannot be guessed.
const secretSize = 32

// NewSecret makes a secret. The randomness is the caller's.
func NewSecret(random io.Reader) (string, error) {
	b := make([]byte, secretSize)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("make a token: %w", err)
	}
	return prefix + base64.RawURLEncoding.EncodeToString(b), nil
}

// hash is what is kept of a secret. It is compared as a key of a map: what it
// takes compares the hash alone, from which no secret can be made.
func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// check returns why a token cannot be kept.
func (t Token) check() error {
	switch {
	case t.Name == "" || strings.ContainsFunc(t.Name, func(r rune) bool { return r <= ' ' || r == 0x7f }) || len(t.Name) > maxName:
		return fmt.Errorf("the name %q cannot be used: a name has up to %d characters and no spaces", t.Name, maxName)
	case !strings.HasPrefix(t.Desk, "/") || len(t.Desk) > maxDesk:
		return fmt.Errorf("%q is not a desk: a desk is a path such as /desks/anchorage", t.Desk)
	case t.Expires.IsZero():
		return fmt.Errorf("the token %s has no expiry", t.Name)
	}
	_, err := ParseRole(string(t.Role))
	return err
}

// checkNew returns why a token cannot be made. It is stricter than check: a token that
// was made before is not to lock everybody out.
func (t Token) checkNew() error {
	if err := t.check(); err != nil {
		return err
	}
	for what, text := range map[string]string{"name": t.Name, "desk": t.Desk} {
		if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || unicode.IsSpace(r) }) {
			return fmt.Errorf("the %s %q cannot be used: it has a space, or a character that is not shown", what, text)
		}
	}
	for _, s := range t.Summits {
		if !events.IsSlug(s) {
			return fmt.Errorf("%q is not the id of a summit: an id has small letters, digits and hyphens", s)
		}
	}
	return nil
}

const (
	maxName = 80
	maxDesk = 300
)

// judge returns what a token is worth at an instant.
func (t Token) judge(now time.Time) (Identity, error) {
	switch {
	case t.Revoked != nil:
		return Identity{}, ErrRevoked
	case !now.Before(t.Expires):
		return Identity{}, ErrExpired
	}
	return Identity{Name: t.Name, Desk: t.Desk, Role: t.Role, Summits: t.Summits, Expires: t.Expires}, nil
}
