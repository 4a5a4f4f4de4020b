package storetest

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// Memory is a log in memory: the model that the others are held against, and
// the log of tests that need no broker.
type Memory struct {
	summit string

	mu      sync.Mutex // guards what follows
	records []store.Record
	ids     map[string]uint64
	grown   chan struct{} // closed at the next append
	lose    loss
}

// loss is what happens to the next append.
type loss int

const (
	loseNothing loss = iota
	losePublish      // failed and not stored
	loseAck          // failed but stored
)

// NewMemory makes an empty log.
func NewMemory(summit string) *Memory {
	return &Memory{summit: summit, ids: map[string]uint64{}, grown: make(chan struct{})}
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
	if _, _, narrow := expect.On(); narrow && len(list) > 1 {
		return nil, fmt.Errorf("append to %s: what is expected of one entity is for one event", m.summit)
	}
	results, err := m.append(list, expect)
	if err == nil && lost == loseAck {
		return nil, fmt.Errorf("append to %s: %w", m.summit, store.ErrUnavailable)
	}
	return results, err
}

func (m *Memory) append(list []events.Event, expect store.Expect) ([]store.Result, error) {
	results, found, err := m.find(list, expect)
	if err != nil || found == len(list) {
		return results, err
	}
	end := uint64(len(m.records))
	if last, expected := expect.Last(); expected && m.moved(expect) {
		return nil, &store.ConflictError{Expected: last, Last: end}
	}
	if found > 0 {
		return nil, &store.PartialError{Results: results}
	}
	for i, e := range list {
		raw, err := events.Encode(e)
		if err != nil {
			return nil, fmt.Errorf("append to %s: %w", m.summit, err)
		}
		results[i] = store.Result{Seq: m.put(raw, store.Subject(e), e.ID), Outcome: store.Created}
	}
	return results, nil
}

// moved says whether the log is not as expected.
func (m *Memory) moved(expect store.Expect) bool {
	subject, on, narrow := expect.On()
	if !narrow {
		last, _ := expect.Last()
		return last != uint64(len(m.records))
	}
	for _, rec := range slices.Backward(m.records) {
		if rec.Subject == subject {
			return rec.Seq != on
		}
	}
	return on != 0
}

// find tells which events are there already.
func (m *Memory) find(list []events.Event, expect store.Expect) ([]store.Result, int, error) {
	results, found := make([]store.Result, len(list)), 0
	from, expected := expect.Last()
	moved := expected && m.moved(expect)
	for i, e := range list {
		seq := m.ids[e.ID]
		if seq == 0 || (moved && seq <= from) {
			continue // a log that has moved on need not search its past
		}
		rec := m.records[seq-1]
		same, err := events.Same(e, rec.Event)
		if err != nil {
			return nil, 0, err
		}
		if !same {
			return nil, 0, &store.IDTakenError{ID: e.ID, Seq: seq}
		}
		results[i] = store.Result{Seq: seq, Outcome: store.Duplicate}
		if raw, err := events.Encode(e); err == nil && expected && seq > from && string(raw) == string(rec.Raw) {
			results[i].Outcome = store.Created // this call's own, its acknowledgement was lost
		}
		found++
	}
	return results, found, nil
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
	rec := store.NewRecord(m.summit, seq, stored, raw, subject, id)
	m.records = append(m.records, rec)
	if rec.Err == nil && m.ids[rec.Event.ID] == 0 {
		m.ids[rec.Event.ID] = seq
	}
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
