package main

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/keys/keystest"
)

// madeToken makes a token in a data folder, as an operator does, and gives its
// secret.
func madeToken(t *testing.T, data, name, role string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run([]string{"token", "add", "--data", data, "--name", name, "--desk", "/desks/" + name, "--role", role}, cli.Streams{Out: &out, Err: &errs}); code != cli.Good {
		t.Fatal(errs.String())
	}
	return strings.TrimSpace(out.String())
}

func TestOthersComeOnlyWithATokenAndTLS(t *testing.T) {
	data := t.TempDir()
	for _, c := range []struct{ flags, says string }{
		{"--addr 0.0.0.0:0", "--tls-cert"},
		{"--addr 0.0.0.0:0 --proxy 10.0.0.0/8", "summit token add"},
		{"--addr 127.0.0.1:0 --proxy 127.0.0.1,::1", "summit token add"},
		{"--addr 127.0.0.1:0 --proxy 127.0.0.1 --tokens shared.json", "summit token add --tokens shared.json"},
		{"--addr 127.0.0.1:0 --proxy nginx", "is neither an address"},
		{"--addr 127.0.0.1:0 --cors news.example.org", "is not an origin"},
		{"--addr 127.0.0.1:0 --cors https://news.example.org/", "is not an origin"},
		{"--addr 127.0.0.1:0 --rate 100", "not a rate"},
		{"--addr 127.0.0.1:0 --rate 0/s", "not a rate"},
		{"--addr 127.0.0.1:0 --max-connections -1", "must be 0 or more"},
		{"--addr 127.0.0.1:0 --oidc-issuer https://login.example.org", "must be given together"},
		{"--addr 127.0.0.1:0 --oidc-issuer http://login.example.org --oidc-audience a --oidc-roles r", "https://"},
		{"--addr 127.0.0.1:0 --tls-cert x", "must be given together"},
	} {
		var out, errs bytes.Buffer
		args := append([]string{"serve", "--data", data, "--nats-listen", "off"}, strings.Fields(c.flags)...)
		if code := run(args, cli.Streams{Out: &out, Err: &errs}); code != cli.Misused || !strings.Contains(errs.String(), c.says) {
			t.Errorf("%s: exit %d: %s", c.flags, code, errs.String())
		}
	}
}

// ask sends a request over TLS. It gives the status, over which HTTP, and the
// body.
func ask(t *testing.T, client *http.Client, method, url, token, body string) (status, major int, answer string) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/cloudevents+json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.ProtoMajor, string(b)
}

func TestTokensOverTLS(t *testing.T) {
	data, dir := t.TempDir(), t.TempDir()
	cert, key := keystest.Certificate(t, dir)
	operator, anna := madeToken(t, data, "op", "operator"), madeToken(t, data, "anna", "recorder")
	p := startWith(t, "--addr", "127.0.0.1:0", "--data", data, "--nats-listen", "off", "--tls-cert", cert, "--tls-key", key)
	client := keystest.Client(t, cert)
	const story = "/v1/summits/alaska-2025"
	fact := func(desk string) string {
		return `{"source":"` + desk + `","type":"note.added","subject":"note/n","data":{"text":"x","sources":[{"id":"s","name":"S"}]}}`
	}
	for _, c := range []struct {
		method, path, token, body string
		status                    int
	}{
		{"GET", story + "/timeline", "", "", 401},
		{"GET", story + "/timeline", "summit_wrong", "", 401},
		{"GET", story + "/timeline", anna, "", 200},
		{"POST", story + "/facts", anna, fact("/desks/anna"), 201},
		{"POST", story + "/facts", anna, fact("/desks/another"), 403},
		{"GET", story + "/archive", anna, "", 403},
		{"GET", story + "/archive", operator, "", 200},
	} {
		status, major, answer := ask(t, client, c.method, p.url+c.path, c.token, c.body)
		if status != c.status || major != 2 {
			t.Errorf("%s %s: %d over HTTP/%d: %.200s", c.method, c.path, status, major, answer)
		}
	}
	// A renewed certificate needs no restart, and a revoked token none either.
	if code := run([]string{"token", "revoke", "--data", data, "--name", "anna"}, cli.Streams{Out: io.Discard, Err: io.Discard}); code != cli.Good {
		t.Fatal("anna is not revoked")
	}
	keystest.Certificate(t, dir)
	renewed := keystest.Client(t, cert)
	if status, _, answer := ask(t, renewed, "GET", p.url+story+"/timeline", anna, ""); status != 401 {
		t.Errorf("a revoked token: %d %.200s", status, answer)
	}
	p.end(t, syscall.SIGTERM)
}
