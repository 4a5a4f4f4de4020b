//go:build unix

package main

import (
	"crypto/tls"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/keys/keystest"
	"github.com/summit-timeline/summit/cmd/internal/server"
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

// However often it comes, while the server starts and while it drains, SIGHUP ends
// nothing.
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
	for {
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("%v\n%s", err, p.log)
			}
			return
		default:
			_ = p.cmd.Process.Signal(syscall.SIGHUP) // it may have ended
		}
	}
}
