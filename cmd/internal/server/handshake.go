package server

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"
)

// handshakeWait is how long a client may take for a TLS handshake.
const handshakeWait = 10 * time.Second

// handshaker is a listener that does each TLS handshake on a goroutine of its
// own, which ends with it. net/http would do it on the goroutine that serves the
// connection, whose stack then stays as deep as a handshake needs it for as long
// as the connection lasts: 7.7 KB a client (BenchmarkTLSClient).
type handshaker struct {
	net.Listener
	config *tls.Config
	begin  sync.Once
	ready  chan net.Conn
	failed chan error // of Accept, one a call
	end    sync.Once
	closed chan struct{}
}

func newHandshaker(l net.Listener, config *tls.Config) *handshaker {
	return &handshaker{Listener: l, config: config, ready: make(chan net.Conn), failed: make(chan error), closed: make(chan struct{})}
}

// Accept returns the next connection whose handshake is done. One whose
// handshake failed is returned too: net/http asks for its outcome, and answers.
// An error of the listener below ends nothing: the caller decides whether to
// accept again.
func (h *handshaker) Accept() (net.Conn, error) {
	h.begin.Do(func() { go h.accept() })
	select {
	case conn := <-h.ready:
		return conn, nil
	case err := <-h.failed:
		return nil, err
	case <-h.closed:
		return nil, net.ErrClosed
	}
}

// Close closes the listener, and the connections that nobody has accepted.
func (h *handshaker) Close() error {
	h.end.Do(func() { close(h.closed) })
	return h.Listener.Close() //nolint:wrapcheck // it is the listener below
}

// accept accepts until the listener is closed. After an error it waits until
// Accept has returned it, so that its caller sets the pace.
func (h *handshaker) accept() {
	for {
		conn, err := h.Listener.Accept()
		if err == nil {
			go h.shake(tls.Server(conn, h.config))
			continue
		}
		select {
		case h.failed <- err:
		case <-h.closed:
			return
		}
	}
}

func (h *handshaker) shake(conn *tls.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), handshakeWait)
	defer cancel()
	_ = conn.HandshakeContext(ctx) // net/http asks again, and gets the same answer
	select {
	case h.ready <- conn:
	case <-h.closed:
		_ = conn.Close() // it was never served
	}
}
