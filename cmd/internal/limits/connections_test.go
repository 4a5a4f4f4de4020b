package limits

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/summit-timeline/summit/events/eventstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// served is a server with bounded connections.
type served struct {
	*testing.T
	all    *Connections
	server *httptest.Server
	hold   chan struct{} // closed, requests for /hold are answered
}

func serve(t *testing.T, most, each int, spared bool) *served {
	t.Helper()
	s := &served{T: t, all: NewConnections(most, each, func(netip.Addr) bool { return spared }), hold: make(chan struct{})}
	s.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/hold":
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			<-s.hold
		case "/taken":
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			if _, ok := conn.(syscall.Conn); !ok {
				t.Errorf("a taken connection is a %T: it cannot be written to without waiting", conn)
			}
			_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
			<-s.hold
			_ = conn.Close()
		}
	}))
	s.server.Listener = s.all.Listen(s.server.Listener)
	s.server.Config.ConnState = s.all.State
	s.server.Start()
	t.Cleanup(s.server.Close)
	t.Cleanup(sync.OnceFunc(func() { close(s.hold) }))
	return s
}

func (s *served) dial() net.Conn {
	s.Helper()
	c, err := net.Dial("tcp", s.server.Listener.Addr().String())
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		s.Fatal(err)
	}
	return c
}

// asks reports whether a request on the connection is answered.
func asks(c net.Conn, path string) bool {
	if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		return false
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil) //nolint:bodyclose // it has no end yet: to close it would wait for that
	return err == nil && res.StatusCode == http.StatusOK
}

// closed reports whether the server has closed the connection.
func closed(c net.Conn) bool {
	_, err := c.Read(make([]byte, 1))
	timeout, ok := err.(net.Error) //nolint:errorlint // it is what Read gives
	return err != nil && (!ok || !timeout.Timeout())
}

func (c *Connections) count() (open, idle, from int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open, c.idle.Len(), len(c.from)
}

// settle waits until there are so many connections.
func (s *served) settle(open, idle int) {
	s.Helper()
	eventstest.Eventually(s, fmt.Sprintf("%d connections open and %d idle", open, idle), func() bool {
		o, i, _ := s.all.count()
		return o == open && i == idle
	})
}

func TestTheLongestIdleMakesWay(t *testing.T) {
	s := serve(t, 3, 100, true)
	busy := s.dial()
	if !asks(busy, "/hold") {
		t.Fatal("no answer")
	}
	// A connection is idle some time after its answer: one is seen to be so
	// before the next one asks, or the order would be anybody's.
	first := s.dial()
	if !asks(first, "/") {
		t.Fatal("no answer")
	}
	s.settle(2, 1)
	second := s.dial()
	if !asks(second, "/") {
		t.Fatal("no answer")
	}
	s.settle(3, 2)
	if third := s.dial(); !asks(third, "/hold") {
		t.Error("a connection was not let in though another was idle")
	}
	if !closed(first) {
		t.Error("the longest idle is still open")
	}
	if !asks(second, "/hold") {
		t.Error("another was closed")
	}
	if fourth := s.dial(); !closed(fourth) {
		t.Error("one more was let in though none was idle")
	}
	if s.all.Refused() != 2 {
		t.Errorf("%d were refused", s.all.Refused())
	}
}

func TestAnAddressHasSoMany(t *testing.T) {
	s := serve(t, 100, 2, false)
	first, second := s.dial(), s.dial()
	if !asks(first, "/") || !asks(second, "/taken") {
		t.Fatal("no answer")
	}
	if third := s.dial(); !closed(third) {
		t.Error("a third was let in")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	s.settle(1, 0)
	if !asks(s.dial(), "/") {
		t.Error("after one was closed another was not let in")
	}
	if _, _, from := s.all.count(); from != 1 {
		t.Errorf("%d addresses are remembered", from)
	}
}

func TestNothingIsCountedForEver(t *testing.T) {
	s := serve(t, 50, 50, false)
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			c, err := net.Dial("tcp", s.server.Listener.Addr().String())
			if err == nil {
				asks(c, "/")
				_ = c.Close()
			}
		})
	}
	all.Wait()
	s.settle(0, 0)
	if _, _, from := s.all.count(); from != 0 {
		t.Errorf("%d addresses are remembered", from)
	}
}

