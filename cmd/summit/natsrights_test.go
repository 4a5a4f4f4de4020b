package main

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/summit-timeline/summit/store/embedded"
)

// follows says whether a client may follow facts.
func (p *process) follows(t *testing.T, o ...nats.Option) error {
	t.Helper()
	c, err := nats.Connect(p.nats, o...)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.SubscribeSync("facts.>"); err != nil {
		return err
	}
	return c.Flush()
}

// Where HTTP asks for a token, NATS asks for a user, on this machine too.
func TestNATSAsksForAUserWhereHTTPAsksForAToken(t *testing.T) {
	for name, c := range map[string]struct {
		token  bool
		more   []string
		nobody bool // is let in
	}{
		"no token": {false, nil, true}, "a token": {true, nil, false}, "a token, and one summit public": {true, []string{"--public", "alaska-2025"}, false},
		"a token, and all public": {true, []string{"--public", "*"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			if c.token {
				madeToken(t, dir, "op", "operator")
			}
			p := start(t, dir, c.more...)
			if err := p.follows(t); (err == nil) != c.nobody || err != nil && !errors.Is(err, nats.ErrAuthorization) {
				t.Errorf("without a user: %v", err)
			}
			users, err := embedded.LoadCredentials(filepath.Join(dir, natsUsers), func() string { t.Fatal("there are no credentials"); return "" })
			if err != nil {
				t.Fatal(err)
			}
			if err := p.follows(t, nats.UserInfo("reader", users.Reader)); err != nil {
				t.Errorf("as the reader: %v", err)
			}
		})
	}
}

// A renewed certificate needs no restart.
func TestNATSTakesARenewedCertificate(t *testing.T) {
	certs := t.TempDir()
	cert, key := certificate(t, certs)
	p := start(t, filepath.Join(t.TempDir(), "data"), "--nats-tls-cert", cert, "--nats-tls-key", key)
	if err := p.follows(t, nats.RootCAs(cert)); err != nil {
		t.Fatal(err)
	}
	certificate(t, certs)
	if err := p.follows(t, nats.RootCAs(cert)); err != nil {
		t.Errorf("renewed: %v", err)
	}
	if err := p.follows(t); err == nil {
		t.Error("a certificate that nobody vouches for is trusted")
	}
}
