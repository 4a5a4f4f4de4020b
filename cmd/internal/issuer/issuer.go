// Package issuer checks the tokens of an OpenID Connect issuer: signed JWTs that say who somebody
// is, and what they may do here.
//
// [New] returns an [Issuer]. It asks the issuer for nothing until the first token comes. It fetches
// the keys again when a token is signed with a new one, and forgets them from time to time, so that
// a withdrawn key is refused here too.
package issuer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"github.com/summit-timeline/summit/cmd/internal/access"
)

// Options of an issuer.
type Options struct {
	// URL is the issuer, as its tokens name it.
	URL string
	// Audience is what its tokens must be for.
	Audience string
	// Claim holds what the bearer may do here.
	Claim string
	Clock func() time.Time
	// Client asks the issuer.
	Client *http.Client
}

const (
	// skew is how far the issuer's clock may be behind.
	skew    = 30 * time.Second
	maxName = 80 // of recordedby
)

// algorithms are those that are taken: signatures of a key pair, whose public
// half cannot be used to sign.
var algorithms = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA,
}

// signatures are the same, as the parser has them.
var signatures = func() (list []jose.SignatureAlgorithm) {
	for _, a := range algorithms {
		list = append(list, jose.SignatureAlgorithm(a))
	}
	return list
}()

// Issuer finds the identity behind a token.
type Issuer struct {
	o    Options
	keys *keys
}

// New makes an issuer. It asks nothing of it yet.
func New(o Options) *Issuer { return &Issuer{o: o, keys: newKeys(o)} }

// Forget has the issuer asked for its keys before the next token is checked.
func (i *Issuer) Forget() { i.keys.forget() }

// Identify checks a token and returns the identity of its bearer. The error of a token
// that no key of the issuer has signed is an *access.RefusedError, however many
// such tokens are shown; it is an *access.UnavailableError only where the issuer
// does not answer.
func (i *Issuer) Identify(ctx context.Context, token string) (access.Identity, error) {
	checked := &checking{keys: i.keys}
	verifier := oidc.NewVerifier(i.o.URL, checked, &oidc.Config{
		ClientID: i.o.Audience, SupportedSigningAlgs: algorithms, Now: func() time.Time { return i.o.Clock().Add(-skew) },
	})
	t, err := verifier.Verify(ctx, token)
	if expired := (*oidc.TokenExpiredError)(nil); errors.As(err, &expired) {
		return access.Identity{}, access.ErrExpired
	}
	if checked.failed != nil {
		return access.Identity{}, &access.UnavailableError{Err: checked.failed}
	}
	if err != nil {
		return access.Identity{}, refused("%s", strings.TrimPrefix(err.Error(), "oidc: "))
	}
	if t.Subject == "" || len(t.Subject) > maxName || strings.ContainsFunc(t.Subject, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return access.Identity{}, refused("its subject cannot be recorded: 1 to %d bytes without control characters", maxName)
	}
	who, err := i.rights(t)
	who.Name, who.Expires = t.Subject, t.Expiry.Add(skew)
	return who, err
}

// checking distinguishes a signature that does not fit from keys that cannot be fetched.
type checking struct {
	keys   *keys
	failed error
}

// VerifySignature returns what was signed.
func (c *checking) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	jws, err := jose.ParseSignedCompact(jwt, signatures)
	if err != nil {
		return nil, fmt.Errorf("malformed jwt: %w", err)
	}
	payload, err := c.keys.verify(ctx, jws)
	if asked := (*askError)(nil); errors.As(err, &asked) {
		c.failed = err
	}
	return payload, err
}

func refused(format string, args ...any) *access.RefusedError {
	return &access.RefusedError{Reason: fmt.Sprintf(format, args...)}
}
