//go:build unix

package main

import (
	"crypto/tls"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/summit-timeline/summit/cmd/internal/broker"
	"github.com/summit-timeline/summit/cmd/internal/keys/keystest"
	"github.com/summit-timeline/summit/cmd/internal/server"
	"github.com/summit-timeline/summit/events/eventstest"
	"github.com/summit-timeline/summit/store/embedded"
)

// hup sends SIGHUP and waits until the server has logged what came of it.
func (p *process) hup(t *testing.T, says string) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	p.logged(t, says)
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// shownCertificate is the one that clients are shown.
func shownCertificate(t *testing.T, url string) string {
	t.Helper()
	c, err := tls.Dial("tcp", strings.TrimPrefix(url, "https://"), &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}) //nolint:gosec // it is looked at
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return string(c.ConnectionState().PeerCertificates[0].Raw)
}

func TestSIGHUPReloadsCertificatesTokensAndTheKey(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	data := filepath.Join(dir, "data")
	cert, key := keystest.Certificate(t, dir)
	newCert, newKey := keystest.Certificate(t, other)
	operator := madeToken(t, data, "op", "operator")
	p := startWith(t, "--addr", "127.0.0.1:0", "--data", data, "--nats-listen", "off", "--tls-cert", cert, "--tls-key", key)
	info, err := os.Stat(cert)
	if err != nil {
		t.Fatal(err)
	}
	before := shownCertificate(t, p.url)

	move(t, newCert, cert)
	move(t, newKey, key)
	if err := os.Chtimes(cert, info.ModTime(), info.ModTime()); err != nil { // nothing shows that it is another
		t.Fatal(err)
	}
	p.hup(t, `reloaded what="TLS certificate"`)
	if shownCertificate(t, p.url) == before {
		t.Error("the certificate is the one before")
	}
	client := keystest.Client(t, cert)
	if status, _, answer := ask(t, client, http.MethodGet, p.url+"/v1/doctor", operator, ""); status != http.StatusOK {
		t.Errorf("%d %s", status, answer)
	}

	move(t, cert, cert+".away")
	move(t, filepath.Join(data, server.KeyFile), filepath.Join(data, "away"))
	p.hup(t, `not reloaded" what="signing key"`)
	p.logged(t, `not reloaded" what="TLS certificate"`)
	if status, _, answer := ask(t, client, http.MethodGet, p.url+"/v1/summits/alaska-2025/checkpoint", operator, ""); status != http.StatusOK {
		t.Errorf("the key that was read before no longer signs: %d %s", status, answer)
	}
	move(t, filepath.Join(data, "away"), filepath.Join(data, server.KeyFile))
	p.end(t, syscall.SIGTERM)
}

// After the file of NATS users was changed or removed, a signal is enough.
func TestSIGHUPReloadsTheNATSUsers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	madeToken(t, dir, "op", "operator") // nobody is let in without a user
	p, file := start(t, dir), filepath.Join(dir, broker.UsersFile)
	users := func(secret func() string) embedded.Credentials {
		t.Helper()
		c, err := embedded.LoadCredentials(file, secret)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	none := func() string { t.Fatal("there are no credentials"); return "" }
	before := users(none)
	move(t, file, file+".before")
	chosen := users(func() string { return "chosen" })
	p.hup(t, `reloaded what="NATS users"`)
	if err := p.follows(t, nats.UserInfo("reader", before.Reader)); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("with the password of before: %v", err)
	}
	if err := p.follows(t, nats.UserInfo("reader", chosen.Reader)); err != nil {
		t.Errorf("with the password of now: %v", err)
	}
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.hup(t, `not reloaded" what="NATS users"`)
	if err := p.follows(t, nats.UserInfo("reader", chosen.Reader)); err != nil {
		t.Errorf("after a file that cannot be read: %v", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	p.hup(t, "")
	eventstest.Eventually(t, "they are reloaded again", func() bool { return strings.Count(p.log.String(), `msg=reloaded what="NATS users"`) == 2 })
	if err := p.follows(t, nats.UserInfo("reader", chosen.Reader)); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("after the file was taken away: %v", err)
	}
	if err := p.follows(t, nats.UserInfo("reader", users(none).Reader)); err != nil {
		t.Errorf("with the password that was made: %v", err)
	}
	p.end(t, syscall.SIGTERM)
}

// SIGHUP never ends a server, however often it comes, even while the server starts or
// drains.
func TestSIGHUPNeverEndsAServer(t *testing.T) {
	p := startWith(t, "--addr", "127.0.0.1:0", "--data", filepath.Join(t.TempDir(), "data"), "--nats-listen", "off")
	p.hup(t, "reloaded")
	res, err := http.Get(p.url + "/v1/summits/alaska-2025/live") // it has to drain
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.cmd.Wait() }()
	// Without a pause, the process would do nothing but take signals.
	often := time.NewTicker(100 * time.Microsecond)
	defer often.Stop()
	for {
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("%v\n%s", err, p.log)
			}
			return
		case <-often.C:
			_ = p.cmd.Process.Signal(syscall.SIGHUP) // it may have ended
		}
	}
}
