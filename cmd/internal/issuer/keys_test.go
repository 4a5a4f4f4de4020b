package issuer

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/summit-timeline/summit/cmd/internal/access"
)

// forged are tokens that the issuer has not signed, of many key ids in turn.
func (l *login) forged() func() string {
	l.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		l.Fatal(err)
	}
	var tokens []string
	for n := range 20 {
		tokens = append(tokens, l.sign(jose.RS256, k, fmt.Sprint("unheard-of-", n), l.claims(nil)))
	}
	n := 0
	return func() string {
		n++
		return tokens[n%len(tokens)]
	}
}

// refuses wants a token to be refused, not put off.
func (l *login) refuses(token string) {
	l.Helper()
	var refused *access.RefusedError
	var unavailable *access.UnavailableError
	if who, err := l.issuer.Identify(l.Context(), token); !errors.As(err, &refused) || errors.As(err, &unavailable) {
		l.Errorf("forged: %+v, %v", who, err)
	}
}

func (l *login) takes(token string) {
	l.Helper()
	if _, err := l.issuer.Identify(l.Context(), token); err != nil {
		l.Errorf("%v", err)
	}
}

// A flood of forged tokens is refused, each of them; those that are good are taken
// all the while, and so is one that is signed with a new key, after askEvery.
func TestAFloodOfForgedTokensHurtsNobody(t *testing.T) {
	l := newLogin(t)
	forged, good := l.forged(), l.token("one", nil)
	const minutes = 12 // longer than keys last
	for second := range minutes * 60 {
		for range 5 {
			l.refuses(forged())
		}
		l.takes(good)
		if second == 100 {
			l.mu.Lock()
			old := l.keys["one"]
			l.mu.Unlock()
			l.rotate("two")
			l.mu.Lock()
			l.keys["one"] = old // both are good for a while
			l.mu.Unlock()
		}
		if second >= 100+int(askEvery.Seconds()) && second < 200 {
			l.takes(l.token("two", nil))
		}
		l.pass(time.Second)
	}
	if most := askBurst + minutes*60/int(askEvery.Seconds()); l.asked > most {
		t.Errorf("the issuer was asked %d times, at most %d are good", l.asked, most)
	}
}

// While the issuer does not answer, tokens signed with known keys are accepted at once.
// Other tokens cannot be checked, and forged ones are refused once the issuer answers
// again.
func TestASilentIssuerHoldsUpNobody(t *testing.T) {
	l := newLogin(t)
	forged, good := l.forged(), l.token("one", nil)
	l.takes(good)
	hang := make(chan struct{})
	l.mu.Lock()
	l.hang = hang
	l.mu.Unlock()
	told := make(chan error, 1)
	token := forged()
	go func() {
		_, err := l.issuer.Identify(t.Context(), token)
		told <- err
	}()
	for range 100 {
		l.takes(good)
	}
	l.pass(keysLast/2 + time.Second) // keys are old enough to ask again, and nobody waits
	for range 100 {
		l.takes(good)
	}
	close(hang)
	var refused *access.RefusedError
	if err := <-told; !errors.As(err, &refused) {
		t.Errorf("%v", err)
	}
}

func TestAnIssuerThatIsDownLeavesTheUnknownUntold(t *testing.T) {
	l := newLogin(t)
	forged, good := l.forged(), l.token("one", nil)
	l.takes(good)
	l.mu.Lock()
	l.down = true
	l.mu.Unlock()
	var unavailable *access.UnavailableError
	for range 10 {
		if _, err := l.issuer.Identify(t.Context(), forged()); !errors.As(err, &unavailable) {
			t.Errorf("%v", err)
		}
		l.takes(good)
	}
	l.mu.Lock()
	l.down = false
	l.mu.Unlock()
	l.pass(askEvery)
	l.refuses(forged())
}

// A key of an unknown kind does not hide the others.
func TestOddKeysAreSkipped(t *testing.T) {
	l := newLogin(t)
	l.odd = []any{
		map[string]string{"kty": "OKP", "crv": "Ed448", "x": "AAAA", "kid": "odd"},
		map[string]string{"kty": "oct", "k": "c2VjcmV0", "kid": "one"},
		map[string]string{"kty": "RSA", "kid": "half"},
		map[string]string{"kty": "AKP", "alg": "ML-DSA-44", "kid": "new"},
		"text",
		nil,
	}
	l.takes(l.token("one", nil))
	l.refuses(l.sign(jose.HS256, []byte("secret, which is long enough for HS256"), "one", l.claims(nil)))
}

// After Forget the keys are fetched again, and a withdrawn key is no longer accepted.
func TestForgottenKeysAreAskedForAgain(t *testing.T) {
	l := newLogin(t)
	old := l.token("one", nil)
	l.takes(old)
	l.rotate("two")
	l.takes(old)
	l.issuer.Forget()
	l.refuses(old)
	l.takes(l.token("two", nil))
}

// An issuer that has one key at a time need not name it.
func TestAKeyWithoutANameIsLearned(t *testing.T) {
	l := newLogin(t)
	l.rotate("")
	l.takes(l.token("", nil))
	l.rotate("")
	l.takes(l.token("", nil))
}
