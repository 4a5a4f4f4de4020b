// Package embedded runs a NATS server inside the process.
//
// [Start] starts it. The server keeps its streams in a folder that only one process at a
// time may hold. Its network clients are readers, who can write nothing, and recorders, who
// can submit events and do nothing else.
package embedded

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/nats-io/nats.go"

	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/store/journal"
)

// Server is a NATS server that holds its folder from Start to Shutdown. [Server.Run]
// restarts what runs in it if a write error has frozen it.
type Server struct {
	starting sync.Mutex // held while a server is started anew or given other users

	o    Options // with the ports that were found at the first start; its users are guarded by starting
	lock *flock.Flock
	// url and webSocket are where clients find the server.
	url, webSocket string

	forces  bool             // see Forces
	journal *journal.Journal // see Note; nil where there is none

	probing sync.Mutex // held while the file of a probe is there

	mu      sync.Mutex
	now     *running // nil while it is started anew
	failing error    // why nothing can be written; nil where it can
	own     []*nats.Conn
	streams map[string]*blocks // those that were forced, by stream
	refused map[string]bool    // streams that could not be synced
}

// ErrLocked is the error of a folder that another process holds.
var ErrLocked = class.New(class.Broken, "another process is using the folder")

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
	s := &Server{o: o, lock: lock, streams: map[string]*blocks{}, refused: map[string]bool{}}
	if err := s.startFirst(); err != nil {
		return nil, errors.Join(fmt.Errorf("start NATS: %w", err), s.closeJournal(), lock.Unlock())
	}
	s.o = s.now.pin(o)
	s.url, s.webSocket = s.now.addresses(o)
	return s, nil
}

// ownReconnect is how soon the process's own connections look for a server that
// is restarted.
const ownReconnect = 50 * time.Millisecond

// Connect opens a connection of the process's own, with all rights. It outlives
// the server if that is restarted. Its inbox lies where readers cannot
// listen. Further options override its own.
func (s *Server) Connect(name string, more ...nats.Option) (*nats.Conn, error) {
	c, err := connect(s, s.o.Secret, name, append([]nats.Option{
		// What was to be sent when the server stopped is sent again by whoever waits
		// for an answer, or by nobody.
		nats.ReconnectBufSize(-1), nats.ReconnectWait(ownReconnect), nats.ReconnectJitter(0, 0),
	}, more...)...)
	if err != nil {
		return nil, err
	}
	closed := slices.DeleteFunc(s.connections(), func(c *nats.Conn) bool { return !c.IsClosed() })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.own = append(slices.DeleteFunc(s.own, func(c *nats.Conn) bool { return slices.Contains(closed, c) }), c)
	return c, nil
}

// connections returns the process's own connections. They are asked nothing while mu is held: a
// connection that comes back holds its own lock and waits for mu.
func (s *Server) connections() []*nats.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.own)
}

func connect(to nats.InProcessConnProvider, secret, name string, more ...nats.Option) (*nats.Conn, error) {
	c, err := nats.Connect("", append([]nats.Option{
		nats.InProcessServer(to), nats.UserInfo(ownUser, secret), nats.Name(name),
		nats.CustomInboxPrefix(ownInbox), nats.MaxReconnects(-1),
	}, more...)...)
	if err != nil {
		return nil, fmt.Errorf("connect to the embedded NATS: %w", err)
	}
	return c, nil
}

// InProcessConn opens the bare connection that Connect speaks over.
func (s *Server) InProcessConn() (net.Conn, error) {
	r, err := s.current()
	if err != nil {
		return nil, err
	}
	c, err := r.ns.InProcessConn()
	if err != nil {
		return nil, fmt.Errorf("connect to the embedded NATS: %w", err)
	}
	return c, nil
}

// errRestarting is returned while the server is restarted.
var errRestarting = errors.New("the embedded NATS server is restarting after a write error")

func (s *Server) current() (*running, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now == nil {
		return nil, errRestarting
	}
	return s.now, nil
}

// whole reports whether the process's own connections are there.
func (s *Server) whole() bool {
	return !slices.ContainsFunc(s.connections(), (*nats.Conn).IsReconnecting)
}

// URL is where clients find the server, or "" if it does not listen.
func (s *Server) URL() string { return s.url }

// WebSocketURL is where clients in browsers find the server, or "" if it does
// not listen for them.
func (s *Server) WebSocketURL() string { return s.webSocket }

// Shutdown stops the server and releases the folder. Close the connections
// first; Run must have returned.
func (s *Server) Shutdown() error {
	if r, err := s.current(); err == nil {
		r.close()
	}
	if err := errors.Join(s.endJournal(), s.lock.Unlock()); err != nil {
		return fmt.Errorf("stop NATS: %w", err)
	}
	return nil
}
