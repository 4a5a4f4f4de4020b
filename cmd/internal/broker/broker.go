// Package broker opens what holds the logs of a server: a NATS server inside the
// process, or a cluster that others run.
package broker

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/store"
)

// Broker is where the logs are.
type Broker interface {
	Connect(name string, more ...nats.Option) (*nats.Conn, error)
	// Health is nil while facts can be taken.
	Health() error
	// Failing is that of store.Options.
	Failing(failed error) error
	// Run keeps the broker usable until ctx ends.
	Run(ctx context.Context) error
	// URL is where NATS clients connect, or "" if they cannot.
	URL() string
	// WebSocketURL is the same for those in browsers.
	WebSocketURL() string
	Shutdown() error
}

// ClusterOptions choose the broker, and how durable an acknowledgement is.
type ClusterOptions struct {
	URL, Creds, NKey string
	CA, Cert, Key    string
	Replicas         int
	Durability       string
}

// When the broker syncs to the disk: before each acknowledgement, or from time to
// time.
const (
	Always   = "always"
	Interval = "interval"
	Unknown  = "unknown"
	// syncEvery is how often the embedded server syncs if it does not do so
	// before each acknowledgement.
	syncEvery = time.Second
)

// Check refuses options that do not go together.
func (f *ClusterOptions) Check() error {
	switch {
	case f.Durability != Always && f.Durability != Interval:
		return cli.Usage("--durability %q is neither %s nor %s", f.Durability, Always, Interval)
	case f.Replicas < 0 || f.Replicas > 5:
		return cli.Usage("--replicas %d must be 1 to 5", f.Replicas)
	case f.Creds != "" && f.NKey != "":
		return cli.Usage("--nats-creds and --nats-nkey cannot be combined")
	case (f.Cert == "") != (f.Key == ""):
		return cli.Usage("--nats-cert and --nats-key must be given together")
	case f.URL == "" && (f.Creds != "" || f.NKey != "" || f.CA != "" || f.Cert != "" || f.Replicas > 1):
		return cli.Usage("--nats-creds, --nats-nkey, --nats-ca, --nats-cert and --replicas are for a cluster: add --nats")
	case f.URL != "" && f.Durability != Always:
		return cli.Usage("--durability is for the embedded server; a cluster has its own setting, sync_interval, which /readyz shows")
	}
	return nil
}

// syncInterval is that of the embedded server.
func (f *ClusterOptions) syncInterval() time.Duration {
	if f.Durability == Interval {
		return syncEvery
	}
	return 0
}

// Opened is a broker with what is known of it.
type Opened struct {
	Broker
	Durability Durability
	// Replicas is how many servers keep a new log.
	Replicas int
	// Shared reports whether other servers use the same logs.
	Shared bool
	// Force is that of store.Options, or nil if the broker syncs by itself.
	Force func(stream string) error
	// Note is that of store.Options, or nil as Force is.
	Note func(stream string, after uint64, list []store.Stored) (settle func(added int) error)
}

// Options define which broker is opened, and how.
type Options struct {
	Cluster ClusterOptions
	Listen  *ListenOptions // of the server inside
	Data    string         // the folder of the server
	HTTP    net.Addr       // where HTTP is served; nil where it is not
	Open    bool           // anybody may read all
	Logger  *slog.Logger
}

// Open opens a broker.
func Open(ctx context.Context, o Options) (*Opened, error) {
	if o.Cluster.URL == "" {
		return openInside(ctx, o)
	}
	c, err := joinCluster(ctx, o.Cluster, o.Data, o.Logger)
	if err != nil {
		return nil, err
	}
	worth, err := c.durability()
	if err != nil {
		return nil, errors.Join(err, c.Shutdown())
	}
	o.Logger.Info("joined a cluster", "cluster", c.watch.ConnectedClusterName(), "server", c.watch.ConnectedUrlRedacted(), "replicas", c.replicaCount(), "durability", worth.Setting)
	for _, w := range worth.Warnings {
		o.Logger.Warn(w)
	}
	return &Opened{Broker: c, Durability: worth, Replicas: c.replicaCount(), Shared: true}, nil
}

func openInside(ctx context.Context, o Options) (*Opened, error) {
	worth := Durability{Setting: o.Cluster.Durability}
	if worth.Setting == Interval {
		worth.Warnings = []string{"durability: a loss of power can lose the facts acknowledged within the last second or so"}
	}
	server, err := o.Listen.start(ctx, o.Data, o.HTTP, o.Cluster.syncInterval(), o.Open, o.Logger)
	if err != nil {
		return nil, err
	}
	opened := &Opened{Broker: server, Durability: worth, Replicas: 1}
	if server.Forces() {
		opened.Force, opened.Note = server.Force, server.Note
	} else if worth.Setting == Always {
		opened.Durability.Warnings = []string{"durability: facts are synced one by one, because the files of the NATS server were not found where they are expected; recording is slower"}
	}
	return opened, nil
}
