package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/store"
)

// Cluster is a JetStream cluster that others run.
type Cluster struct {
	f     ClusterOptions
	opts  []nats.Option
	lock  *flock.Flock
	watch *nats.Conn
	conns []*nats.Conn // all, watch among them

	logger *slog.Logger
}

// joinWait is how long a cluster may take to answer at the start.
const joinWait = 30 * time.Second

// joinCluster connects to a cluster and waits until it answers. The folder of
// the views is this replica's alone.
func joinCluster(ctx context.Context, f ClusterOptions, data string, logger *slog.Logger) (*Cluster, error) {
	opts, err := f.options(logger)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("open the data folder: %w", err)
	}
	c := &Cluster{f: f, opts: opts, logger: logger, lock: flock.New(filepath.Join(data, "lock"))}
	held, err := c.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", data, err)
	}
	if !held {
		return nil, fmt.Errorf("another process is using %s: each replica needs its own --data", data)
	}
	if err := c.join(ctx); err != nil {
		return nil, errors.Join(err, c.Shutdown())
	}
	return c, nil
}

// Join connects to a cluster and waits until it answers.
func Join(ctx context.Context, f ClusterOptions, logger *slog.Logger) (*Cluster, error) {
	opts, err := f.options(logger)
	if err != nil {
		return nil, err
	}
	c := &Cluster{f: f, opts: opts}
	return c, c.join(ctx)
}

// Leave closes the connection that Join opened.
func (c *Cluster) Leave() { c.watch.Close() }

// join connects, and waits until the cluster answers.
func (c *Cluster) join(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, joinWait)
	defer cancel()
	if err := c.reach(ctx); err != nil {
		return err
	}
	return c.await(ctx)
}

// aliveEvery is how often a connection asks whether its server is there. One
// that is paused or cut off closes nothing: after two questions without an
// answer another server is taken.
const aliveEvery = 3 * time.Second

// dialWait is how long a server may take to answer a connection.
const dialWait = 5 * time.Second

// abrupt opens connections that are given up with what is under way on them: an
// event that is delivered long after it was stamped would change what was known.
type abrupt struct{ net.Dialer }

// Dial opens a connection.
func (d abrupt) Dial(network, address string) (net.Conn, error) {
	c, err := d.Dialer.Dial(network, address)
	if tcp, ok := c.(*net.TCPConn); ok && err == nil {
		err = tcp.SetLinger(0)
	}
	if err != nil {
		return nil, err //nolint:wrapcheck // it is nats.go's to tell
	}
	return c, nil
}

// options are those of every connection.
func (f *ClusterOptions) options(logger *slog.Logger) ([]nats.Option, error) {
	opts := []nats.Option{
		// What was to be sent when a connection was lost is not sent by the next: it
		// is sent again by whoever waits for it, or by nobody.
		nats.ReconnectBufSize(-1), nats.SetCustomDialer(abrupt{net.Dialer{Timeout: dialWait}}),
		nats.MaxReconnects(-1), nats.ReconnectWait(250 * time.Millisecond), nats.Timeout(dialWait),
		nats.PingInterval(aliveEvery), nats.MaxPingsOutstanding(2),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { logger.Warn("nats", "error", err) }),
		nats.DisconnectErrHandler(func(c *nats.Conn, err error) {
			if err != nil {
				logger.Warn("lost a connection to NATS", "connection", c.Opts.Name, "error", err)
			}
		}),
		nats.ReconnectHandler(func(c *nats.Conn) {
			logger.Info("connected to NATS again", "connection", c.Opts.Name, "server", c.ConnectedUrlRedacted())
		}),
	}
	if f.Creds != "" {
		opts = append(opts, nats.UserCredentials(f.Creds))
	}
	if f.NKey != "" {
		o, err := nats.NkeyOptionFromSeed(f.NKey)
		if err != nil {
			return nil, fmt.Errorf("read the NKey seed: %w", err)
		}
		opts = append(opts, o)
	}
	if f.CA != "" {
		opts = append(opts, nats.RootCAs(f.CA))
	}
	if f.Cert != "" {
		opts = append(opts, nats.ClientCert(f.Cert, f.Key))
	}
	return opts, nil
}

// retryJoin spaces the questions to a cluster that does not answer yet.
const retryJoin = 100 * time.Millisecond

// reach connects to the first server that is there: the cluster may start
// together with its replicas.
func (c *Cluster) reach(ctx context.Context) (err error) {
	for {
		c.watch, err = c.Connect("watch")
		if !errors.Is(err, nats.ErrNoServers) {
			return err
		}
		if client.Pause(ctx, retryJoin) != nil {
			return err
		}
	}
}

// await asks until JetStream answers: a cluster that has just started elects
// its leader first.
func (c *Cluster) await(ctx context.Context) error {
	js, err := jetstream.New(c.watch)
	if err != nil {
		return fmt.Errorf("connect to --nats: %w", err)
	}
	for {
		ask, cancel := context.WithTimeout(ctx, 2*time.Second)
		_, err := js.AccountInfo(ask)
		cancel()
		if err == nil || errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount) {
			return err
		}
		if client.Pause(ctx, retryJoin) != nil {
			return fmt.Errorf("JetStream at --nats does not answer (is it enabled, does the cluster have a majority, may this user publish on $JS.API.>?): %w", err)
		}
	}
}

// Patiently calls try again while a log cannot be reached: servers that have just
// started elect a leader for each.
func Patiently[T any](ctx context.Context, try func() (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, joinWait)
	defer cancel()
	for {
		v, err := try()
		if !errors.Is(err, store.ErrUnavailable) {
			return v, err
		}
		if client.Pause(ctx, retryJoin) != nil {
			return v, err
		}
	}
}

// Connect opens a connection to whichever server is there.
func (c *Cluster) Connect(name string, more ...nats.Option) (*nats.Conn, error) {
	conn, err := nats.Connect(c.f.URL, append(append(slices.Clone(c.opts), nats.Name("summit "+name)), more...)...)
	if err != nil {
		return nil, fmt.Errorf("connect to --nats: %w", err)
	}
	c.conns = append(c.conns, conn)
	return conn, nil
}

// Health is nil while a server of the cluster is connected.
func (c *Cluster) Health() error {
	if c.watch.IsConnected() {
		return nil
	}
	return fmt.Errorf("no server of the cluster is connected: %w", errors.Join(nats.ErrDisconnected, c.watch.LastError()))
}

// Failing is nil: a cluster answers what it cannot write.
func (*Cluster) Failing(error) error { return nil }

// URL is empty: where clients connect to a cluster is its operator's to say.
func (*Cluster) URL() string { return "" }

// WebSocketURL is where there is none.
func (*Cluster) WebSocketURL() string { return "" }

// Shutdown lets go of the cluster. Close the connections first.
func (c *Cluster) Shutdown() error {
	if c.watch != nil {
		c.watch.Close()
	}
	if err := c.lock.Unlock(); err != nil {
		return fmt.Errorf("let go of the data folder: %w", err)
	}
	return nil
}

// replicaCount is how many servers are to keep a new log. On a cluster it is
// three: with fewer servers there, making a log fails and says so, for a log
// that is kept once by an oversight is found out too late.
func (c *Cluster) replicaCount() int {
	switch {
	case c.f.Replicas > 0:
		return c.f.Replicas
	case c.watch.ConnectedClusterName() != "":
		return 3
	}
	return 1
}
