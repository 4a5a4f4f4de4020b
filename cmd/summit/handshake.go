package main

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"
)

// handshakeWait is how long a client may take for a TLS handshake.
const handshakeWait = 10 * time.Second

// handshaker is a listener whose connections have their TLS handshake behind
// them. It is done on a goroutine of its own: it needs a deep stack, which the
// goroutine that serves the connection would hold for as long as that lasts.
type handshaker struct {
	net.Listener
	config *tls.Config
	begin  sync.Once
	ready  chan net.Conn
	over   chan struct{} // closed where nobody is accepted any more
	err    error         // why
}

func newHandshaker(l net.Listener, config *tls.Config) *handshaker {
	return &handshaker{Listener: l, config: config, ready: make(chan net.Conn), over: make(chan struct{})}
}

// Accept gives a connection whose handshake has succeeded, or failed: who
// serves it is told so by its next handshake, and answers.
func (h *handshaker) Accept() (net.Conn, error) {
	h.begin.Do(func() { go h.accept() })
	select {
	case conn := <-h.ready:
		return conn, nil
	case <-h.over:
		return nil, h.err
	}
}

func (h *handshaker) accept() {
	defer close(h.over)
	for {
		conn, err := h.Listener.Accept()
		if err != nil {
			h.err = err
			return
		}
		go h.shake(tls.Server(conn, h.config))
	}
}

func (h *handshaker) shake(conn *tls.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), handshakeWait)
	defer cancel()
	_ = conn.HandshakeContext(ctx) // the next one says so
	select {
	case h.ready <- conn:
	case <-h.over:
		_ = conn.Close() // it was never served
	}
}
