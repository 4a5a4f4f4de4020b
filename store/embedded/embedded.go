// Package embedded is a NATS server inside the process.
//
// The door is [Start]. The server keeps its streams in a folder that only one
// process at a time may hold, and takes network clients, where it listens, as
// readers alone.
package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/gofrs/flock"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Options of a server.
type Options struct {
	// Dir holds the streams.
	Dir string
	// Listen is the host:port for NATS clients, who may read and nothing else;
	// "" listens nowhere. Port 0 is any free one.
	Listen string
	// Interval is how often written events are forced to the disk; 0 is before
	// each acknowledgement, the only setting that survives a loss of power.
	Interval time.Duration
	// Secret is the password of the process's own connections. It must not be
	// guessable.
	Secret string
	Logger *slog.Logger
}

// Server is a running server.
type Server struct {
	ns     *server.Server
	lock   *flock.Flock
	secret string
}

// ErrLocked is the error of a folder that another process holds.
var ErrLocked = errors.New("another process holds the folder")

const (
	ownUser    = "summit"
	readerUser = "reader"
	ownInbox   = "_SUMMIT_INBOX"
	// startWait is how long a server may take to read its streams again.
	startWait = 60 * time.Second
)

// Start starts a server and waits until it takes connections.
func Start(o Options) (*Server, error) {
	if o.Secret == "" {
		return nil, errors.New("start NATS: a secret is needed for the process's own connections")
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("start NATS: %w", err)
	}
	// The server does not lock its store: two on one folder would both start.
	lock := flock.New(filepath.Join(o.Dir, "lock"))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("start NATS: lock %s: %w", o.Dir, err)
	}
	if !held {
		return nil, fmt.Errorf("start NATS in %s: %w", o.Dir, ErrLocked)
	}
	s, err := start(o, lock)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start NATS: %w", err), lock.Unlock())
	}
	return s, nil
}

func start(o Options, lock *flock.Flock) (*Server, error) {
	if err := clearLeftovers(o.Dir); err != nil {
		return nil, err
	}
	opts, err := options(o)
	if err != nil {
		return nil, err
	}
	ns, err := server.NewServer(opts)
	if err != nil {
		return nil, err
	}
	log := newLogger(o.Logger)
	ns.SetLoggerV2(log, false, false, false)
	ns.Start()
	deadline := time.NewTimer(startWait)
	defer deadline.Stop()
	for !ns.ReadyForConnections(10 * time.Millisecond) {
		select {
		case reason := <-log.fatal:
			ns.Shutdown()
			return nil, errors.New(reason)
		case <-deadline.C:
			ns.Shutdown()
			return nil, errors.New("the server was not ready in time")
		default:
		}
	}
	return &Server{ns: ns, lock: lock, secret: o.Secret}, nil
}

func options(o Options) (*server.Options, error) {
	opts := &server.Options{
		ServerName: "summit", NoSigs: true, NoLog: false, DontListen: o.Listen == "",
		JetStream: true, StoreDir: o.Dir, JetStreamMaxStore: 1 << 42, JetStreamMaxMemory: 256 << 20,
		SyncAlways: o.Interval == 0, MaxPayload: 1 << 20, NoSystemAccount: true,
		Users: []*server.User{
			{Username: ownUser, Password: o.Secret},
			{Username: readerUser, Password: "", Permissions: readerPermissions()},
		},
		NoAuthUser: readerUser,
	}
	if o.Interval > 0 {
		opts.SyncInterval = o.Interval
	}
	if o.Listen == "" {
		return opts, nil
	}
	host, port, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return nil, err
	}
	if opts.Port, err = strconv.Atoi(port); err != nil {
		return nil, fmt.Errorf("port %q is no number", port)
	}
	if opts.Port == 0 {
		opts.Port = server.RANDOM_PORT
	}
	opts.Host = host
	return opts, nil
}

// readerPermissions let a client follow facts and read the streams, and write
// nothing.
func readerPermissions() *server.Permissions {
	return &server.Permissions{
		Subscribe: &server.SubjectPermission{Allow: []string{"facts.>", "_INBOX.>"}},
		Publish: &server.SubjectPermission{Allow: []string{
			"$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST", "$JS.API.STREAM.INFO.SUMMIT_*",
			"$JS.API.STREAM.MSG.GET.SUMMIT_*", "$JS.API.DIRECT.GET.SUMMIT_*", "$JS.API.DIRECT.GET.SUMMIT_*.>",
			"$JS.API.CONSUMER.CREATE.SUMMIT_*", "$JS.API.CONSUMER.CREATE.SUMMIT_*.>", "$JS.API.CONSUMER.INFO.SUMMIT_*.*",
			"$JS.API.CONSUMER.MSG.NEXT.SUMMIT_*.*", "$JS.API.CONSUMER.DELETE.SUMMIT_*.*", "$JS.ACK.SUMMIT_*.>", "$JS.FC.SUMMIT_*.>",
		}},
	}
}

// Connect opens a connection of the process's own, with all rights. Its inbox
// lies where readers cannot listen. Further options override its own.
func (s *Server) Connect(name string, more ...nats.Option) (*nats.Conn, error) {
	c, err := nats.Connect("", append([]nats.Option{
		nats.InProcessServer(s.ns), nats.UserInfo(ownUser, s.secret), nats.Name(name),
		nats.CustomInboxPrefix(ownInbox), nats.MaxReconnects(-1),
	}, more...)...)
	if err != nil {
		return nil, fmt.Errorf("connect to the embedded NATS: %w", err)
	}
	return c, nil
}

// InProcessConn opens the bare connection that Connect speaks over.
func (s *Server) InProcessConn() (net.Conn, error) {
	c, err := s.ns.InProcessConn()
	if err != nil {
		return nil, fmt.Errorf("connect to the embedded NATS: %w", err)
	}
	return c, nil
}

// URL is where clients find the server; "" where it does not listen.
func (s *Server) URL() string {
	if s.ns.Addr() == nil {
		return ""
	}
	return s.ns.ClientURL()
}

// Health is nil while the server can take facts: a write error freezes a
// stream until the next start.
func (s *Server) Health() error {
	if h := s.ns.Healthz(&server.HealthzOptions{}); h.Error != "" {
		return errors.New(h.Error)
	}
	return nil
}

// Shutdown stops the server and lets go of the folder. Close the connections
// first.
func (s *Server) Shutdown() error {
	s.ns.Shutdown()
	s.ns.WaitForShutdown()
	if err := s.lock.Unlock(); err != nil {
		return fmt.Errorf("stop NATS: %w", err)
	}
	return nil
}