func TestTLSConnectionsAreKnownByWhatTheyDo(t *testing.T) {
	c := NewConnections(10, 10, func(netip.Addr) bool { return false })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if d, err := net.Dial("tcp", l.Addr().String()); err == nil {
			defer d.Close()
			_, _ = io.Copy(io.Discard, d)
		}
	}()
	got, err := c.Listen(l).Accept()
	if err != nil {
		t.Fatal(err)
	}
	encrypted := tls.Server(got, &tls.Config{MinVersion: tls.VersionTLS12})
	for _, step := range []struct {
		state http.ConnState
		idle  int
	}{{http.StateNew, 1}, {http.StateActive, 0}, {http.StateIdle, 1}, {http.StateIdle, 1}, {http.StateHijacked, 0}} {
		c.State(encrypted, step.state)
		if _, idle, _ := c.count(); idle != step.idle {
			t.Errorf("%v: %d idle", step.state, idle)
		}
	}
	if err := got.Close(); err != nil {
		t.Fatal(err)
	}
	if open, _, _ := c.count(); open != 0 {
		t.Errorf("%d open", open)
	}
}

// failing is a listener whose first calls of Accept fail.
type failing struct {
	net.Listener
	with []error
}

func (f *failing) Accept() (net.Conn, error) {
	if len(f.with) > 0 {
		err := f.with[0]
		f.with = f.with[1:]
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", err)}
	}
	return f.Listener.Accept() //nolint:wrapcheck // it is the listener below
}

// A server survives every error of accept(2) except that its listener is gone.
func TestNoErrorOfAcceptEndsTheServer(t *testing.T) {
	for _, errno := range []syscall.Errno{
		syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED, syscall.EPERM, syscall.EPROTO,
		syscall.ENETDOWN, syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EINTR,
	} {
		t.Run(errno.Error(), func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			all := NewConnections(10, 10, func(netip.Addr) bool { return true })
			server := &http.Server{Handler: http.NotFoundHandler(), ConnState: all.State, ErrorLog: log.New(io.Discard, "", 0)}
			ended := make(chan error, 1)
			go func() { ended <- server.Serve(all.Listen(&failing{l, []error{errno, errno, errno}})) }()
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
			res, err := client.Get("http://" + l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			_ = server.Close()
			if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
				t.Errorf("the server ended: %v", err)
			}
		})
	}
}

func TestAListenerThatIsGoneEndsTheServer(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.EBADF, syscall.EINVAL, syscall.ENOTSOCK} {
		all := NewConnections(10, 10, func(netip.Addr) bool { return true })
		_, err := all.Listen(&failing{nil, []error{errno}}).Accept()
		if temporary, ok := err.(interface{ Temporary() bool }); !errors.Is(err, errno) || ok && temporary.Temporary() {
			t.Errorf("%v is told as %v", errno, err)
		}
	}
}

// Idle connections are closed to free files for new ones.
func TestAnIdleConnectionMakesWayWhereTheSystemHasNoFileLeft(t *testing.T) {
	s := serve(t, 10, 10, true)
	idle := s.dial()
	if !asks(idle, "/") {
		t.Fatal("no answer")
	}
	s.settle(1, 1)
	if _, err := s.all.Listen(&failing{nil, []error{syscall.EMFILE}}).Accept(); !errors.Is(err, syscall.EMFILE) {
		t.Errorf("%v", err)
	}
	if _, err := idle.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the idle connection is still there: %v", err)
	}
}
