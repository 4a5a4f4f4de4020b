package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
)

func TestWhatTheBrokerIsToldMustMakeSense(t *testing.T) {
	ok := brokerFlags{durability: always}
	for name, change := range map[string]func(*brokerFlags){
		"durability":    func(f *brokerFlags) { f.durability = "never" },
		"replicas":      func(f *brokerFlags) { f.url, f.replicas = "nats://x", 7 },
		"nats-nkey":     func(f *brokerFlags) { f.url, f.creds, f.nkey = "nats://x", "a", "b" },
		"go together":   func(f *brokerFlags) { f.url, f.cert = "nats://x", "a" },
		"with --nats":   func(f *brokerFlags) { f.replicas = 3 },
		"sync_interval": func(f *brokerFlags) { f.url, f.durability = "nats://x", interval },
	} {
		f := ok
		change(&f)
		var wrong *codeError
		if err := f.check(); !errors.As(err, &wrong) || wrong.code != exitUsage || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := ok.check(); err != nil {
		t.Error(err)
	}
}

// shippedCluster starts three servers from the configuration that is shipped,
// and gives their URLs and the file with the replicas' key.
func shippedCluster(t *testing.T) (urls, seed string) {
	t.Helper()
	dir := t.TempDir()
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	secret, err := pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	seed = filepath.Join(dir, "replicas.nk")
	if err := os.WriteFile(seed, secret, 0o600); err != nil {
		t.Fatal(err)
	}
	ports := freePorts(t, 6)
	t.Setenv("SUMMIT_NKEY", public)
	t.Setenv("HOST", "127.0.0.1")
	for i, p := range ports[3:] {
		t.Setenv(fmt.Sprintf("ROUTE_%d", i+1), fmt.Sprintf("nats://127.0.0.1:%d", p))
	}
	var list []string
	for i := range 3 {
		t.Setenv("NODE", fmt.Sprintf("n%d", i+1))
		t.Setenv("CLIENT_PORT", fmt.Sprint(ports[i]))
		t.Setenv("ROUTE_PORT", fmt.Sprint(ports[3+i]))
		t.Setenv("STORE", filepath.Join(dir, fmt.Sprintf("n%d", i+1)))
		opts, err := server.ProcessConfigFile("../../deploy/cluster/nats.conf")
		if err != nil {
			t.Fatal(err)
		}
		runServer(t, opts)
		list = append(list, fmt.Sprintf("nats://127.0.0.1:%d", ports[i]))
	}
	return strings.Join(list, ","), seed
}

func runServer(t *testing.T, opts *server.Options) {
	t.Helper()
	opts.NoSigs, opts.NoLog = true, true
	ns, err := server.NewServer(opts)
	if err != nil {
		t.Fatal(err)
	}
	ns.Start()
	t.Cleanup(func() {
		ns.Shutdown()
		ns.WaitForShutdown()
	})
	if !ns.ReadyForConnections(time.Minute) {
		t.Fatal("the server did not come up")
	}
}

func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // held until all are found, so that they differ
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

type readiness struct {
	Status, Durability string
	Warnings, Reasons  []string
}

func TestTwoReplicasOnTheShippedCluster(t *testing.T) {
	urls, seed := shippedCluster(t)
	dir := t.TempDir()
	serve := func(views string) *process {
		return startWith(t, "--addr", "127.0.0.1:0", "--data", filepath.Join(dir, views), "--nats", urls, "--nats-nkey", seed)
	}
	here, there := serve("here"), serve("there")
	var ready readiness
	if status := there.get(t, "/readyz", &ready); status != 200 || ready.Durability != always || len(ready.Warnings) != 0 {
		t.Errorf("%d %+v", status, ready)
	}
	note := `{"source":"/d","type":"note.added","subject":"note/n","data":{"text":"a","sources":[{"id":"s","name":"S"}]}}`
	status, answer := here.post(t, "/v1/summits/alaska-2025/facts", "application/cloudevents+json", note)
	if status != 201 {
		t.Fatalf("%d %v", status, answer)
	}
	here.end(t, syscall.SIGKILL)
	var seen timeline
	if status := there.get(t, fmt.Sprintf("/v1/summits/alaska-2025/timeline?min=%v", answer["position"]), &seen); status != 200 || seen.Position != answer["position"] {
		t.Errorf("the other replica: %d %+v, recorded %v", status, seen, answer)
	}
	again := serve("here") // on the views that the killed one left
	var same timeline
	again.get(t, fmt.Sprintf("/v1/summits/alaska-2025/timeline?min=%v&limit=500", answer["position"]), &same)
	there.get(t, "/v1/summits/alaska-2025/timeline?limit=500", &seen)
	if same.Position != seen.Position || !slices.Equal(same.Items, seen.Items) {
		t.Errorf("the replicas differ: %+v and %+v", same, seen)
	}
	again.end(t, syscall.SIGTERM)
	there.end(t, syscall.SIGTERM)
	mayNotDelete(t, urls, seed)
}

// mayNotDelete holds the shipped permissions: not even a replica can delete or
// change a log.
func mayNotDelete(t *testing.T, urls, seed string) {
	t.Helper()
	c, err := joinCluster(t.Context(), brokerFlags{url: urls, nkey: seed}, t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	js, err := jetstream.New(c.watch)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // a denied request is not answered
	defer cancel()
	if err := js.DeleteStream(ctx, "SUMMIT_alaska-2025"); err == nil {
		t.Error("a replica may delete a log")
	}
	s, err := js.Stream(t.Context(), "SUMMIT_alaska-2025")
	if err != nil {
		t.Fatal(err)
	}
	if n := s.CachedInfo().Config.Replicas; n != 3 {
		t.Errorf("the log is on %d servers", n)
	}
	if err := c.Shutdown(); err != nil {
		t.Error(err)
	}
}

func TestAReplicaHoldsItsFolderAlone(t *testing.T) {
	opts := &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir()}
	url := fmt.Sprintf("nats://127.0.0.1:%d", ported(t, opts))
	dir, quiet := t.TempDir(), slog.New(slog.DiscardHandler)
	c, err := joinCluster(t.Context(), brokerFlags{url: url}, dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := joinCluster(t.Context(), brokerFlags{url: url}, dir, quiet); err == nil || !strings.Contains(err.Error(), "--data of its own") {
		t.Errorf("a second on the same folder: %v", err)
	}
	worth, err := c.durability()
	if err != nil || worth.setting != unknown || len(worth.warnings) != 1 || c.replicaCount() != 1 {
		t.Errorf("%+v, %v, %d replicas", worth, err, c.replicaCount())
	}
	if err := c.Shutdown(); err != nil {
		t.Error(err)
	}
}

// ported runs a server on a port that is free.
func ported(t *testing.T, opts *server.Options) int {
	t.Helper()
	opts.Port = freePorts(t, 1)[0]
	runServer(t, opts)
	return opts.Port
}

func TestAClusterIsReachedOverTLS(t *testing.T) {
	dir := t.TempDir()
	cert, key := certificate(t, dir)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pem, err := os.ReadFile(cert)
	if err != nil || !pool.AppendCertsFromPEM(pem) {
		t.Fatal(err)
	}
	opts := &server.Options{
		Host: "127.0.0.1", JetStream: true, StoreDir: filepath.Join(dir, "nats"), TLS: true, TLSVerify: true, TLSTimeout: 10,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12},
	}
	url := fmt.Sprintf("tls://127.0.0.1:%d", ported(t, opts))
	quiet := slog.New(slog.DiscardHandler)
	c, err := joinCluster(t.Context(), brokerFlags{url: url, ca: cert, cert: cert, key: key}, filepath.Join(dir, "a"), quiet)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Health(), c.Shutdown()); err != nil {
		t.Error(err)
	}
	if _, err := joinCluster(t.Context(), brokerFlags{url: url}, filepath.Join(dir, "b"), quiet); err == nil {
		t.Error("a server that nobody vouches for is trusted")
	}
}

// certificate writes a certificate that vouches for itself, for 127.0.0.1.
func certificate(t testing.TB, dir string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "EC PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestDurabilityIsShown(t *testing.T) {
	p := startWith(t, "--addr", "127.0.0.1:0", "--data", t.TempDir(), "--nats-listen", "off", "--durability", "interval")
	var ready readiness
	if status := p.get(t, "/readyz", &ready); status != 200 || ready.Durability != interval || len(ready.Warnings) != 1 {
		t.Errorf("%d %+v", status, ready)
	}
	p.end(t, syscall.SIGTERM)
}
