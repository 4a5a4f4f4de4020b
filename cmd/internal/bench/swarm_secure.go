package bench

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"

	"golang.org/x/net/http2"
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
	s.secure = &tls.Config{RootCAs: roots, NextProtos: []string{http2.NextProtoTLS}, MinVersion: tls.VersionTLS13}
	return nil
}

// dialSecure opens a connection of its own, as the browser of a person does,
// with so many streams on it.
func (s *swarm) dialSecure(ctx context.Context, streams int) error {
	conn, err := (&tls.Dialer{Config: s.secure}).DialContext(ctx, "tcp", s.Addr)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if c, ok := conn.(*tls.Conn).NetConn().(*net.TCPConn); ok { // that is what it dials
		if err := c.SetLinger(0); err != nil { // thousands must not leave their ports behind
			return fmt.Errorf("connect: %w", err)
		}
	}
	c, err := (&http2.Transport{}).NewClientConn(conn)
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
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("connect: status %d", res.StatusCode)
		}
		go s.read(res.Body)
	}
	return nil
}
