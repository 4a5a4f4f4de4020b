package main

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"
)

// keyPair is a TLS certificate that is read again when its file is
// replaced, so that a renewed one needs no restart.
type keyPair struct {
	cert, key string

	mu      sync.Mutex
	changed time.Time
	pair    *tls.Certificate
}

// openKeyPair reads a certificate and its key.
func openKeyPair(cert, key string) (*keyPair, error) {
	c := &keyPair{cert: cert, key: key}
	if _, err := c.get(nil); err != nil {
		return nil, err
	}
	return c, nil
}

// reload reads both files whether or not they seem to have changed. Where they do
// not fit, the pair before goes on.
func (c *keyPair) reload() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.read()
}

// config is how a server speaks TLS with it.
func (c *keyPair) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get, NextProtos: []string{"h2", "http/1.1"}}
}

// get gives the newest. While a pair is being replaced, its halves may not fit:
// the old one then goes on.
func (c *keyPair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
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

func (c *keyPair) read() error {
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
