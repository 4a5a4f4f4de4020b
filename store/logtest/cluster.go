package logtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Cluster is several NATS servers in this process, on the loopback interface,
// that replicate streams among themselves. It is for tests: the servers share the
// machine, and nothing they acknowledge survives its crash.
type Cluster struct {
	dir    string
	secret string
	size   int
	routes []*url.URL
	ports  []int

	mu      sync.Mutex
	servers []*server.Server // nil where stopped
	next    int              // which server Dial tries first
}

const (
	clusterUser  = "summit"
	clusterInbox = "_SUMMIT_INBOX"
	clusterWait  = 30 * time.Second
)

// StartCluster starts servers, each in a folder of its own below dir, and waits
// until they have a leader. Clients come with the secret.
func StartCluster(dir string, size int, secret string) (*Cluster, error) {
	c := &Cluster{dir: dir, secret: secret, size: size, servers: make([]*server.Server, size), ports: make([]int, size)}
	ports, err := freePorts(2 * size)
	if err != nil {
		return nil, fmt.Errorf("start a cluster: %w", err)
	}
	copy(c.ports, ports)
	for _, p := range ports[size:] {
		c.routes = append(c.routes, &url.URL{Scheme: "nats", Host: fmt.Sprintf("127.0.0.1:%d", p)})
	}
	for i := range size {
		if err := c.Start(i); err != nil {
			return nil, errors.Join(fmt.Errorf("start a cluster: %w", err), c.Shutdown())
		}
	}
	if err := c.await("a leader that knows all servers", c.whole); err != nil {
		return nil, errors.Join(err, c.Shutdown())
	}
	return c, nil
}

// freePorts finds ports that nobody listens on. All are held until the last
// is found, so that they differ.
func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// Start starts a server that is stopped.
func (c *Cluster) Start(i int) error {
	opts, err := c.options(i)
	if err != nil {
		return err
	}
	ns, err := server.NewServer(opts)
	if err != nil {
		return fmt.Errorf("start %s: %w", opts.ServerName, err)
	}
	ns.Start()
	if err := c.await("server "+opts.ServerName, func() bool { return ns.ReadyForConnections(10 * time.Millisecond) }); err != nil {
		ns.Shutdown()
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.servers[i] = ns
	return nil
}

func (c *Cluster) options(i int) (*server.Options, error) {
	opts := &server.Options{
		ServerName: fmt.Sprintf("n%d", i+1), NoSigs: true, NoLog: true, Host: "127.0.0.1", Port: c.ports[i],
		JetStream: true, StoreDir: filepath.Join(c.dir, fmt.Sprint(i)), JetStreamMaxStore: 1 << 42, JetStreamMaxMemory: 256 << 20,
		SyncInterval: time.Hour, MaxPayload: 1 << 20, Users: []*server.User{{Username: clusterUser, Password: c.secret}},
		Routes: c.routes,
	}
	opts.Cluster.Name, opts.Cluster.Host = "trial", "127.0.0.1"
	_, err := fmt.Sscan(c.routes[i].Port(), &opts.Cluster.Port)
	return opts, err
}

// await looks again and again until something holds.
func (c *Cluster) await(what string, holds func() bool) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.NewTimer(clusterWait)
	defer deadline.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline.C:
			return fmt.Errorf("%s was not there in time", what)
		}
	}
	return nil
}

// whole reports whether the leader knows every server: before, it has nowhere to
// put a stream.
func (c *Cluster) whole() bool {
	return slices.ContainsFunc(c.running(), func(s *server.Server) bool {
		return s.JetStreamIsLeader() && len(s.JetStreamClusterPeers()) == c.size
	})
}

// AwaitHealth waits until every server that runs has caught up with the others.
func (c *Cluster) AwaitHealth() error {
	return c.await("a healthy cluster", func() bool {
		return !slices.ContainsFunc(c.running(), func(s *server.Server) bool { return s.Healthz(&server.HealthzOptions{}).Error != "" })
	})
}

func (c *Cluster) running() []*server.Server {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(c.servers), func(s *server.Server) bool { return s == nil })
}

// Stop stops a server, as if its machine were switched off for the others.
func (c *Cluster) Stop(i int) {
	c.mu.Lock()
	ns := c.servers[i]
	c.servers[i] = nil
	c.mu.Unlock()
	if ns != nil {
		ns.Shutdown()
		ns.WaitForShutdown()
	}
}

// Leader is the server that leads a stream; false while there is none.
func (c *Cluster) Leader(stream string) (int, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, ns := range c.servers {
		if ns != nil && ns.JetStreamIsStreamLeader(server.DEFAULT_GLOBAL_ACCOUNT, stream) {
			return i, true
		}
	}
	return 0, false
}

// URL names every server to a client.
func (c *Cluster) URL() string {
	list := make([]string, len(c.ports))
	for i, p := range c.ports {
		list[i] = fmt.Sprintf("nats://127.0.0.1:%d", p)
	}
	return strings.Join(list, ",")
}

// Connect opens a connection with all rights to whichever server is there.
func (c *Cluster) Connect(name string, more ...nats.Option) (*nats.Conn, error) {
	conn, err := nats.Connect(c.URL(), append([]nats.Option{
		nats.UserInfo(clusterUser, c.secret), nats.Name(name), nats.CustomInboxPrefix(clusterInbox), nats.MaxReconnects(-1),
		nats.ReconnectWait(50 * time.Millisecond), nats.ReconnectJitter(0, 0),
	}, more...)...)
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	return conn, nil
}

// Dial opens a bare connection to a server that runs: another at each call.
func (c *Cluster) Dial() (net.Conn, error) {
	c.mu.Lock()
	first := c.next
	c.next++
	c.mu.Unlock()
	var errs []error
	for i := range c.ports {
		conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", fmt.Sprintf("127.0.0.1:%d", c.ports[(first+i)%len(c.ports)]))
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
	}
	return nil, fmt.Errorf("connect to the cluster: %w", errors.Join(errs...))
}

// Shutdown stops every server. Close the connections first.
func (c *Cluster) Shutdown() error {
	for i := range c.servers {
		c.Stop(i)
	}
	return nil
}
