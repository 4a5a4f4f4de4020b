package live

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tale is a story in memory.
type tale struct {
	held    atomic.Int64 // how often it is held
	mu      sync.Mutex
	frames  []projections.Frame
	changed chan struct{}
	closed  bool
	version int
	read    int // how many frames were read of it
}

func newTale() *tale { return &tale{changed: make(chan struct{})} }

const epoch = "0a0b0c0d"

func at(seq uint64) string { return events.Position{Epoch: epoch, Seq: seq}.String() }

// tell adds facts of a size about an entity.
func (s *tale) tell(n, size int, entity string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		seq := uint64(len(s.frames)) + 1
		s.frames = append(s.frames, projections.Frame{
			Position: events.Position{Epoch: epoch, Seq: seq}, Event: projections.FrameFact, Type: "note.added", ItemType: "note.added", Entity: entity,
			Data: fmt.Appendf(nil, `{"seq":%d,"text":%q}`, seq, strings.Repeat("x", size)),
		})
	}
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *tale) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	f := projections.Frame{Position: events.Position{Epoch: epoch, Seq: uint64(len(s.frames)) + 1}, Event: projections.FrameSummit}
	s.frames = append(s.frames, f)
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *tale) Head() events.Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	return events.Position{Epoch: epoch, Seq: uint64(len(s.frames))}
}

func (s *tale) Version() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// reword writes every frame again, as views of a newer version do.
func (s *tale) reword() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	for i := range s.frames {
		s.frames[i].Data = fmt.Appendf(nil, `{"seq":%d,"text":"anew"}`, i+1)
	}
}

func (s *tale) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

func (s *tale) Closed() (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed, nil
}

func (s *tale) Frames(after uint64, most int, tell func(projections.Frame) bool) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.frames[after:min(after+uint64(most), uint64(len(s.frames)))] {
		after = f.Position.Seq
		s.read++
		if !tell(f) {
			break
		}
	}
	return after, nil
}

func (s *tale) Summary(seq uint64) ([]byte, error) {
	return fmt.Appendf(nil, `{"summary":%d}`, seq), nil
}

// rig is a hub behind a server.
type rig struct {
	*testing.T
	*tale
	hub   *Hub
	url   string
	done  chan struct{}
	ahead atomic.Int64 // how far the hub's clock is ahead
}

func newRig(t *testing.T, start func(*httptest.Server)) *rig {
	t.Helper()
	r := &rig{T: t, tale: newTale(), done: make(chan struct{})}
	r.hub = New(Options{
		Clock:  func() time.Time { return time.Now().Add(time.Duration(r.ahead.Load())) },
		Jitter: func() float64 { return 0.5 }, Logger: slog.New(slog.DiscardHandler), Done: r.done,
	})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		ask := Ask{Summit: "x", Story: r.tale, Filter: NewFilter(nil, q.FormValue("entity")), After: r.Head().Seq}
		if id := q.Header.Get("Last-Event-ID"); id != "" {
			p, err := events.ParsePosition(id)
			if err != nil {
				t.Error(err)
			}
			ask.After, ask.Resumed = p.Seq, true
		}
		if err := r.hub.Serve(w, q, ask); err != nil {
			t.Error(err)
		}
	}))
	start(server)
	r.url = server.URL
	t.Cleanup(func() {
		r.stop()
		server.Close()
		r.hub.Drain(t.Context())
		if held := r.held.Load(); held != 0 {
			t.Errorf("the story is held by %d, and nobody reads", held)
		}
	})
	return r
}

func (r *rig) stop() {
	select {
	case <-r.done:
	default:
		close(r.done)
	}
}

// stream is a reader's connection.
type stream struct {
	*bufio.Reader
	res *http.Response
	t   *testing.T
}

func (r *rig) follow(client *http.Client, query, after string) *stream {
	r.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // what never comes fails the test
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/"+query, http.NoBody)
	if err != nil {
		r.Fatal(err)
	}
	if after != "" {
		q.Header.Set("Last-Event-ID", after)
	}
	res, err := client.Do(q)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() {
		cancel()
		_ = res.Body.Close() // it was cut on purpose
	})
	return &stream{bufio.NewReader(res.Body), res, r.T}
}

// block reads the next block of lines; "" at a clean end of the stream.
func (s *stream) block() string {
	s.t.Helper()
	var b strings.Builder
	for {
		line, err := s.ReadString('\n')
		if errors.Is(err, io.EOF) && b.Len() == 0 {
			return ""
		}
		if err != nil {
			s.t.Fatalf("the stream was cut after %.100q: %v", b.String()+line, err)
		}
		if strings.HasPrefix(line, ":") {
			_, _ = s.ReadString('\n') // a heartbeat, which comes when it will
			continue
		}
		if line == "\n" {
			return b.String()
		}
		b.WriteString(line)
	}
}

// until reads blocks up to one of an event, and gives the positions on the way.
func (s *stream) until(event string) (positions []uint64, last string) {
	s.t.Helper()
	for {
		b := s.block()
		if b == "" {
			s.t.Fatalf("the stream ended before %s", event)
		}
		if rest, ok := strings.CutPrefix(b, "id: "); ok && strings.Contains(b, "\ndata: ") {
			id, _, _ := strings.Cut(rest, "\n")
			p, err := events.ParsePosition(id)
			if err != nil {
				s.t.Fatal(err)
			}
			positions = append(positions, p.Seq)
		}
		if strings.Contains(b, "event: "+event+"\n") {
			return positions, b
		}
	}
}

func upTo(from, to uint64) []uint64 {
	var list []uint64
	for n := from; n <= to; n++ {
		list = append(list, n)
	}
	return list
}

// waiting counts the readers that wait without a goroutine.
func (r *rig) waiting() bool {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	for _, s := range r.hub.feeds[feedKey{"x", ""}].shards {
		s.mu.Lock()
		running := s.running
		s.mu.Unlock()
		if running {
			return true
		}
	}
	return false
}

func (s *tale) Hold()    { s.held.Add(1) }
func (s *tale) Release() { s.held.Add(-1) }
