package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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

// ClusterOptions of a cluster.
type ClusterOptions struct {
	Dir      string        // a folder below it is each server's
	Size     int           // how many servers
	Interval time.Duration // as in Options
	Secret   string        // as in Options
	Logger   *slog.Logger
}

// Cluster is several servers on the loopback interface of one process that
// replicate streams among them. It is for trials and tests: they share the
// machine, and fall with it.
type Cluster struct {
	o      ClusterOptions
	routes []*url.URL
	ports  []int

	mu      sync.Mutex
	servers []*server.Server // nil where stopped
	next    int              // which server Dial tries first
}

// StartCluster starts the servers and waits until they have a leader.
func StartCluster(o ClusterOptions) (*Cluster, error) {
	c := &Cluster{o: o, servers: make([]*server.Server, o.Size), ports: make([]int, o.Size)}
	ports, err := freePorts(2 * o.Size)
	if err != nil {
		return nil, fmt.Errorf("start a cluster: %w", err)
	}
	copy(c.ports, ports)
	for _, p := range ports[o.Size:] {
		c.routes = append(c.routes, &url.URL{Scheme: "nats", Host: fmt.Sprintf("127.0.0.1:%d", p)})
	}
	for i := range o.Size {
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
	opts, err := Options{
		Dir: filepath.Join(c.o.Dir, fmt.Sprint(i)), Listen: fmt.Sprintf("127.0.0.1:%d", c.ports[i]), Interval: c.o.Interval, Secret: c.o.Secret,
	}.server()
	if err != nil {
		return err
	}
	opts.Accounts, opts.Users = nil, opts.Users[:1]                        // nobody comes over the network but those who try it
	opts.ServerName, opts.NoSystemAccount = fmt.Sprintf("n%d", i+1), false // the servers agree through the system account
	opts.Cluster.Name, opts.Cluster.Host = "trial", "127.0.0.1"
	if _, err := fmt.Sscan(c.routes[i].Port(), &opts.Cluster.Port); err != nil {
		return err
	}
	opts.Routes = c.routes
	ns, err := server.NewServer(opts)
	if err != nil {
		return err
	}
	log := newLogger(c.o.Logger)
	ns.SetLoggerV2(log, false, false, false)
	ns.Start()
	if err := c.await("server "+opts.ServerName, func() bool { return ns.ReadyForConnections(10*time.Millisecond) || len(log.fatal) > 0 }); err != nil {
		return err
	}
	if len(log.fatal) > 0 {
		ns.Shutdown()
		return errors.New(<-log.fatal)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.servers[i] = ns
	return nil
}

// await looks again and again until something holds.
func (c *Cluster) await(what string, holds func() bool) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.NewTimer(startWait)
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

// whole says whether the leader knows every server: before, it has nowhere to
// put a stream.
func (c *Cluster) whole() bool {
	return slices.ContainsFunc(c.running(), func(s *server.Server) bool {
		return s.JetStreamIsLeader() && len(s.JetStreamClusterPeers()) == c.o.Size
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
		nats.UserInfo(ownUser, c.o.Secret), nats.Name(name), nats.CustomInboxPrefix(ownInbox), nats.MaxReconnects(-1),
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
