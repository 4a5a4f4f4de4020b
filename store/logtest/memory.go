package logtest

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// Memory is a log in memory: the model that other logs are compared with, and
// the log of tests that need no broker.
type Memory struct {
	summit string

	mu      sync.Mutex // guards what follows
	records []store.Record
	grown   chan struct{} // closed at the next append
	lose    loss
}

// loss is what happens to the next append.
type loss int

const (
	loseNothing loss = iota
	losePublish      // failed and not stored
	loseAck          // failed but stored
	holdPublish      // failed and stored much later, if at all
)

// NewMemory makes an empty log.
func NewMemory(summit string) *Memory {
	return &Memory{summit: summit, grown: make(chan struct{})}
}

// Summit is the id of the summit.
func (m *Memory) Summit() string { return m.summit }

// LosePublish makes the next append fail before anything is stored.
func (m *Memory) LosePublish() { m.arm(losePublish) }

// LoseAck makes the next append fail after everything is stored.
func (m *Memory) LoseAck() { m.arm(loseAck) }

func (m *Memory) arm(l loss) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lose = l
}

// Append adds events, all of them or none.
func (m *Memory) Append(_ context.Context, list []events.Event, expect store.Expect) ([]store.Result, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	lost := m.lose
	m.lose = loseNothing
	if lost == losePublish {
		return nil, fmt.Errorf("append to %s: %w", m.summit, store.ErrUnavailable)
	}
	results, err := m.append(list, expect.Last())
	if err == nil && lost == loseAck {
		return nil, fmt.Errorf("append to %s: %w", m.summit, store.ErrUnavailable)
	}
	return results, err
}

func (m *Memory) append(list []events.Event, after uint64) ([]store.Result, error) {
	if end := uint64(len(m.records)); len(list) > 0 && after != end {
		return nil, &store.ConflictError{Expected: after, Last: end}
	}
	results := make([]store.Result, len(list))
	for i, e := range list {
		raw, err := events.Encode(e)
		if err != nil {
			return nil, fmt.Errorf("append to %s: %w", m.summit, err)
		}
		results[i] = store.Result{Seq: m.put(raw, store.Subject(e), e.ID), Outcome: store.Created}
	}
	return results, nil
}

// Put stores bytes as they are, as a foreign publisher could.
func (m *Memory) Put(raw []byte, subject, id string) uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.put(raw, subject, id)
}

func (m *Memory) put(raw []byte, subject, id string) uint64 {
	seq := uint64(len(m.records) + 1)
	stored := firstMoment
	if e, err := events.Decode(raw); err == nil {
		stored = e.Recorded.Time // whoever records has the broker's clock
	}
	m.records = append(m.records, store.NewRecord(m.summit, seq, stored, raw, subject, id))
	close(m.grown)
	m.grown = make(chan struct{})
	return seq
}

// Records is the log as it stands.
func (m *Memory) Records() []store.Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clip(m.records)
}

// Get reads one event.
func (m *Memory) Get(_ context.Context, seq uint64) (store.Record, error) {
	records := m.Records()
	if seq == 0 || seq > uint64(len(records)) {
		return store.Record{}, fmt.Errorf("read event %d of %s: %w", seq, m.summit, store.ErrNotFound)
	}
	return records[seq-1], nil
}

// Info describes the log.
func (m *Memory) Info(context.Context) (store.Info, error) {
	n := uint64(len(m.Records()))
	info := store.Info{Last: n, Messages: n, Created: firstMoment}
	if n > 0 {
		info.First = 1
	}
	return info, nil
}

// Read goes through the events from one sequence to another, both included.
func (m *Memory) Read(ctx context.Context, from, to uint64) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		records := m.Records()
		if n := uint64(len(records)); to == 0 || to > n {
			to = n
		}
		for seq := max(from, 1); seq <= to; seq++ {
			if ctx.Err() != nil {
				yield(store.Record{}, ctx.Err())
				return
			}
			if !yield(records[seq-1], nil) {
				return
			}
		}
	}
}

// ReadBytes is Read without what the bytes say.
func (m *Memory) ReadBytes(ctx context.Context, from, to uint64) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for rec, err := range m.Read(ctx, from, to) {
			rec.Event, rec.Err = events.Event{}, nil
			if !yield(rec, err) {
				return
			}
		}
	}
}

// Follow goes through the events from a sequence on, and waits for more at the
// end, until ctx ends.
func (m *Memory) Follow(ctx context.Context, from uint64) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		next := max(from, 1)
		for {
			m.mu.Lock()
			records, grown := slices.Clip(m.records), m.grown
			m.mu.Unlock()
			for ; next <= uint64(len(records)); next++ {
				if !yield(records[next-1], nil) {
					return
				}
			}
			select {
			case <-ctx.Done():
				yield(store.Record{}, ctx.Err())
				return
			case <-grown:
			}
		}
	}
}
