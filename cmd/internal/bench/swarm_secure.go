package bench

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
)

// trust reads whom the clients trust, where they come over TLS.
func (s *swarm) trust() error {
	if s.Trust == "" {
		return nil
	}
	pem, err := os.ReadFile(s.Trust)
	if err != nil {
		return fmt.Errorf("read the certificate: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	s.secure = &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13}, ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
			if tcp, ok := c.(*net.TCPConn); ok {
				err = tcp.SetLinger(0) // thousands must not leave their ports behind
			}
			return c, err
		},
	}
	return nil
}

// dialSecure opens a connection of its own, as the browser of a person does,
// with so many streams on it.
func (s *swarm) dialSecure(ctx context.Context, streams int) error {
	c, err := s.secure.NewClientConn(ctx, "https", s.Addr)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	for range streams {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+s.Addr+s.Path, http.NoBody)
		if err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		res, err := c.RoundTrip(r) //nolint:bodyclose // it is read until it ends
		if err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		if res.StatusCode != http.StatusOK || res.ProtoMajor != 2 {
			return fmt.Errorf("connect: status %d over HTTP/%d", res.StatusCode, res.ProtoMajor)
		}
		go s.read(res.Body)
	}
	return nil
}
