// Package live sends the frames of summits to thousands of readers at once.
//
// The door is [New]. The only state of a reader is its position. When a summit has
// something new, each reader is sent what comes after its position, from frames
// that are encoded once for all readers. No queue can overflow, and history and
// the present are read in the same way. A reader that waits on a plain HTTP/1.1
// connection needs no goroutine. One that cannot keep up gets its own, and delays
// nobody else. DESIGN.md has the reasons.
package live

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// Options of a hub.
type Options struct {
	Clock  func() time.Time
	Jitter func() float64 // 0 to 1, spreads the reconnects of readers
	Logger *slog.Logger
	// Done is closed when the server begins to stop: streams then end, none
	// within a frame.
	Done <-chan struct{}
	// Frame is called before frames are encoded, and the function that it returns
	// afterwards. Nil is never called.
	Frame func(summit string, after, to uint64) (ended func(error))
}

// Story is what a hub needs of a summit.
type Story interface {
	// Hold keeps the views awake until Release is called.
	Hold()
	Release()
	Head() events.Position
	// Version is that of the views: frames may differ between versions.
	Version() int
	// Changed returns a channel that is closed when there is something new.
	Changed() <-chan struct{}
	Closed() (bool, error)
	Frames(after uint64, most int, tell func(projections.Frame) (more bool)) (uint64, error)
	// Summary returns the JSON of the summit itself as of a position.
	Summary(seq uint64) ([]byte, error)
}

// Hub holds the live readers of all summits.
type Hub struct {
	o     Options
	cache *cache
	open  sync.WaitGroup  // readers
	cut   context.Context // ends when no reader is waited for any more
	end   context.CancelFunc

	mu    sync.Mutex
	feeds map[feedKey]*feed
}

// feedKey identifies the frames of a summit in a language.
type feedKey struct{ summit, language string }

// New makes a hub.
func New(o Options) *Hub {
	h := &Hub{o: o, cache: newCache(), feeds: map[feedKey]*feed{}}
	h.cut, h.end = context.WithCancel(context.Background())
	return h
}

// Readers counts the open streams of a summit.
func (h *Hub) Readers(summit string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for key, f := range h.feeds {
		if key.summit == summit {
			n += int(f.readers.Load())
		}
	}
	return n
}

// Drain waits until every reader has been sent the rest of its frame and the end
// of its stream. Call it after Done was closed and requests have stopped. It cuts
// off the readers that remain when ctx ends.
func (h *Hub) Drain(ctx context.Context) {
	gone := make(chan struct{})
	go func() {
		h.open.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-ctx.Done():
	}
	h.end()
	<-gone
}

func (h *Hub) stopping() bool {
	select {
	case <-h.o.Done:
		return true
	default:
		return false
	}
}

func (h *Hub) feed(summit, language string, s Story) *feed {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := feedKey{summit, language}
	f := h.feeds[key]
	if f == nil {
		f = newFeed(h, key, s)
		h.feeds[key] = f
	}
	return f
}
