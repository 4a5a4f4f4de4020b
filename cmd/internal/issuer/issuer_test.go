package issuer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/summit-timeline/summit/cmd/internal/access"
)

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// login is a small issuer: a discovery document, and the keys it signs with.
type login struct {
	*testing.T
	server *httptest.Server
	issuer *Issuer

	mu    sync.Mutex
	now   time.Time
	keys  map[string]crypto.Signer
	down  bool
	asked int           // for keys
	hang  chan struct{} // not nil, answers come once it is closed
	odd   []any         // what else is among the keys
}

func newLogin(t *testing.T) *login {
	t.Helper()
	l := &login{T: t, now: start, keys: map[string]crypto.Signer{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": l.server.URL, "jwks_uri": l.server.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256", "ES256"}})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(l.published()) })
	l.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if hang := l.hanging(); hang != nil {
			<-hang
		}
		if l.isDown() {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(l.server.Close)
	l.issuer = New(Options{URL: l.server.URL, Audience: "summit", Claim: "roles", Client: l.server.Client(), Clock: l.clock})
	l.rotate("one")
	return l
}

func (l *login) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

func (l *login) pass(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = l.now.Add(d)
}

func (l *login) isDown() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.down
}

func (l *login) hanging() chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hang
}

func (l *login) published() any {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	list := append([]any{}, l.odd...)
	for id, k := range l.keys {
		list = append(list, jose.JSONWebKey{Key: k.Public(), KeyID: id, Use: "sig"})
	}
	return map[string]any{"keys": list}
}

// rotate leaves one key, a new one.
func (l *login) rotate(id string) crypto.Signer {
	l.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		l.Fatal(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keys = map[string]crypto.Signer{id: k}
	return k
}

// claims are those of a good token, and what is otherwise.
func (l *login) claims(otherwise map[string]any) map[string]any {
	c := map[string]any{
		"iss": l.server.URL, "aud": "summit", "sub": "anna", "iat": start.Unix(), "exp": start.Add(time.Hour).Unix(),
		"roles": []string{"other:admin", "summit:recorder:/desks/anchorage:alaska-2025"},
	}
	for name, v := range otherwise {
		if c[name] = v; v == nil {
			delete(c, name)
		}
	}
	return c
}

func (l *login) sign(alg jose.SignatureAlgorithm, key any, id string, claims map[string]any) string {
	l.Helper()
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	if err != nil {
		l.Fatal(err)
	}
	b, err := json.Marshal(claims)
	if err != nil {
		l.Fatal(err)
	}
	signed, err := s.Sign(b)
	if err != nil {
		l.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		l.Fatal(err)
	}
	return text
}

// token is signed with the issuer's own key of a name.
func (l *login) token(id string, otherwise map[string]any) string {
	l.Helper()
	l.mu.Lock()
	key := l.keys[id]
	l.mu.Unlock()
	return l.sign(jose.ES256, key, id, l.claims(otherwise))
}

func TestATokenOfTheIssuerSaysWhoAndWhat(t *testing.T) {
	l := newLogin(t)
	who, err := l.issuer.Identify(t.Context(), l.token("one", nil))
	if err != nil || who.Name != "anna" || who.Desk != "/desks/anchorage" || !who.Can(access.Record, "alaska-2025") || who.Can(access.Record, "geneva") || who.Can(access.Amend, "alaska-2025") {
		t.Fatalf("%+v, %v", who, err)
	}
	if !who.Expires.Equal(start.Add(time.Hour + skew)) {
		t.Errorf("it expires at %v", who.Expires)
	}
	for name, c := range map[string]struct {
		roles any
		may   access.Need // "" is nothing
	}{
		"one text": {"summit:reader", access.Read}, "operator of no desk": {"summit:operator", access.Operate}, "auditor": {[]string{"summit:auditor:/desks/court"}, access.Audit},
		"of another program": {[]string{"admin", "operator"}, ""}, "none": {nil, ""}, "a number": {7, ""},
	} {
		who, err := l.issuer.Identify(t.Context(), l.token("one", map[string]any{"roles": c.roles}))
		if err != nil || c.may != "" && !who.Can(c.may, "") && !who.Can(c.may, "any") || c.may == "" && who.Can(access.Read, "any") {
			t.Errorf("%s: %+v, %v", name, who, err)
		}
	}
	l.issuer.o.Claim = "realm_access.roles"
	if who, err := l.issuer.Identify(t.Context(), l.token("one", map[string]any{"realm_access": map[string]any{"roles": []string{"summit:reader"}}})); err != nil || who.Role != access.Reader {
		t.Errorf("by a path: %+v, %v", who, err)
	}
	if who, err := l.issuer.Identify(t.Context(), l.token("one", map[string]any{"realm_access.roles": "summit:auditor"})); err != nil || who.Role != access.Auditor {
		t.Errorf("by a name with a dot: %+v, %v", who, err)
	}
}

func TestATokenThatIsNotGoodIsRefusedAndToldWhy(t *testing.T) {
	l := newLogin(t)
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	l.mu.Lock()
	own := l.keys["one"]
	l.mu.Unlock()
	public, err := x509.MarshalPKIXPublicKey(own.Public())
	if err != nil {
		t.Fatal(err)
	}
	good := l.token("one", nil)
	head, rest, _ := strings.Cut(good, ".")
	body, signature, _ := strings.Cut(rest, ".")
	encode := base64.RawURLEncoding.EncodeToString
	for name, c := range map[string]struct{ token, says string }{
		"another audience":             {l.token("one", map[string]any{"aud": "elsewhere"}), "audience"},
		"no audience":                  {l.token("one", map[string]any{"aud": nil}), "audience"},
		"another issuer":               {l.token("one", map[string]any{"iss": "https://elsewhere.example"}), "different provider"},
		"expired":                      {l.token("one", map[string]any{"exp": start.Add(-time.Minute).Unix()}), "expired"},
		"without an expiry":            {l.token("one", map[string]any{"exp": nil}), "expired"},
		"not yet":                      {l.token("one", map[string]any{"nbf": start.Add(time.Hour).Unix()}), "not before"},
		"no subject":                   {l.token("one", map[string]any{"sub": nil}), "subject"},
		"a subject of two lines":       {l.token("one", map[string]any{"sub": "anna\r\nX: y"}), "subject"},
		"a long subject":               {l.token("one", map[string]any{"sub": strings.Repeat("a", 81)}), "subject"},
		"no such role":                 {l.token("one", map[string]any{"roles": "summit:root"}), "role"},
		"two roles":                    {l.token("one", map[string]any{"roles": []string{"summit:reader", "summit:operator"}}), "2 roles"},
		"a recorder of no desk":        {l.token("one", map[string]any{"roles": "summit:recorder"}), "no desk"},
		"a desk that is none":          {l.token("one", map[string]any{"roles": "summit:recorder:anchorage"}), "desk"},
		"another's key under its name": {l.sign(jose.ES256, other, "one", l.claims(nil)), "signature"},
		"no algorithm":                 {encode([]byte(`{"alg":"none"}`)) + "." + body + ".", "malformed"},
		"no algorithm, signed":         {encode([]byte(`{"alg":"none","kid":"one"}`)) + "." + body + "." + signature, "malformed"},
		"HMAC with the public key":     {l.sign(jose.HS256, public, "one", l.claims(nil)), "algorithm"},
		"altered":                      {head + "." + encode([]byte(strings.Replace(decoded(t, body), "recorder", "operator", 1))) + "." + signature, "signature"},
		"cut":                          {good[:len(good)-10], "signature"},
		"rubbish":                      {"a.b.c", "malformed"},
		"empty":                        {"..", "malformed"},
	} {
		l.issuer = New(l.issuer.o) // who may ask the issuer again
		who, err := l.issuer.Identify(t.Context(), c.token)
		if err == nil || who.Role != "" || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %+v, %v", name, who, err)
		}
		if unavailable := (*access.UnavailableError)(nil); errors.As(err, &unavailable) {
			t.Errorf("%s: %v is no refusal", name, err)
		}
	}
}

