package storetest

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
)

// Wire is a way to a server that loses what passes on cue: a publish before it
// arrives, or its acknowledgement after it was stored. It does so by cutting
// the connection, as networks do.
type Wire struct {
	dial func() (net.Conn, error)

	mu   sync.Mutex
	lose loss
}

// NewWire makes a wire over connections that dial opens.
func NewWire(dial func() (net.Conn, error)) *Wire { return &Wire{dial: dial} }

// LosePublish cuts the wire before the next publish of a fact.
func (w *Wire) LosePublish() { w.arm(losePublish) }

// LoseAck cuts the wire before the acknowledgement of the next fact.
func (w *Wire) LoseAck() { w.arm(loseAck) }

func (w *Wire) arm(l loss) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lose = l
}

// disarm tells what is to be lost of a publish, once.
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
