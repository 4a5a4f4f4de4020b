package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// issuing is a small OpenID Connect issuer.
type issuing struct {
	*httptest.Server

	mu  sync.Mutex
	id  string
	key *ecdsa.PrivateKey
}

func newIssuing(t *testing.T) *issuing {
	t.Helper()
	i := &issuing{}
	i.rotate(t, "one")
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": i.URL, "jwks_uri": i.URL + "/keys"})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: i.key.Public(), KeyID: i.id}}})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func (i *issuing) rotate(t *testing.T, id string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.id, i.key = id, key
}

// token is one for a subject that says what it may do, and lasts so long.
func (i *issuing) token(t *testing.T, subject, audience, role string, lasts time.Duration) string {
	t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: i.key, KeyID: i.id}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(map[string]any{"iss": i.URL, "aud": audience, "sub": subject, "exp": time.Now().Add(lasts).Unix(), "groups": []string{"staff", role}})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := s.Sign(b)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTokensOfAnIssuer(t *testing.T) {
	t.Parallel()
	i, data := newIssuing(t), t.TempDir()
	madeToken(t, data, "op", "operator")
	p := startWith(t, "--addr", "127.0.0.1:0", "--data", data, "--nats-listen", "off", "--public", "*",
		"--oidc-issuer", i.URL, "--oidc-audience", "summit", "--oidc-roles", "groups")
	const story, hour = "/v1/summits/alaska-2025", time.Hour
	fact := func(desk string) string {
		return `{"source":"` + desk + `","type":"note.added","subject":"note/n","data":{"text":"x","sources":[{"id":"s","name":"S"}]}}`
	}
	const recorder = "summit:recorder:/desks/anchorage:alaska-2025"
	maria := i.token(t, "maria|7", "summit", recorder, hour)
	for name, c := range map[string]struct {
		method, path, token, body string
		status                    int
		says                      string
	}{
		"reads":                            {"GET", story + "/timeline", maria, "", 200, ""},
		"another's desk":                   {"POST", story + "/facts", maria, fact("/desks/else"), 403, "can record for /desks/anchorage, not for"},
		"another audience":                 {"GET", story + "/timeline", i.token(t, "maria", "elsewhere", recorder, hour), "", 401, "audience"},
		"expired":                          {"GET", story + "/timeline", i.token(t, "maria", "summit", recorder, -hour), "", 401, "expired"},
		"forged":                           {"GET", story + "/timeline", maria[:len(maria)-8] + "AAAAAAAA", "", 401, "signature"},
		"a token's name":                   {"GET", story + "/timeline", i.token(t, "op", "summit", recorder, hour), "", 401, "name of a token"},
		"no role here, on a public summit": {"GET", story + "/timeline", i.token(t, "maria", "summit", "other:role", hour), "", 200, ""},
		"nobody, who may read":             {"GET", story + "/timeline", "", "", 200, ""},
	} {
		if status, _, answer := ask(t, http.DefaultClient, c.method, p.url+c.path, c.token, c.body); status != c.status || !strings.Contains(answer, c.says) {
			t.Errorf("%s: %d %.300s", name, status, answer)
		}
	}
	status, _, answer := ask(t, http.DefaultClient, "POST", p.url+story+"/facts", maria, fact("/desks/anchorage"))
	var made struct{ ID, Position string }
	if err := json.Unmarshal([]byte(answer), &made); err != nil || status != http.StatusCreated {
		t.Fatal(status, answer, err)
	}
	if _, _, answer := ask(t, http.DefaultClient, "GET", p.url+story+"/facts/"+made.ID+"?min="+made.Position, maria, ""); !strings.Contains(answer, `"recordedby":"maria|7"`) {
		t.Errorf("who recorded is not in the event: %s", answer)
	}
	i.rotate(t, "two")
	if status, _, answer := ask(t, http.DefaultClient, "GET", p.url+story, i.token(t, "maria", "summit", recorder, hour), ""); status != http.StatusOK {
		t.Errorf("signed with a new key: %d %s", status, answer)
	}
	i.signsIn(t, p, i.token(t, "maria", "summit", recorder, hour))
	i.streams(t, p)
}

// signsIn pastes a token into the form.
func (i *issuing) signsIn(t *testing.T, p *process, token string) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.PostForm(p.url+"/signin", url.Values{"token": {token}, "next": {"/summits/alaska-2025"}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSeeOther || len(res.Cookies()) != 1 || res.Cookies()[0].Value != token || res.Cookies()[0].Expires.After(time.Now().Add(time.Hour+time.Minute)) {
		t.Errorf("pasted into the form: %s %v", res.Status, res.Header)
	}
}

// streams opens a stream with a token that is about to end: it is told so.
func (i *issuing) streams(t *testing.T, p *process) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, p.url+"/v1/summits/alaska-2025/live", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	const skew = 30 * time.Second
	r.Header.Set("Authorization", "Bearer "+i.token(t, "maria", "summit", "summit:reader", 3*time.Second-skew))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatal(res.Status)
	}
	b, err := io.ReadAll(bufio.NewReader(res.Body))
	if err != nil || !strings.HasSuffix(string(b), "event: refused\ndata: {\"reason\":\"the token has expired: ask the operator for a new one\"}\n\n") {
		t.Errorf("the stream ended with %q, %v", b, err)
	}
}
