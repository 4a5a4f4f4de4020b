package server

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/keys"
	"github.com/summit-timeline/summit/cmd/internal/keys/keystest"
)

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
	cert, key := keystest.Certificate(t, dir)
	pair, err := keys.OpenCertificate(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.NotFoundHandler(), ErrorLog: log.New(io.Discard, "", 0)}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(newHandshaker(&stumbling{Listener: l}, pair.Config())) }()
	for range 5 {
		res, err := keystest.Client(t, cert).Get("https://" + l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusNotFound {
			t.Errorf("%d %v", res.StatusCode, err)
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
			cert, key := keystest.Certificate(b, dir)
			pair, err := keys.OpenCertificate(cert, key)
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
			go server.Serve(listen(l, pair.Config())) //nolint:errcheck // it ends with the benchmark
			defer server.Close()
			before := stacks()
			for b.Loop() {
				res, err := keystest.Client(b, cert).Get("https://" + l.Addr().String())
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
