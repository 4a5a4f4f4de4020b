package issuer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"
)

const (
	// keysLast is how long keys are used without asking again, so that one which
	// the issuer has withdrawn ends here too. After half of that they are asked
	// for while nobody waits.
	keysLast = 10 * time.Minute
	// askEvery and askBurst bound how often the issuer is asked, whatever tokens
	// are shown: a key that it publishes is known here after askEvery at the latest.
	askEvery = 5 * time.Second
	askBurst = 4
	// askWait is how long one question may take.
	askWait = 10 * time.Second
	// maxAnswer bounds what is read of an answer.
	maxAnswer = 1 << 20
)

// keys are the public keys of an issuer. Whoever shows a token that is signed
// with a known one waits for nobody.
type keys struct {
	url    string
	client *http.Client
	clock  func() time.Time
	often  *rate.Limiter
	asking singleflight.Group // one question at a time, whoever waits for it

	mu      sync.Mutex // guards what follows
	known   []jose.JSONWebKey
	learned time.Time // when the known ones were asked for; zero is never, or forgotten
	fault   error     // of the last question; nil where it was answered
}

func newKeys(o Options) *keys {
	client := *o.Client
	client.Transport = &answering{o.Client.Transport}
	return &keys{url: o.URL, client: &client, clock: o.Clock, often: rate.NewLimiter(rate.Every(askEvery), askBurst)}
}

// errSignature is the error of a token that no key of the issuer has signed.
var errSignature = fmt.Errorf("it matches none of the issuer's published keys (a new key is picked up within %v)", askEvery)

// verify returns what was signed. A token that fits none of the known keys has
// the issuer asked for new ones, as often as that may be. The error is an
// *askError where the issuer did not answer, so that nobody knows.
func (k *keys) verify(ctx context.Context, jws *jose.JSONWebSignature) ([]byte, error) {
	asked, err := k.refresh(ctx)
	payload, learned, ok := k.try(jws)
	if ok {
		return payload, nil
	}
	if !asked {
		err = k.renew(ctx, learned)
		payload, _, ok = k.try(jws)
	}
	switch {
	case ok:
		return payload, nil
	case err != nil:
		return nil, err
	}
	return nil, errSignature
}

// try verifies with the known keys, and returns when they were asked for.
func (k *keys) try(jws *jose.JSONWebSignature) (payload []byte, learned time.Time, ok bool) {
	k.mu.Lock()
	known, learned := k.known, k.learned
	k.mu.Unlock()
	id := jws.Signatures[0].Header.KeyID
	for _, key := range known {
		if id != "" && key.KeyID != id {
			continue
		}
		if payload, err := jws.Verify(key); err == nil {
			return payload, learned, true
		}
	}
	return nil, learned, false
}

// refresh asks for keys again that have been used for long. It reports whether it
// waited for the answer: where the issuer did not answer the last time, the known
// keys go on meanwhile.
func (k *keys) refresh(ctx context.Context) (asked bool, err error) {
	k.mu.Lock()
	age, learned, silent := k.clock().Sub(k.learned), k.learned, k.fault != nil && k.known != nil
	k.mu.Unlock()
	switch {
	case age <= keysLast/2:
		return false, nil
	case age <= keysLast || silent:
		if k.due(learned) {
			k.ask(ctx, learned)
		}
		return false, nil
	}
	return true, k.renew(ctx, learned)
}

// forget has the keys asked for again before they are used next.
func (k *keys) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.learned, k.fault = time.Time{}, nil
}

// renew asks the issuer, unless it has answered since a time, or was asked too
// often lately: what came of the last question then stands.
func (k *keys) renew(ctx context.Context, since time.Time) error {
	if !k.due(since) {
		return k.lastFault()
	}
	select {
	case <-k.ask(ctx, since):
		return k.lastFault()
	case <-ctx.Done():
		return &askError{ctx.Err()}
	}
}

// due reports whether the issuer may be asked, and has not answered since a time.
func (k *keys) due(since time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return !k.learned.After(since) && k.often.TokensAt(k.clock()) >= 1
}

func (k *keys) lastFault() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.fault
}

// ask asks the issuer, or waits for the answer that somebody else waits for. That
// one of them leaves does not end the question.
func (k *keys) ask(ctx context.Context, since time.Time) <-chan singleflight.Result {
	ctx = context.WithoutCancel(ctx)
	return k.asking.DoChan("", func() (any, error) {
		if now := k.clock(); k.due(since) && k.often.AllowN(now, 1) {
			ctx, cancel := context.WithTimeout(ctx, askWait)
			defer cancel()
			known, err := k.fetch(ctx)
			k.learn(known, err, now)
		}
		return nil, nil //nolint:nilnil // what came of it is remembered
	})
}

func (k *keys) learn(known []jose.JSONWebKey, err error, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fault = err; err == nil {
		k.known, k.learned = known, now
	}
}

// fetch finds the keys by the issuer's discovery document.
func (k *keys) fetch(ctx context.Context) ([]jose.JSONWebKey, error) {
	p, err := oidc.NewProvider(oidc.ClientContext(ctx, k.client), k.url)
	var found struct {
		Keys string `json:"jwks_uri"`
	}
	if err == nil {
		err = p.Claims(&found)
	}
	if err != nil {
		return nil, &askError{fmt.Errorf("ask the issuer %s: %w", k.url, err)}
	}
	list, err := k.read(ctx, found.Keys)
	if err != nil {
		return nil, &askError{fmt.Errorf("ask the issuer %s for its keys: %w", k.url, err)}
	}
	return list, nil
}

// read reads the keys. One of a kind that is not known here is not a reason to do
// without the others (RFC 7517, section 5).
func (k *keys) read(ctx context.Context, url string) ([]jose.JSONWebKey, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("jwks_uri: %w", err)
	}
	res, err := k.client.Do(r)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the URL
	}
	defer res.Body.Close()
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.NewDecoder(res.Body).Decode(&set); err != nil {
		return nil, fmt.Errorf("read its keys: %w", err)
	}
	var list []jose.JSONWebKey
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		if json.Unmarshal(raw, &key) == nil && key.Valid() && key.IsPublic() && (key.Use == "" || key.Use == "sig") {
			list = append(list, key)
		}
	}
	return list, nil
}

// answering takes whole answers alone, and no more of them than is good.
type answering struct{ next http.RoundTripper }

// RoundTrip asks.
func (a *answering) RoundTrip(r *http.Request) (*http.Response, error) {
	next := a.next
	if next == nil {
		next = http.DefaultTransport
	}
	res, err := next.RoundTrip(r)
	if err != nil {
		return nil, err //nolint:wrapcheck // the client wraps it
	}
	if res.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("%s answers %s", r.URL.Host, res.Status), res.Body.Close())
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(res.Body, maxAnswer), res.Body}
	return res, nil
}

// askError reports that the issuer could not be asked.
type askError struct{ err error }

func (e *askError) Error() string { return e.err.Error() }
func (e *askError) Unwrap() error { return e.err }
