package logtest

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"time"
)

// Wire is a way to a server that loses what passes on cue: a publish before it
// arrives, or its acknowledgement after it was stored. It does so by cutting
// the connection, as networks do. And as they do, it may hold a publish back and
// deliver it long after its sender has gone.
type Wire struct {
	dial func() (net.Conn, error)

	mu   sync.Mutex
	lose loss
	held *late
	away bool // nothing is at the other end
}

// late is a publish that is under way.
type late struct {
	conn  net.Conn
	bytes []byte
}

// NewWire makes a wire over connections that dial opens.
func NewWire(dial func() (net.Conn, error)) *Wire { return &Wire{dial: dial} }

// LosePublish cuts the wire before the next publish of a fact.
func (w *Wire) LosePublish() { w.arm(losePublish) }

// LoseAck cuts the wire before the acknowledgement of the next fact.
func (w *Wire) LoseAck() { w.arm(loseAck) }

// HoldPublish holds the next publish of a fact back, and cuts the wire for its
// sender.
func (w *Wire) HoldPublish() { w.arm(holdPublish) }

// Away reports whether the server is out of reach for connections to come.
func (w *Wire) Away(away bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.away = away
}

// Deliver lets the publish that was held back arrive, and gives what the server
// answers to it.
func (w *Wire) Deliver() (answer string, err error) {
	w.mu.Lock()
	l := w.held
	w.held = nil
	w.mu.Unlock()
	if l == nil {
		return "", errors.New("no publish is held back")
	}
	defer l.conn.Close()
	if err := l.conn.SetReadDeadline(time.Time{}); err != nil {
		return "", err
	}
	defer time.AfterFunc(patience, func() { _ = l.conn.Close() }).Stop()
	if _, err := l.conn.Write(l.bytes); err != nil {
		return "", err
	}
	// What else the sender was answered meanwhile comes on this connection too.
	for buffer := make([]byte, 64<<10); ; {
		n, err := l.conn.Read(buffer)
		answer += string(buffer[:n])
		if _, own, found := strings.Cut(answer, l.inbox()); err != nil || found && strings.Contains(own, string(ofFactAck)) {
			return own, err
		}
	}
}

// Drop lets the publish that was held back never arrive.
func (w *Wire) Drop() error {
	w.mu.Lock()
	l := w.held
	w.held = nil
	w.mu.Unlock()
	if l == nil {
		return errors.New("no publish is held back")
	}
	return l.conn.Close()
}

// inbox is where the answer to the publish is to go.
func (l *late) inbox() string {
	_, line, _ := bytes.Cut(l.bytes, ofFact)
	return string(bytes.Fields(line)[1])
}

func (w *Wire) hold(c net.Conn, p []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = &late{c, bytes.Clone(p)}
}

func (w *Wire) arm(l loss) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lose = l
}

// disarm returns what is to be lost of a publish, once.
func (w *Wire) disarm() loss {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.lose
	w.lose = loseNothing
	return l
}

// InProcessConn opens a connection over the wire; nats.InProcessServer takes
// the wire for this method.
func (w *Wire) InProcessConn() (net.Conn, error) {
	w.mu.Lock()
	away := w.away
	w.mu.Unlock()
	if away {
		return nil, errCut
	}
	c, err := w.dial()
	if err != nil {
		return nil, err
	}
	return &wireConn{Conn: c, wire: w}, nil
}

type wireConn struct {
	net.Conn
	wire *Wire

	mu      sync.Mutex
	cutting bool // at the next acknowledgement
	held    bool // a publish is held back: the way to the server stays open
}

// Close ends it for its sender.
func (c *wireConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held {
		return c.SetReadDeadline(time.Unix(1, 0)) // who waits is told at once
	}
	return c.Conn.Close()
}

var (
	errCut    = errors.New("the wire was cut")
	ofFact    = []byte("HPUB facts.")
	ofFactAck = []byte(`"stream":"SUMMIT_`)
)

func (c *wireConn) Write(p []byte) (int, error) {
	if bytes.Contains(p, ofFact) {
		switch c.wire.disarm() {
		case losePublish:
			return 0, errors.Join(errCut, c.Close())
		case holdPublish:
			c.wire.hold(c.Conn, p)
			c.mu.Lock()
			c.held = true
			c.mu.Unlock()
			return 0, errors.Join(errCut, c.Close())
		case loseAck:
			c.mu.Lock()
			c.cutting = true
			c.mu.Unlock()
		}
	}
	return c.Conn.Write(p)
}

func (c *wireConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	cut := c.cutting && bytes.Contains(p[:n], ofFactAck)
	c.mu.Unlock()
	if cut {
		return 0, errors.Join(io.EOF, c.Close())
	}
	return n, err
}
