//go:build linux

package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// server is the program as its operator runs it, again and again on the same
// data and address.
type server struct {
	*process
	bin, data, addr string
	nats            string   // where NATS clients connect, if anywhere
	args, env       []string // what it is told besides
	inside          int      // how often the kernel killed it where it was told to
}

// newServer returns a server that is yet to be started.
func newServer(t testing.TB, name, bin, data string, args ...string) *server {
	t.Helper()
	return &server{process: newProcess(t, name), bin: bin, data: data, addr: freeAddr(t), args: args}
}

// freeAddr is one that nobody listens on.
func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (s *server) url(path string) string { return "http://" + s.addr + path }

// start starts the server, under a command such as strace if one is given,
// and waits until it answers. It returns false if it has ended before that.
func (s *server) start(under ...string) bool {
	s.Helper()
	s.run(s.env, append(append(under, s.bin, "serve", "--data", s.data, "--addr", s.addr), s.args...)...)
	return s.answers()
}

// mustStart starts the server and takes no end of it for an answer.
func (s *server) mustStart() {
	s.Helper()
	if !s.start() {
		s.Fatalf("%s does not come back:\n%s", s.name, s.said)
	}
}

// answers waits until the server answers. It returns false if it has ended.
func (s *server) answers() bool {
	s.Helper()
	return s.await("it answers", func() (bool, error) {
		res, err := http.Get(s.url("/healthz"))
		if err != nil {
			return false, err
		}
		if err := res.Body.Close(); err != nil {
			return false, err
		}
		return res.StatusCode == http.StatusOK, nil
	})
}

// ready waits until the server says that it can serve and record.
func (s *server) ready() {
	s.Helper()
	var reason string
	ok := s.await("it is ready", func() (bool, error) {
		res, err := http.Get(s.url("/readyz"))
		if err != nil {
			return false, err
		}
		var b bytes.Buffer
		_, err = b.ReadFrom(res.Body)
		if err = errors.Join(err, res.Body.Close()); err != nil {
			return false, err
		}
		reason = b.String()
		return res.StatusCode == http.StatusOK, errors.New(reason)
	})
	if !ok {
		s.Fatalf("%s ended instead of becoming ready: %s\n%s", s.name, reason, s.said)
	}
}

// verb runs another verb of the program against the server.
func (s *server) verb(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, s.bin, args...)
	cmd.Env = append(os.Environ(), "SUMMIT_SERVER=http://"+s.addr)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return out, fmt.Errorf("summit %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return out, nil
}
