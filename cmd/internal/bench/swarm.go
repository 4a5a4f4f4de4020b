package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Swarm is many live readers in one process: what `bench swarm` is told.
type Swarm struct {
	Addr    string `json:"addr"`
	Path    string `json:"path"`
	Clients int    `json:"clients"`
	Slow    int    `json:"slow"` // further clients, who read nothing
	// Trust is a file with the certificate of the server: clients then come over
	// TLS and HTTP/2, so many on each connection.
	Trust   string `json:"trust"`
	Streams int    `json:"streams"`
}

const (
	// dialers is how many connections are opened at a time.
	dialers = 64
	// bucket and buckets are the resolution and the reach of latencies.
	bucket  = 50 * time.Microsecond
	buckets = 100_000
	// stampMark goes before the instant, in nanoseconds, at which a fact was
	// sent.
	stampMark = "@t="
	stampLen  = 19
)

var (
	blank     = []byte("\n\n")
	factMark  = []byte("event: fact\n")
	readyMark = []byte("event: caught-up\n")
	stamp     = []byte(stampMark)
)

// swarm counts what its clients are sent.
type swarm struct {
	Swarm
	secure  *http.Transport // nil where clients come over plain HTTP/1.1
	began   time.Time
	ready   atomic.Int64 // clients that have caught up
	lastNs  atomic.Int64 // when the last of them had, after the beginning
	frames  atomic.Int64
	gone    atomic.Int64
	latency [buckets]atomic.Uint32
}

// State is what a swarm answers.
type State struct {
	Ready   int64   `json:"ready"`
	Seconds float64 `json:"seconds"` // until the last client had caught up
	Frames  int64   `json:"frames"`
	Gone    int64   `json:"gone"` // connections that ended
	P50     float64 `json:"p50"`  // milliseconds
	P99     float64 `json:"p99"`
	Max     float64 `json:"max"`
}

// RunSwarm connects the clients and answers "state" and "forget", which
// forgets the latencies, until in ends.
func RunSwarm(ctx context.Context, config string, in io.Reader, out io.Writer) error {
	s := &swarm{}
	if err := json.Unmarshal([]byte(config), &s.Swarm); err != nil {
		return fmt.Errorf("read the swarm: %w", err)
	}
	if err := s.trust(); err != nil {
		return err
	}
	s.began = time.Now()
	if err := s.connect(ctx); err != nil {
		return err
	}
	return serveLines(in, out, func(words []string) (any, error) {
		if words[0] == "forget" {
			for i := range s.latency {
				s.latency[i].Store(0)
			}
		}
		return s.state(), nil
	})
}

func (s *swarm) connect(ctx context.Context) error {
	turns := make(chan int)
	failed := make(chan error, dialers)
	var all sync.WaitGroup
	for range dialers {
		all.Go(func() {
			for n := range turns {
				if err := s.come(ctx, n); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	for n := range s.Clients + s.Slow {
		select {
		case turns <- n:
		case err := <-failed:
			return err
		}
	}
	close(turns)
	all.Wait()
	return nil
}

// come lets client n come.
func (s *swarm) come(ctx context.Context, n int) error {
	switch {
	case s.secure == nil:
		return s.dial(ctx, n >= s.Clients)
	case n%s.Streams == 0:
		return s.dialSecure(ctx, min(s.Streams, s.Clients-n))
	}
	return nil // it came with others
}

func (s *swarm) dial(ctx context.Context, slow bool) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Addr)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	c, ok := conn.(*net.TCPConn)
	if !ok {
		return fmt.Errorf("connect: %s is no TCP address", s.Addr)
	}
	if err := c.SetLinger(0); err != nil { // thousands must not leave their ports behind
		return fmt.Errorf("connect: %w", err)
	}
	if slow {
		if err := c.SetReadBuffer(4 << 10); err != nil {
			return fmt.Errorf("connect: %w", err)
		}
	}
	if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\n\r\n", s.Path, s.Addr); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if !slow {
		go s.read(c)
	}
	return nil
}

// read counts frames until the connection ends.
func (s *swarm) read(c io.Reader) {
	buf, have := make([]byte, 16<<10), 0
	for {
		n, err := c.Read(buf[have:])
		if err != nil {
			s.gone.Add(1)
			return
		}
		have += n
		used := s.count(buf[:have])
		have = copy(buf, buf[used:have])
		if have == len(buf) {
			buf = append(buf, make([]byte, len(buf))...)
		}
	}
}

// count counts whole frames, and gives how many bytes they take.
func (s *swarm) count(b []byte) int {
	used, frames := 0, int64(0)
	for {
		end := bytes.Index(b[used:], blank)
		if end < 0 {
			break
		}
		frame := b[used : used+end]
		used += end + len(blank)
		switch {
		case bytes.Contains(frame, factMark):
			frames++
			s.note(frame)
		case bytes.Contains(append(frame, '\n'), readyMark):
			s.lastNs.Store(int64(time.Since(s.began)))
			s.ready.Add(1)
		}
	}
	s.frames.Add(frames)
	return used
}

func (s *swarm) note(frame []byte) {
	at := bytes.Index(frame, stamp)
	if at < 0 || len(frame) < at+len(stamp)+stampLen {
		return
	}
	sent, err := strconv.ParseInt(string(frame[at+len(stamp):at+len(stamp)+stampLen]), 10, 64)
	if err != nil {
		return
	}
	i := (time.Now().UnixNano() - sent) / int64(bucket)
	s.latency[min(max(i, 0), buckets-1)].Add(1)
}

func (s *swarm) state() State {
	x := State{Ready: s.ready.Load(), Seconds: float64(s.lastNs.Load()) / 1e9, Frames: s.frames.Load(), Gone: s.gone.Load()}
	var total uint64
	for i := range s.latency {
		total += uint64(s.latency[i].Load())
	}
	var sum uint64
	for i := range s.latency {
		n := uint64(s.latency[i].Load())
		if n == 0 {
			continue
		}
		ms := float64(i+1) * bucket.Seconds() * 1000
		if sum < (total+1)/2 && sum+n >= (total+1)/2 {
			x.P50 = ms
		}
		if want := total - total/100; sum < want && sum+n >= want {
			x.P99 = ms
		}
		x.Max, sum = ms, sum+n
	}
	return x
}
