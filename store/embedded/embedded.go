// Package embedded is a NATS server inside the process.
//
// The door is [Start]. The server keeps its streams in a folder that only one
// process at a time may hold. Over the network, where it listens, come readers,
// who write nothing, and recorders, who hand events in and do nothing else.
package embedded

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/summit-timeline/summit/events/class"
)

// Server is a running server.
type Server struct {
	ns     *server.Server
	lock   *flock.Flock
	secret string
	gate   *nats.Conn
	// browsers says whether there is a WebSocket.
	browsers bool
}

// ErrLocked is the error of a folder that another process holds.
var ErrLocked = class.New(class.Broken, "another process holds the folder")

// startWait is how long a server may take to read its streams again.
const startWait = 60 * time.Second

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
	opts, err := o.server()
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
	s := &Server{ns: ns, lock: lock, secret: o.Secret, browsers: o.WebSocket != ""}
	if err := s.open(log); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// open lets the logs be read again, and readers at them.
func (s *Server) open(log *logger) error {
	logs := s.ns.GlobalAccount()
	if !logs.JetStreamEnabled() { // which it is where there is no other account
		if err := logs.EnableJetStream(nil, nil); err != nil {
			return fmt.Errorf("read the logs again: %w", err)
		}
	}
	readers, err := s.ns.LookupAccount(readersAccount)
	if err != nil {
		return fmt.Errorf("let readers in: %w", err)
	}
	if err := join(readers, logs); err != nil {
		return fmt.Errorf("let readers in: %w", err)
	}
	recorders, err := s.ns.LookupAccount(recordersAccount)
	if err != nil {
		return fmt.Errorf("let recorders in: %w", err)
	}
	if err := errors.Join(logs.AddServiceExport(record, nil), recorders.AddServiceImport(logs, record, record)); err != nil {
		return fmt.Errorf("let recorders in: %w", err)
	}
	if s.gate, err = s.Connect("gate", nats.UserInfo(gateUser, s.secret)); err != nil {
		return err
	}
	return (&gate{readers: s.gate, logger: log}).open()
}

func (s *Server) close() {
	if s.gate != nil {
		s.gate.Close()
	}
	s.ns.Shutdown()
	s.ns.WaitForShutdown()
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

// WebSocketURL is where clients in browsers find the server; "" where it does
// not listen for them.
func (s *Server) WebSocketURL() string {
	if !s.browsers {
		return ""
	}
	return s.ns.WebsocketURL()
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
	s.close()
	if err := s.lock.Unlock(); err != nil {
		return fmt.Errorf("stop NATS: %w", err)
	}
	return nil
}
