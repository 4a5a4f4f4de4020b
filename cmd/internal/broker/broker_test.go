package broker

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/summit-timeline/summit/cmd/internal/broker/brokertest"
	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/keys/keystest"
)

func TestWhatTheBrokerIsToldMustMakeSense(t *testing.T) {
	ok := ClusterOptions{Durability: Always}
	for name, change := range map[string]func(*ClusterOptions){
		"durability":     func(f *ClusterOptions) { f.Durability = "never" },
		"replicas":       func(f *ClusterOptions) { f.URL, f.Replicas = "nats://x", 7 },
		"nats-nkey":      func(f *ClusterOptions) { f.URL, f.Creds, f.NKey = "nats://x", "a", "b" },
		"given together": func(f *ClusterOptions) { f.URL, f.Cert = "nats://x", "a" },
		"add --nats":     func(f *ClusterOptions) { f.Replicas = 3 },
		"sync_interval":  func(f *ClusterOptions) { f.URL, f.Durability = "nats://x", Interval },
	} {
		f := ok
		change(&f)
		var wrong *cli.ExitError
		if err := f.Check(); !errors.As(err, &wrong) || wrong.Code != cli.Misused || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := ok.Check(); err != nil {
		t.Error(err)
	}
}

func TestAReplicaHoldsItsFolderAlone(t *testing.T) {
	opts := &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir()}
	url := fmt.Sprintf("nats://127.0.0.1:%d", brokertest.OnFreePort(t, opts))
	dir, quiet := t.TempDir(), slog.New(slog.DiscardHandler)
	c, err := joinCluster(t.Context(), ClusterOptions{URL: url}, dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := joinCluster(t.Context(), ClusterOptions{URL: url}, dir, quiet); err == nil || !strings.Contains(err.Error(), "its own --data") {
		t.Errorf("a second on the same folder: %v", err)
	}
	worth, err := c.durability()
	if err != nil || worth.Setting != Unknown || len(worth.Warnings) != 1 || c.replicaCount() != 1 {
		t.Errorf("%+v, %v, %d replicas", worth, err, c.replicaCount())
	}
	if err := c.Shutdown(); err != nil {
		t.Error(err)
	}
}

func TestAClusterIsReachedOverTLS(t *testing.T) {
	dir := t.TempDir()
	cert, key := keystest.Certificate(t, dir)
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
	url := fmt.Sprintf("tls://127.0.0.1:%d", brokertest.OnFreePort(t, opts))
	quiet := slog.New(slog.DiscardHandler)
	c, err := joinCluster(t.Context(), ClusterOptions{URL: url, CA: cert, Cert: cert, Key: key}, filepath.Join(dir, "a"), quiet)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Health(), c.Shutdown()); err != nil {
		t.Error(err)
	}
	if _, err := joinCluster(t.Context(), ClusterOptions{URL: url}, filepath.Join(dir, "b"), quiet); err == nil {
		t.Error("a server that nobody vouches for is trusted")
	}
}