func decoded(t *testing.T, part string) string {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// An issuer's clock may be a little behind, but not more.
func TestClocksMayBeApartALittle(t *testing.T) {
	l := newLogin(t)
	token := l.token("one", nil)
	for after, good := range map[time.Duration]bool{time.Hour: true, time.Hour + skew - time.Second: true, time.Hour + skew + time.Second: false} {
		l.mu.Lock()
		l.now = start.Add(after)
		l.mu.Unlock()
		if _, err := l.issuer.Identify(t.Context(), token); (err == nil) != good {
			t.Errorf("%v after it was made: %v", after, err)
		}
	}
}

func TestKeysAreRotated(t *testing.T) {
	l := newLogin(t)
	old := l.token("one", nil)
	if _, err := l.issuer.Identify(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	l.rotate("two")
	renewed := l.token("two", nil)
	if _, err := l.issuer.Identify(t.Context(), renewed); err != nil {
		t.Errorf("signed with a new key: %v", err)
	}
	l.pass(keysLast + time.Second)
	if who, err := l.issuer.Identify(t.Context(), old); err == nil {
		t.Errorf("signed with a key that was withdrawn: %+v", who)
	}
}

// Forged tokens do not make the server ask the issuer again and again. Good tokens are
// accepted meanwhile, even while the issuer is down.
func TestTheIssuerIsNotAskedWithoutEnd(t *testing.T) {
	l := newLogin(t)
	good := l.token("one", nil)
	if _, err := l.issuer.Identify(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	forged := l.sign(jose.RS256, k, "unheard-of", l.claims(nil))
	for range 200 {
		if who, err := l.issuer.Identify(t.Context(), forged); err == nil {
			t.Fatalf("forged: %+v", who)
		}
	}
	l.mu.Lock()
	asked := l.asked
	l.down = true
	l.mu.Unlock()
	if asked > askBurst {
		t.Errorf("the issuer was asked %d times", asked)
	}
	l.pass(keysLast + time.Second)
	if _, err := l.issuer.Identify(t.Context(), good); err != nil {
		t.Errorf("the issuer is down: %v", err)
	}
}

// A token that cannot be checked does not make its bearer anonymous.
func TestAnIssuerThatIsDownLetsNobodyIn(t *testing.T) {
	l := newLogin(t)
	token := l.token("one", nil)
	l.mu.Lock()
	l.down = true
	l.mu.Unlock()
	unavailable := (*access.UnavailableError)(nil)
	if who, err := l.issuer.Identify(t.Context(), token); !errors.As(err, &unavailable) {
		t.Errorf("%+v, %v", who, err)
	}
	l.mu.Lock()
	l.down = false
	l.mu.Unlock()
	if _, err := l.issuer.Identify(t.Context(), token); err != nil {
		t.Errorf("it is up again: %v", err)
	}
}
