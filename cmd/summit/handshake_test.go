package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// Who never shakes hands holds up nobody, who speaks plain HTTP is told so, and
// an open handshake does not keep the server from stopping.
func TestAHandshakeHoldsUpNobody(t *testing.T) {
	dir := t.TempDir()
	cert, key := certificate(t, dir)
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
	if status, major, answer := ask(t, trusting(t, cert), http.MethodGet, p.url+"/v1/summits/alaska-2025", "", ""); status != http.StatusOK || major != 2 {
		t.Errorf("%d over HTTP/%d: %.200s", status, major, answer)
	}
	p.end(t, syscall.SIGTERM)
}

// stumbling is a listener whose Accept fails every other time.
type stumbling struct {
	net.Listener
	calls atomic.Int64
}

func (s *stumbling) Accept() (net.Conn, error) {
	if s.calls.Add(1)%2 == 1 {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: syscall.EMFILE}
	}
	return s.Listener.Accept()
}

func TestAnErrorOfAcceptEndsNoHandshakes(t *testing.T) {
	dir := t.TempDir()
	cert, key := certificate(t, dir)
	pair, err := openKeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.NotFoundHandler(), ErrorLog: log.New(io.Discard, "", 0)}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(newHandshaker(&stumbling{Listener: l}, pair.config())) }()
	for range 5 {
		if status, _, answer := ask(t, trusting(t, cert), http.MethodGet, "https://"+l.Addr().String(), "", ""); status != http.StatusNotFound {
			t.Errorf("%d %s", status, answer)
		}
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("the server ended: %v", err)
	}
}

// BenchmarkTLSClient is what a waiting client over TLS and HTTP/2 costs in stack,
// both ends together, with the handshake on a goroutine of its own and as
// net/http does it.
func BenchmarkTLSClient(b *testing.B) {
	for name, listen := range map[string]func(net.Listener, *tls.Config) net.Listener{
		"own": func(l net.Listener, c *tls.Config) net.Listener { return newHandshaker(l, c) }, "net-http": tls.NewListener,
	} {
		b.Run(name, func(b *testing.B) {
			dir := b.TempDir()
			cert, key := certificate(b, dir)
			pair, err := openKeyPair(cert, key)
			if err != nil {
				b.Fatal(err)
			}
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
			})}
			go server.Serve(listen(l, pair.config())) //nolint:errcheck // it ends with the benchmark
			defer server.Close()
			before := stacks()
			for b.Loop() {
				res, err := trusting(b, cert).Get("https://" + l.Addr().String())
				if err != nil {
					b.Fatal(err)
				}
				defer res.Body.Close()
			}
			b.ReportMetric(float64(stacks()-before)/float64(b.N), "stack-B/client")
		})
	}
}

// stacks is what stacks take once the collector has made them small.
func stacks() uint64 {
	for range 4 {
		runtime.GC()
	}
	s := []metrics.Sample{{Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
