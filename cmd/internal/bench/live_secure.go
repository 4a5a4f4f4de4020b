package bench

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// manyStreams is how many streams share a connection where many do.
const manyStreams = 100

// secure measures clients over TLS and HTTP/2, each time with a server of its
// own: each on a connection of its own, as browsers of different people are, and
// many on one.
func (x *live) secure() error {
	dir, err := os.MkdirTemp("", "summit-bench-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	client, err := certify(cert, key)
	if err != nil {
		return err
	}
	for _, streams := range []int{1, manyStreams} {
		y := *x
		stop, err := y.serve("--tls-cert", cert, "--tls-key", key)
		if err == nil {
			err = y.overTLS(client, cert, streams)
		}
		stop()
		if err != nil {
			return err
		}
		x.report = y.report
	}
	return nil
}

// overTLS measures clients with so many streams on each connection.
func (x *live) overTLS(client *http.Client, cert string, streams int) error {
	id := fmt.Sprintf("bench-tls-%d-%d", streams, time.Now().UnixNano())
	p, err := openWith(x.ctx, client, x.base, id)
	if err != nil {
		return err
	}
	before := x.atRest()
	s, err := x.swarm(Swarm{Addr: hostOf(x.base), Path: "/v1/summits/" + id + "/live", Clients: x.Secure, Trust: cert, Streams: streams})
	if err != nil {
		return err
	}
	defer s.stop()
	name := fmt.Sprintf("%d clients over TLS and HTTP/2", x.Secure)
	if streams > 1 {
		name += fmt.Sprintf(", %d on each connection", streams)
	}
	x.grown(name, x.Secure, before)
	facts := min(x.Deliveries/x.Secure, mostFacts)
	served, err := x.burst(s, x.Secure, facts, func() error { return p.many(facts) })
	if err != nil {
		return err
	}
	x.report.add(Row{What: name + ", saturated", Value: served, Unit: "deliveries/s", Note: fmt.Sprintf("%d facts recorded in the meantime", facts)})
	return nil
}

// certify makes a certificate for this machine alone, and a client that trusts
// it.
func certify(cert, key string) (*http.Client, error) {
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	now := time.Now()
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &secret.PublicKey, secret)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: text}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			return nil, fmt.Errorf("write a certificate: %w", err)
		}
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13}, ForceAttemptHTTP2: true}}, nil
}
