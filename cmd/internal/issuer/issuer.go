// Package issuer takes the tokens of an OpenID Connect issuer: signed JWTs that
// say who somebody is, and what they may do here.
//
// The door is [New]. Nothing is asked of the issuer until the first token
// comes; its keys are asked for again when one is signed with a new one, and
// forgotten now and then, so that a key it has withdrawn ends here too.
package issuer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/time/rate"

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
	skew = 30 * time.Second
	// keysLast is how long keys are kept before they are asked for again.
	keysLast = 10 * time.Minute
	// askEvery and askBurst bound how often the issuer is asked, whatever
	// tokens are shown.
	askEvery = 5 * time.Second
	askBurst = 4
	maxName  = 80 // of recordedby
)

// algorithms are those that are taken: signatures of a key pair, whose public
// half cannot be used to sign.
var algorithms = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA,
}

// Issuer tells who shows a token.
type Issuer struct {
	o      Options
	client *http.Client

	mu    sync.Mutex
	keys  oidc.KeySet
	since time.Time // when the keys were discovered
}

// New makes an issuer. It asks nothing of it yet.
func New(o Options) *Issuer {
	client := *o.Client
	client.Transport = &asking{next: o.Client.Transport, clock: o.Clock, often: rate.NewLimiter(rate.Every(askEvery), askBurst)}
	return &Issuer{o: o, client: &client}
}

// Who checks a token and tells who shows it.
func (i *Issuer) Who(ctx context.Context, token string) (access.Identity, error) {
	keys, err := i.discovered(ctx)
	if err != nil {
		return access.Identity{}, &access.UnavailableError{Err: err}
	}
	checked := &checking{keys: keys}
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

// discovered gives the keys of the issuer, found by its discovery document.
func (i *Issuer) discovered(ctx context.Context) (oidc.KeySet, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if now := i.o.Clock(); i.keys == nil || now.Sub(i.since) > keysLast {
		ctx := oidc.ClientContext(ctx, i.client)
		p, err := oidc.NewProvider(ctx, i.o.URL)
		var found struct {
			Keys string `json:"jwks_uri"`
		}
		if err == nil {
			err = p.Claims(&found)
		}
		switch {
		case err == nil:
			i.keys = oidc.NewRemoteKeySet(ctx, found.Keys)
			i.since = now
		case i.keys == nil:
			return nil, fmt.Errorf("ask the issuer %s: %w", i.o.URL, err)
		default: // the keys there are go on; it is asked again in a while
			i.since = now.Add(askEvery - keysLast)
		}
	}
	return i.keys, nil
}

// checking tells a signature that does not fit from keys that cannot be had.
type checking struct {
	keys   oidc.KeySet
	failed error
}

// VerifySignature gives what was signed.
func (c *checking) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := c.keys.VerifySignature(ctx, jwt)
	if asked := (*askError)(nil); errors.As(err, &asked) || ctx.Err() != nil {
		c.failed = err
	}
	return payload, err
}

// asking bounds how often the issuer is asked, and names what fails.
type asking struct {
	next  http.RoundTripper
	clock func() time.Time
	often *rate.Limiter
}

// askError says that the issuer could not be asked.
type askError struct{ err error }

func (e *askError) Error() string { return e.err.Error() }
func (e *askError) Unwrap() error { return e.err }

// RoundTrip asks.
func (a *asking) RoundTrip(r *http.Request) (*http.Response, error) {
	if !a.often.AllowN(a.clock(), 1) {
		return nil, &askError{errors.New("the issuer was asked a moment ago: try again in a few seconds")}
	}
	next := a.next
	if next == nil {
		next = http.DefaultTransport
	}
	res, err := next.RoundTrip(r)
	if err != nil {
		return nil, &askError{err}
	}
	if res.StatusCode != http.StatusOK {
		return nil, errors.Join(&askError{fmt.Errorf("%s answers %s", r.URL.Host, res.Status)}, res.Body.Close())
	}
	return res, nil
}

func refused(format string, args ...any) *access.RefusedError {
	return &access.RefusedError{Reason: fmt.Sprintf(format, args...)}
}
