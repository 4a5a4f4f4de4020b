package live

import (
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"
)

// sink is the connection of a reader.
type sink interface {
	// send writes whole frames; they are out when it returns.
	send(text []byte, until time.Time) error
	// finish ends the stream, so that a reader can tell an end from a cut.
	finish()
}

// response is a sink on any protocol of net/http.
type response struct {
	w  http.ResponseWriter
	rc *http.ResponseController
	r  *http.Request
}

func newResponse(w http.ResponseWriter, r *http.Request) *response {
	s := &response{w, http.NewResponseController(w), r}
	// A stream outlives what the server allows for reading a request. Where it
	// cannot be set there is no such limit either.
	_ = s.rc.SetReadDeadline(time.Time{})
	return s
}

func (s *response) send(text []byte, until time.Time) error {
	_ = s.rc.SetWriteDeadline(until) // where it cannot be set a write takes as long as it takes
	if _, err := s.w.Write(text); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	if err := s.rc.Flush(); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

func (s *response) finish() {} // net/http ends it when the handler returns

// detach takes a plain HTTP/1.1 connection from net/http, which frees its goroutine
// and buffers. It returns nil if that is not possible. The answer continues in
// chunks.
func (s *response) detach() *wire {
	if !canTry || s.r.TLS != nil || !s.r.ProtoAtLeast(1, 1) || s.r.ProtoMajor != 1 {
		return nil
	}
	conn, _, err := s.rc.Hijack()
	if err != nil {
		return nil
	}
	x := &wire{conn: conn}
	if sys, ok := conn.(syscall.Conn); ok {
		x.raw, _ = sys.SyscallConn() // without it the reader keeps a goroutine
	}
	return x
}

// wire is a sink on a connection that was taken from net/http.
type wire struct {
	conn net.Conn
	raw  syscall.RawConn // nil where it cannot be written to without waiting
}

var chunkEnd = []byte("\r\n")

func chunkHead(text []byte) []byte { return fmt.Appendf(nil, "%x\r\n", len(text)) }

// chunk returns text as a chunk of HTTP/1.1.
func chunk(text []byte) []byte {
	b := append(make([]byte, 0, len(text)+16), chunkHead(text)...)
	return append(append(b, text...), chunkEnd...)
}

func (x *wire) send(text []byte, until time.Time) error {
	return x.write(net.Buffers{chunkHead(text), text, chunkEnd}, until)
}

// write writes chunks, or the rest of one, without joining them.
func (x *wire) write(b net.Buffers, until time.Time) error {
	if err := x.conn.SetWriteDeadline(until); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	if _, err := b.WriteTo(x.conn); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

func (x *wire) finish() {
	if x.raw != nil {
		_, _ = x.try([]byte("0\r\n\r\n")) // who does not take it sees a cut
	}
	_ = x.conn.Close() // it is done with
}
