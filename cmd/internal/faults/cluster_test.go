//go:build linux

package faults

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
)

// members is how many NATS servers keep the logs of a cluster.
const members = 3

// cluster is three NATS servers with the configuration that is shipped, on
// machines of their own as far as the network goes.
type cluster struct {
	testing.TB
	*network
	dir, nkey string // nkey is the public one of the replicas
	members   [members]*process
	relays    [members]*relay
}

func newCluster(t testing.TB, dir string) *cluster {
	t.Helper()
	c := &cluster{TB: t, network: newNetwork(t), dir: dir}
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.seedFile(), seed, 0o600); err != nil {
		t.Fatal(err)
	}
	if c.nkey, err = pair.PublicKey(); err != nil {
		t.Fatal(err)
	}
	for i := range members {
		c.members[i] = newProcess(t, "member "+space(i))
		c.relays[i] = newRelay(t, host(i)+":4222")
		c.start(i)
	}
	c.whole()
	return c
}

func (c *cluster) seedFile() string { return filepath.Join(c.dir, "replicas.nk") }

// start starts a member, which tells its clients to come through the relay.
func (c *cluster) start(i int) {
	c.Helper()
	route := func(i int) string { return fmt.Sprintf("ROUTE_%d=nats://%s:6222", i+1, host(i)) }
	c.members[i].run([]string{
		"NODE=" + space(i), "HOST=" + host(i), "CLIENT_PORT=4222", "ROUTE_PORT=6222", route(0), route(1), route(2),
		"STORE=" + filepath.Join(c.dir, space(i)), "SUMMIT_NKEY=" + c.nkey,
	}, "ip", "netns", "exec", space(i), program("nats-server"), "-c", "../../../deploy/cluster/nats.conf",
		"-m", "8222", "--client_advertise", c.relays[i].Addr().String())
}

// url is where the replicas find the cluster.
func (c *cluster) url() string {
	list := make([]string, members)
	for i, r := range c.relays {
		list[i] = "nats://" + r.Addr().String()
	}
	return strings.Join(list, ",")
}

// whole waits until every member has caught up with the others.
func (c *cluster) whole() {
	c.Helper()
	short := http.Client{Timeout: time.Second}
	for i, m := range c.members {
		if !m.await("it is healthy", func() (bool, error) {
			res, err := short.Get("http://" + host(i) + ":8222/healthz")
			if err != nil {
				return false, err
			}
			return res.StatusCode == http.StatusOK, res.Body.Close()
		}) {
			c.Fatalf("%s ended:\n%s", m.name, m.said)
		}
	}
}

// leader asks which member leads the log of a summit.
func (c *cluster) leader(ctx context.Context, summit string) int {
	c.Helper()
	conn := c.dial()
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		c.Fatal(err)
	}
	leads := -1
	c.members[0].await("the log has a leader", func() (bool, error) {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		log, err := js.Stream(ctx, "SUMMIT_"+summit)
		if err != nil {
			return false, err
		}
		info := log.CachedInfo()
		for i := range members {
			if info.Cluster != nil && info.Cluster.Leader == space(i) {
				leads = i
			}
		}
		return leads >= 0, fmt.Errorf("%+v", info.Cluster)
	})
	if leads < 0 {
		c.Fatalf("the log of %s has no leader", summit)
	}
	return leads
}
