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
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything may take before it counts as hung.
const patience = 90 * time.Second

// server is the program as its operator runs it: a process that can be killed
// and started again on the same data and address.
type server struct {
	testing.TB
	bin, data, addr string
	mu              sync.Mutex
	cmd             *exec.Cmd
	exited          chan struct{}
	said            *tail
	starts          int
	inside          int // how often the kernel killed it where it was told to
}

// tail keeps the last of what a process said.
type tail struct {
	mu sync.Mutex
	b  bytes.Buffer
}

const tailSize = 16 << 10

func (l *tail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.b.Len() > tailSize {
		l.b.Next(l.b.Len() - tailSize/2)
	}
	return l.b.Write(p)
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// build makes the program once for a test.
func build(t testing.TB) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "summit")
	if out, err := exec.Command("go", "build", "-o", bin, "github.com/summit-timeline/summit/cmd/summit").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

func newServer(t testing.TB, bin, data string) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{TB: t, bin: bin, data: data, addr: l.Addr().String(), said: &tail{}}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.kill() })
	return s
}

func (s *server) url(path string) string { return "http://" + s.addr + path }

// start starts the process, under a command such as strace where one is given,
// and waits until it answers. It fails where the process ends before that and
// may not.
func (s *server) start(under ...string) bool {
	s.Helper()
	args := append(under, s.bin, "serve", "--data", s.data, "--addr", s.addr, "--nats-listen", "off") //nolint:gocritic // a list of its own
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = s.said, s.said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	exited := make(chan struct{})
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	go func() {
		_ = cmd.Wait() // how it ended is told by what it did
		close(exited)
	}()
	s.mu.Lock()
	s.cmd, s.exited = cmd, exited
	s.starts++
	s.mu.Unlock()
	return s.answers()
}

// mustStart starts the process and takes no end of it for an answer.
func (s *server) mustStart() {
	s.Helper()
	if !s.start() {
		s.Fatalf("the server does not come back:\n%s", s.said)
	}
}

// answers waits until the process answers; false where it has ended.
func (s *server) answers() bool {
	s.Helper()
	return s.await("the server answers", func() (bool, error) {
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
	ok := s.await("the server is ready", func() (bool, error) {
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
		s.Fatalf("the server ended instead of becoming ready: %s\n%s", reason, s.said)
	}
}

// await asks again and again; false where the process has ended.
func (s *server) await(what string, ask func() (bool, error)) bool {
	s.Helper()
	_, exited := s.process()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		ok, err := ask()
		if ok {
			return true
		}
		select {
		case <-exited:
			return false
		case <-late.C:
			s.Fatalf("hung: %s: %v\n%s", what, err, s.said)
		case <-tick.C:
		}
	}
}

func (s *server) process() (*exec.Cmd, chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cmd, s.exited
}

// signal sends to the process and what it runs under.
func (s *server) signal(sig syscall.Signal) {
	if cmd, _ := s.process(); cmd != nil {
		_ = syscall.Kill(-cmd.Process.Pid, sig) // it may have ended
	}
}

// kill ends the process as a loss of power would, but for the disk's cache.
func (s *server) kill() {
	cmd, exited := s.process()
	if cmd == nil {
		return
	}
	s.signal(syscall.SIGKILL)
	<-exited
}

// stop asks the process to end and waits until it has.
func (s *server) stop() {
	s.Helper()
	_, exited := s.process()
	s.signal(syscall.SIGTERM)
	select {
	case <-exited:
	case <-time.After(patience):
		s.Fatalf("hung: the server does not end on SIGTERM\n%s", s.said)
	}
}

// run runs another verb of the program against the server.
func (s *server) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, s.bin, args...)
	cmd.Env = append(os.Environ(), "SUMMIT_SERVER=http://"+s.addr)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return out, fmt.Errorf("summit %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return out, nil
}

// openFiles counts the file descriptors of the process.
func (s *server) openFiles() int {
	s.Helper()
	cmd, _ := s.process()
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", cmd.Process.Pid))
	if err != nil {
		s.Fatal(err)
	}
	return len(list)
}

// resident is the memory of the process, in bytes.
func (s *server) resident() int {
	s.Helper()
	cmd, _ := s.process()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", cmd.Process.Pid))
	if err != nil {
		s.Fatal(err)
	}
	var size, resident int
	if _, err := fmt.Sscan(string(b), &size, &resident); err != nil {
		s.Fatal(err)
	}
	return resident * os.Getpagesize()
}
