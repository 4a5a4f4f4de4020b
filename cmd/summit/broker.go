package main

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"net"
	"time"

	"github.com/nats-io/nats.go"
)

// broker is where the logs are: a NATS server inside this process, or a
// cluster that others run.
type broker interface {
	Connect(name string, more ...nats.Option) (*nats.Conn, error)
	// Health is nil while facts can be taken.
	Health() error
	// Failing is that of store.Options.
	Failing(failed error) error
	// Run keeps the broker usable until ctx ends.
	Run(ctx context.Context) error
	// URL is where NATS clients connect; "" where they cannot.
	URL() string
	// WebSocketURL is the same for those in browsers.
	WebSocketURL() string
	Shutdown() error
}

// brokerFlags choose the broker and what an acknowledgement is worth.
type brokerFlags struct {
	url, creds, nkey string
	ca, cert, key    string
	replicas         int
	durability       string
}

const (
	always   = "always"
	interval = "interval"
	unknown  = "unknown"
	// syncEvery is how often the embedded server syncs where it does not do so
	// before each acknowledgement.
	syncEvery = time.Second
)

func (f *brokerFlags) flags(fs *flag.FlagSet) {
	fs.StringVar(&f.url, "nats", "", "URL of a JetStream cluster that has the logs, several by comma; without it a server inside the process has them")
	f.credentials(fs)
	fs.IntVar(&f.replicas, "replicas", 0, "servers of the cluster that keep each new log; 0 is 3 on a cluster and 1 on a lone server")
	fs.StringVar(&f.durability, "durability", always, "of the server inside: always syncs to the disk before each acknowledgement, interval once a second")
}

// credentials are what a cluster asks for.
func (f *brokerFlags) credentials(fs *flag.FlagSet) {
	fs.StringVar(&f.creds, "nats-creds", "", "file with the credentials for --nats")
	fs.StringVar(&f.nkey, "nats-nkey", "", "file with the NKey seed for --nats (summit keygen --nats makes one)")
	fs.StringVar(&f.ca, "nats-ca", "", "file with the authorities that --nats is trusted by (TLS)")
	fs.StringVar(&f.cert, "nats-cert", "", "file with the client certificate for --nats (TLS)")
	fs.StringVar(&f.key, "nats-key", "", "file with the key of --nats-cert")
}

func (f *brokerFlags) check() error {
	switch {
	case f.durability != always && f.durability != interval:
		return usage("--durability %q is neither %s nor %s", f.durability, always, interval)
	case f.replicas < 0 || f.replicas > 5:
		return usage("--replicas %d is not from 1 to 5", f.replicas)
	case f.creds != "" && f.nkey != "":
		return usage("--nats-creds and --nats-nkey: give one of them")
	case (f.cert == "") != (f.key == ""):
		return usage("--nats-cert and --nats-key go together")
	case f.url == "" && (f.creds != "" || f.nkey != "" || f.ca != "" || f.cert != "" || f.replicas > 1):
		return usage("--nats-creds, --nats-nkey, --nats-ca, --nats-cert and --replicas are for a cluster: name it with --nats")
	case f.url != "" && f.durability != always:
		return usage("--durability is for the server inside; a cluster has its own setting, sync_interval, which /readyz shows")
	}
	return nil
}

// syncInterval is that of the embedded server.
func (f *brokerFlags) syncInterval() time.Duration {
	if f.durability == interval {
		return syncEvery
	}
	return 0
}

// openBroker opens the broker that the flags choose; what an acknowledgement is
// worth there, and how many servers keep a new log.
func openBroker(ctx context.Context, f *serveFlags, web net.Addr, all bool, logger *slog.Logger) (broker, durability, int, error) {
	if f.broker.url == "" {
		worth := durability{setting: f.broker.durability}
		if worth.setting == interval {
			worth.warnings = []string{"durability: a loss of power can lose the facts acknowledged within the last second or so"}
		}
		server, err := f.nats.start(ctx, f.data, web, f.broker.syncInterval(), all, logger)
		return server, worth, 1, err
	}
	c, err := joinCluster(ctx, f.broker, f.data, logger)
	if err != nil {
		return nil, durability{}, 0, err
	}
	worth, err := c.durability()
	if err != nil {
		return nil, durability{}, 0, errors.Join(err, c.Shutdown())
	}
	logger.Info("joined a cluster", "cluster", c.watch.ConnectedClusterName(), "server", c.watch.ConnectedUrlRedacted(), "replicas", c.replicaCount(), "durability", worth.setting)
	for _, w := range worth.warnings {
		logger.Warn(w)
	}
	return c, worth, c.replicaCount(), nil
}
