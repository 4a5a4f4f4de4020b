// Package keys holds the files of a server's keys: signing keys, the certificate of
// TLS, and the key that replicas show a NATS cluster.
package keys

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"
)

// Certificate is a TLS certificate that is read again when its file is
// replaced, so that a renewed one needs no restart.
type Certificate struct {
	cert, key string

	mu      sync.Mutex
	changed time.Time
	pair    *tls.Certificate
}

// OpenCertificate reads a certificate and its key.
func OpenCertificate(cert, key string) (*Certificate, error) {
	c := &Certificate{cert: cert, key: key}
	if _, err := c.Get(nil); err != nil {
		return nil, err
	}
	return c, nil
}

// Reload reads both files whether or not they seem to have changed. If they do
// not fit, the pair before continues.
func (c *Certificate) Reload() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.read()
}

// Config returns the TLS configuration of a server with this certificate.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.Get, NextProtos: []string{"h2", "http/1.1"}}
}

// Get returns the newest pair. While a pair is being replaced, its halves may not fit:
// the old one then continues.
func (c *Certificate) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if info, err := os.Stat(c.cert); err == nil && c.pair != nil && info.ModTime().Equal(c.changed) {
		return c.pair, nil
	}
	if err := c.read(); err != nil && c.pair == nil {
		return nil, err
	}
	return c.pair, nil
}

func (c *Certificate) read() error {
	info, err := os.Stat(c.cert)
	if err != nil {
		return fmt.Errorf("read the TLS certificate: %w", err)
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("read the TLS certificate in %s and its key in %s: %w", c.cert, c.key, err)
	}
	c.pair, c.changed = &pair, info.ModTime()
	return nil
}
