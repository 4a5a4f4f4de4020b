//go:build linux

package faults

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/summit-timeline/summit/events"
)

// subscriber follows a summit's live stream, resuming by the last id it has
// seen, and keeps what it was sent. Each connection is to the next of its
// servers; one who wanders ends it a moment later.
type subscriber struct {
	servers []*server
	wanders bool
	summit  string

	mu      sync.Mutex
	last    events.Position
	seen    []uint64
	resumed int
	fault   error
}

// follow reads until ctx ends.
func (f *subscriber) follow(ctx context.Context) {
	for turn := 0; ctx.Err() == nil; turn++ {
		err := f.visit(ctx, turn)
		if ctx.Err() != nil {
			return
		}
		f.mu.Lock()
		f.resumed++
		f.mu.Unlock()
		_ = err // a connection that ends is what is tried here; what was sent is what counts
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// visit reads the connection whose turn it is.
func (f *subscriber) visit(ctx context.Context, turn int) error {
	if f.wanders {
		stay, cancel := context.WithTimeout(ctx, time.Duration(30+turn*37%970)*time.Millisecond)
		defer cancel()
		ctx = stay
	}
	return f.read(ctx, f.servers[turn%len(f.servers)])
}

// read reads one connection to its end.
func (f *subscriber) read(ctx context.Context, s *server) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url("/v1/summits/"+f.summit+"/live?since=@0"), http.NoBody)
	if err != nil {
		return err
	}
	if last := f.position(); last.Seq > 0 {
		req.Header.Set("Last-Event-ID", last.String())
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("live: %s", res.Status)
	}
	lines := bufio.NewReader(res.Body)
	var id, event, data string
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return err // a frame that was cut is no frame
		}
		line = strings.TrimSuffix(line, "\n")
		name, value, _ := strings.Cut(line, ": ")
		switch {
		case line == "":
			f.take(id, event, data)
			id, event, data = "", "", ""
		case name == "id":
			id = value
		case name == "event":
			event = value
		case name == "data":
			data = value
		}
	}
}

func (f *subscriber) position() events.Position {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

// take notes one frame.
func (f *subscriber) take(id, event, data string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.fault != nil: // the first is what counts
		return
	case event == "gap":
		f.fault = fmt.Errorf("a gap was announced after %s: %s", f.last, data)
		return
	case id == "" || event == "": // a block without data is no event
		return
	}
	p, err := events.ParsePosition(id)
	if err != nil {
		f.fault = fmt.Errorf("frame id %q: %w", id, err)
		return
	}
	if !json.Valid([]byte(data)) {
		f.fault = fmt.Errorf("the data of frame %s is no JSON: %s", id, data)
	}
	if len(f.seen) > 0 && (p.Epoch != f.last.Epoch || p.Seq != f.last.Seq+1) {
		f.fault = fmt.Errorf("frame %s came after %s", p, f.last)
	}
	f.last, f.seen = p, append(f.seen, p.Seq)
}

// complete reports whether the subscriber has every position up to one, once.
func (f *subscriber) complete(last uint64) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fault != nil {
		return false, f.fault
	}
	if n := uint64(len(f.seen)); n > last || n == last && (f.seen[0] != 1 || f.seen[n-1] != last) {
		return false, fmt.Errorf("a subscriber has %d frames, the last %d; the log has %d events", n, f.last.Seq, last)
	}
	return uint64(len(f.seen)) == last, nil
}

// count is how often the stream was resumed.
func (f *subscriber) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.resumed
}
