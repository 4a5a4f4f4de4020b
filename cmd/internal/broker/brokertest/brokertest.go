// Package brokertest runs NATS servers for tests.
package brokertest

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// ShippedCluster starts three servers from the configuration file, and returns
// their URLs and the file with the replicas' key.
func ShippedCluster(t *testing.T, config string) (urls, seed string) {
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
	ports := FreePorts(t, 6)
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
		opts, err := server.ProcessConfigFile(config)
		if err != nil {
			t.Fatal(err)
		}
		Run(t, opts)
		list = append(list, fmt.Sprintf("nats://127.0.0.1:%d", ports[i]))
	}
	return strings.Join(list, ","), seed
}

// Run runs a server until the test ends.
func Run(t testing.TB, opts *server.Options) {
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

// FreePorts returns ports that nobody listens on.
func FreePorts(t testing.TB, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // held until all are found, so that they differ
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// OnFreePort runs a server on a free port, and returns the port.
func OnFreePort(t testing.TB, opts *server.Options) int {
	t.Helper()
	opts.Port = FreePorts(t, 1)[0]
	Run(t, opts)
	return opts.Port
}
