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

// config is how a server speaks TLS with it.
func (c *keyPair) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get, NextProtos: []string{"h2", "http/1.1"}}
}

// get gives the newest. While a pair is being replaced, its halves may not fit:
// the old one then goes on.
func (c *keyPair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(c.cert)
	if err == nil && c.pair != nil && info.ModTime().Equal(c.changed) {
		return c.pair, nil
	}
	pair, loadErr := tls.LoadX509KeyPair(c.cert, c.key)
	switch {
	case loadErr == nil && err == nil:
		c.pair, c.changed = &pair, info.ModTime()
	case c.pair == nil && loadErr != nil:
		return nil, fmt.Errorf("read the TLS certificate: %w", loadErr)
	}
	return c.pair, nil
}
