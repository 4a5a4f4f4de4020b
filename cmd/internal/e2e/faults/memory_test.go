//go:build linux

package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/events"
)

const (
	// settledAfter is when what was known at an instant is settled: two seconds on,
	// and what a question is under way.
	settledAfter = 2100 * time.Millisecond
	// remembers is how often servers are asked what was known, and mostKept how many
	// answers are kept.
	remembers = 250 * time.Millisecond
	mostKept  = 400
)

// memory is what servers said was known at instants that were settled.
type memory struct {
	mu    sync.Mutex
	known map[string]string // instant → position
	fault error
	of    string // the position that the fault is about
}

// take notes an answer, which must be that of before.
func (m *memory) take(s *server, instant, position string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	first, there := m.known[instant]
	if there && first != position && m.fault == nil {
		m.of = max(first, position)
		m.fault = fmt.Errorf("what was known at %s is %s, and %s as %s says at %s", instant, first, position, s.name, time.Now().UTC().Format(time.RFC3339Nano))
	}
	if !there && len(m.known) < mostKept {
		m.known[instant] = position
	}
}

// instants are those that are kept.
func (m *memory) instants() (list []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for instant := range m.known {
		list = append(list, instant)
	}
	return list
}

// remember asks each server again and again what was known when it is settled,
// until ctx ends. A server that cannot say is asked where all is compared.
func (t *trial) remember(ctx context.Context, m *memory) {
	tick := time.NewTicker(remembers)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		instant := time.Now().Add(-settledAfter).UTC().Format(time.RFC3339Nano)
		for _, s := range t.servers {
			short, cancel := context.WithTimeout(ctx, time.Second)
			if position, _, err := t.knownAt(short, s, instant); err == nil {
				m.take(s, instant, position)
			}
			cancel()
		}
	}
}

// knownAt asks a server what was known at an instant.
func (t *trial) knownAt(ctx context.Context, s *server, instant string) (position string, again bool, err error) {
	body, again, err := s.ask(ctx, "/v1/summits/"+t.summit+"/timeline?limit=1&known="+url.QueryEscape(instant))
	if err != nil {
		return "", again, err
	}
	var a struct{ Known string }
	return a.Known, false, json.Unmarshal(body, &a)
}

// recalls holds that every server says now what was said then.
func (t *trial) recalls(ctx context.Context, m *memory) error {
	for _, instant := range m.instants() {
		for _, s := range t.servers {
			var position string
			s.await("what was known at "+instant, func() (ok bool, err error) {
				position, _, err = t.knownAt(ctx, s, instant)
				return err == nil, err
			})
			m.take(s, instant, position)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fault != nil && t.c != nil {
		return fmt.Errorf("%w; %s", m.fault, t.c.stored(ctx, t.summit, m.of))
	}
	return m.fault
}

// stored returns when the broker took the event at a position, and what time it
// bears.
func (c *cluster) stored(ctx context.Context, summit, position string) string {
	conn := c.dial()
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return err.Error()
	}
	log, err := js.Stream(ctx, "SUMMIT_"+summit)
	if err != nil {
		return err.Error()
	}
	p, err := events.ParsePosition(position)
	if err != nil {
		return err.Error()
	}
	m, err := log.GetMsg(ctx, p.Seq)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("the broker took %s at %s: %s", position, m.Time.UTC().Format(time.RFC3339Nano), m.Data)
}
