package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/keys/keystest"
)

// A client that never finishes its handshake delays nobody, a client that speaks plain
// HTTP is told so, and an open handshake does not keep the server from stopping.
func TestAHandshakeHoldsUpNobody(t *testing.T) {
	dir := t.TempDir()
	cert, key := keystest.Certificate(t, dir)
	p := startWith(t, "--addr", "127.0.0.1:0", "--data", filepath.Join(dir, "data"), "--nats-listen", "off", "--tls-cert", cert, "--tls-key", key)
	addr := strings.TrimPrefix(p.url, "https://")
	for range 3 {
		silent, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
	}
	plain, err := http.Get("http://" + addr + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Body.Close()
	if text, err := io.ReadAll(plain.Body); err != nil || plain.StatusCode != http.StatusBadRequest || !strings.Contains(string(text), "HTTPS") {
		t.Errorf("plain HTTP: %d %s %v", plain.StatusCode, text, err)
	}
	if _, err := tls.Dial("tcp", addr, &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: x509.NewCertPool()}); err == nil {
		t.Error("a client that trusts nobody was let in")
	}
	if status, major, answer := ask(t, keystest.Client(t, cert), http.MethodGet, p.url+"/v1/summits/alaska-2025", "", ""); status != http.StatusOK || major != 2 {
		t.Errorf("%d over HTTP/%d: %.200s", status, major, answer)
	}
	p.end(t, syscall.SIGTERM)
}
