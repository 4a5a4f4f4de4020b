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
	dir     string
	public  map[string]string // NKeys of those who connect, by what the configuration calls them
	members [members]*process
	relays  [members]*relay
}

// The users of a cluster: its replicas, a recorder, and an operator, who may do
// anything.
const (
	replicas = "SUMMIT_NKEY"
	recorder = "RECORDER"
	operator = "OPERATOR"
)

func newCluster(t testing.TB, dir string) *cluster {
	t.Helper()
	c := &cluster{TB: t, network: newNetwork(t), dir: dir, public: map[string]string{}}
	for _, user := range []string{replicas, recorder, operator} {
		c.admit(user)
	}
	c.configure()
	for i := range members {
		c.members[i] = newProcess(t, "member "+space(i))
		c.relays[i] = newRelay(t, host(i)+":4222")
		c.start(i)
	}
	c.whole()
	return c
}

func (c *cluster) seedFile(user string) string { return filepath.Join(c.dir, user+".nk") }

// admit makes the NKey of a user.
func (c *cluster) admit(user string) {
	c.Helper()
	pair, err := nkeys.CreateUser()
	if err != nil {
		c.Fatal(err)
	}
	seed, err := pair.Seed()
	if err != nil {
		c.Fatal(err)
	}
	if err := os.WriteFile(c.seedFile(user), seed, 0o600); err != nil {
		c.Fatal(err)
	}
	if c.public[user], err = pair.PublicKey(); err != nil {
		c.Fatal(err)
	}
}

// conf is the configuration of every member.
func (c *cluster) conf() string { return filepath.Join(c.dir, "nats.conf") }

// configure writes the configuration that is shipped, with a recorder and an
// operator added where it says that they go.
func (c *cluster) configure() {
	c.Helper()
	shipped, err := os.ReadFile("../../../../deploy/cluster/nats.conf")
	if err != nil {
		c.Fatal(err)
	}
	text := string(shipped)
	for _, r := range [][2]string{
		{"#{nkey: UA…,", "{nkey: $" + recorder + ","},
		{"{\n        nkey: $" + replicas, "{nkey: $" + operator + "}\n      {\n        nkey: $" + replicas},
	} {
		if strings.Count(text, r[0]) != 1 {
			c.Fatalf("the configuration that is shipped has %q %d times", r[0], strings.Count(text, r[0]))
		}
		text = strings.Replace(text, r[0], r[1], 1)
	}
	if err := os.WriteFile(c.conf(), []byte(text), 0o600); err != nil {
		c.Fatal(err)
	}
}

// start starts a member, which tells its clients to come through the relay.
func (c *cluster) start(i int) {
	c.Helper()
	route := func(i int) string { return fmt.Sprintf("ROUTE_%d=nats://%s:6222", i+1, host(i)) }
	c.members[i].run([]string{
		"NODE=" + space(i), "HOST=" + host(i), "CLIENT_PORT=4222", "ROUTE_PORT=6222", route(0), route(1), route(2),
		"STORE=" + filepath.Join(c.dir, space(i)),
		replicas + "=" + c.public[replicas], recorder + "=" + c.public[recorder], operator + "=" + c.public[operator],
	}, "ip", "netns", "exec", space(i), program("nats-server"), "-c", c.conf(),
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
