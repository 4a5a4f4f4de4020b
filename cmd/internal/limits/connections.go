package limits

import (
	"container/list"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
)

// Connections bounds the connections of a server. Where one more comes than
// there may be, the one that has been idle longest makes way; if none is
// idle the new one is closed.
type Connections struct {
	most, each int
	spared     func(netip.Addr) bool

	refused atomic.Uint64
	mu      sync.Mutex
	open    int
	idle    *list.List // of *conn, the longest idle first
	from    map[netip.Prefix]int
}

// NewConnections bounds connections in all, and of each address but those that
// are spared.
func NewConnections(most, each int, spared func(netip.Addr) bool) *Connections {
	return &Connections{most: most, each: each, spared: spared, idle: list.New(), from: map[netip.Prefix]int{}}
}

// Refused counts the connections that were closed for want of room.
func (c *Connections) Refused() uint64 { return c.refused.Load() }

// Listen counts the connections of a listener.
func (c *Connections) Listen(l net.Listener) net.Listener { return &listener{l, c} }

type listener struct {
	net.Listener
	all *Connections
}

// Accept returns the next connection there is room for. Its errors are temporary
// (net/http accepts again after a pause) unless the listener is gone. Where the
// system has no file left for a connection, the one that has been idle longest
// makes way.
func (l *listener) Accept() (net.Conn, error) {
	for {
		got, err := l.Listener.Accept()
		if err != nil {
			if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
				l.all.relieve()
			}
			return nil, passing(err)
		}
		tcp, ok := got.(*net.TCPConn)
		if !ok {
			return got, nil // no connection of others
		}
		if x := l.all.take(tcp); x != nil {
			return x, nil
		}
		l.all.refused.Add(1)
		_ = tcp.Close() // there is no room for it
	}
}

// conn is a counted connection. It is a TCP connection in all else: what is
// sent through it is not copied once more.
type conn struct {
	*net.TCPConn
	all     *Connections
	network netip.Prefix // the zero one is not counted by address
	idle    *list.Element
	gone    bool
}

// take counts a connection, or nil if there is no room.
func (c *Connections) take(tcp *net.TCPConn) *conn {
	x := &conn{TCPConn: tcp, all: c}
	if at, err := netip.ParseAddrPort(tcp.RemoteAddr().String()); err == nil && !c.spared(at.Addr().Unmap()) {
		x.network = network(at.Addr())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if x.network.IsValid() && c.from[x.network] >= c.each {
		return nil
	}
	if c.open >= c.most && !c.makeWay() {
		return nil
	}
	c.open++
	if x.network.IsValid() {
		c.from[x.network]++
	}
	x.idle = c.idle.PushBack(x)
	return x
}

// Patient is a listener whose errors end no server: net/http accepts again after a
// pause, unless the listener is gone.
func Patient(l net.Listener) net.Listener { return patient{l} }

type patient struct{ net.Listener }

func (p patient) Accept() (net.Conn, error) {
	c, err := p.Listener.Accept()
	if err != nil {
		return nil, passing(err)
	}
	return c, nil
}

// relieve closes the connection that has been idle longest, if any.
func (c *Connections) relieve() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.makeWay()
}

// passing marks an error of Accept as temporary, unless the listener is closed or
// no listener: a system that is out of files, memory or buffers, or a client that
// is gone before it was accepted, ends no server.
func passing(err error) error {
	for _, gone := range []error{net.ErrClosed, syscall.EBADF, syscall.EINVAL, syscall.ENOTSOCK} {
		if errors.Is(err, gone) {
			return err
		}
	}
	return temporaryError{err}
}

// temporaryError is an error after which net/http accepts again.
type temporaryError struct{ error }

func (e temporaryError) Unwrap() error { return e.error }

// Temporary makes it a temporary [net.Error].
func (temporaryError) Temporary() bool { return true }

// Timeout makes it a [net.Error].
func (temporaryError) Timeout() bool { return false }

// makeWay closes the connection that has been idle longest.
func (c *Connections) makeWay() bool {
	first := c.idle.Front()
	if first == nil {
		return false
	}
	x := first.Value.(*conn)
	c.forget(x)
	c.refused.Add(1)
	_ = x.TCPConn.Close() // nothing is being said on it
	return true
}

// forget stops to count a connection.
func (c *Connections) forget(x *conn) {
	if x.gone {
		return
	}
	x.gone = true
	c.busy(x)
	c.open--
	if x.network.IsValid() {
		if c.from[x.network]--; c.from[x.network] == 0 {
			delete(c.from, x.network)
		}
	}
}

func (c *Connections) busy(x *conn) {
	if x.idle != nil {
		c.idle.Remove(x.idle)
		x.idle = nil
	}
}

// Close closes the connection, and makes room.
func (x *conn) Close() error {
	x.all.mu.Lock()
	x.all.forget(x)
	x.all.mu.Unlock()
	return x.TCPConn.Close()
}

// State is the HTTP server's ConnState hook.
func (c *Connections) State(of net.Conn, state http.ConnState) {
	if encrypted, ok := of.(*tls.Conn); ok {
		of = encrypted.NetConn()
	}
	x, ok := of.(*conn)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case x.gone:
	case state == http.StateIdle && x.idle == nil:
		x.idle = c.idle.PushBack(x)
	case state == http.StateActive, state == http.StateHijacked:
		c.busy(x)
	}
}
