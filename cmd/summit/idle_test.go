package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/server"
	"github.com/summit-timeline/summit/events/eventstest"
)

// resident is the memory of a process in KiB, or 0 if the system does not say.
func (p *process) resident(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Logf("the memory of the server cannot be read: %v", err)
		return 0
	}
	_, rest, _ := strings.Cut(string(b), "VmRSS:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Ten thousand clients that ask once and stay connected keep nobody out and cost
// little.
func TestIdleConnectionsKeepNobodyOut(t *testing.T) {
	want := 10_000
	if room := server.OpenFiles() - server.SpareFiles; server.OpenFiles() > 0 && room < want {
		t.Logf("the system lets a process open %d files: %d connections instead of %d", server.OpenFiles(), room, want)
		want = room
	}
	for _, c := range []struct {
		name string
		most int
	}{{"room for all", want + 100}, {"room for half", want / 2}} {
		t.Run(c.name, func(t *testing.T) {
			p := startWith(t, "--addr", "127.0.0.1:0", "--data", t.TempDir(), "--nats-listen", "off", "--max-connections", strconv.Itoa(c.most))
			before, addr := p.resident(t), strings.TrimPrefix(p.url, "http://")
			var open []net.Conn
			defer func() {
				for _, conn := range open {
					_ = conn.Close()
				}
			}()
			for n := range want {
				conn, err := net.Dial("tcp", addr)
				if err != nil {
					t.Fatalf("connection %d: %v", n, err)
				}
				open = append(open, conn)
				asksOnce(t, conn)
				if n%1000 == 0 {
					p.answers(t)
				}
			}
			p.answers(t)
			var held int
			eventstest.Eventually(t, "those that made way hear of it", func() bool {
				held = stillOpenOf(t, open)
				return held <= c.most
			})
			grown := p.resident(t) - before
			t.Logf("%d idle connections, %d of them still open: %d KiB more memory", want, held, grown)
			if grown > heaviness*300<<10 {
				t.Errorf("%d KiB more memory", grown)
			}
			if held > c.most || c.most > want && held < want || held < c.most/2 && c.most < want {
				t.Errorf("%d of %d are open, and %d may be", held, want, c.most)
			}
			p.end(t, syscall.SIGTERM)
		})
	}
}

// asksOnce sends a request, and leaves the connection idle.
func asksOnce(t *testing.T, conn net.Conn) {
	t.Helper()
	_, err := io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res.Status, err)
	}
}

// answers asks on a connection of its own.
func (p *process) answers(t *testing.T) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	res, err := client.Get(p.url + "/v1/summits/alaska-2025/timeline")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res.Status, err)
	}
}

func stillOpenOf(t *testing.T, list []net.Conn) (held int) {
	t.Helper()
	for _, conn := range list {
		if stillOpen(t, conn) {
			held++
		}
	}
	return held
}

// stillOpen reports whether the other end, which has nothing more to say, has not closed.
// It does not wait for that.
func stillOpen(t *testing.T, conn net.Conn) (open bool) {
	t.Helper()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err == nil {
		err = raw.Read(func(fd uintptr) bool {
			_, err := syscall.Read(int(fd), make([]byte, 1))
			open = errors.Is(err, syscall.EAGAIN)
			return true
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return open
}

// A client that sends its request too slowly is disconnected.
func TestSlowRequestsAreCut(t *testing.T) {
	t.Parallel()
	p := startWith(t, "--addr", "127.0.0.1:0", "--data", t.TempDir(), "--nats-listen", "off")
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(conn); err != nil || len(b) > 0 && !strings.HasPrefix(string(b), "HTTP/1.1 408") {
		t.Errorf("%q, %v", b, err)
	}
	status, _, answer := ask(t, http.DefaultClient, "GET", p.url+"/v1/summits/alaska-2025/timeline?cursor="+strings.Repeat("a", 60_000), "", "")
	if status != http.StatusBadRequest || !strings.Contains(answer, "cursor") {
		t.Errorf("a huge cursor: %d %.200s", status, answer)
	}
	if status, _, _ := ask(t, http.DefaultClient, "GET", p.url+"/?q="+strings.Repeat("a", 200_000), "", ""); status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a larger one: %d", status)
	}
}
