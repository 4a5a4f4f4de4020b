package store

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// forced holds, for the logs of one broker inside the process, up to where each is on
// the disk, and hands what is appended to those who follow.
type forced struct {
	o Options // Force, Note and Clock of it

	mu   sync.Mutex // guards logs
	logs map[string]*shared
}

func newForced(o Options) *forced {
	if o.Force == nil {
		return nil
	}
	return &forced{o: o, logs: map[string]*shared{}}
}

// of returns what the handles of one log share.
func (f *forced) of(summit string) *shared {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.logs[summit]
	if s == nil {
		s = &shared{forced: f, stream: streamPrefix + summit}
		f.logs[summit] = s
	}
	return s
}

// shared is what the handles of one log share.
type shared struct {
	forced *forced
	stream string

	syncing sync.Mutex    // held while the stream is synced
	durable atomic.Uint64 // the last event that is on the disk

	mu    sync.Mutex // guards feeds
	feeds []*feed
}

// force returns once an event is on the disk. Its broker has acknowledged it, or has
// brought it: so the broker has written it.
func (l *Log) force(seq uint64) error {
	s := l.shared
	if s == nil || s.durable.Load() >= seq {
		return nil
	}
	s.syncing.Lock()
	defer s.syncing.Unlock()
	if s.durable.Load() >= seq {
		return nil // by another's sync
	}
	upTo := max(seq, l.seen.Load())
	if err := s.forced.o.Force(s.stream); err != nil {
		return l.notSynced(err)
	}
	l.OnDisk(upTo)
	return nil
}

func (l *Log) notSynced(err error) error {
	return fmt.Errorf("sync the log of %s: %w", l.summit, unavailable(fmt.Errorf("%w: %w", ErrFrozen, err)))
}

// noteMost is how many bytes are noted at most: more are written as fast where they
// belong.
const noteMost = 128 << 10

// note writes down what is about to be appended, if that is sooner on the disk than where
// it belongs. It returns what to call with the number of events that were added: that
// returns once those are on the disk.
func (l *Log) note(entries []entry, after uint64) (settle func(added int) error) {
	direct := func(added int) error {
		if added == 0 {
			return nil
		}
		return l.force(after + uint64(added)) //nolint:gosec // added is no less than 0
	}
	s := l.shared
	if s == nil || s.forced.o.Note == nil || s.durable.Load() != after {
		return direct
	}
	list, size := make([]Stored, len(entries)), 0
	for i, e := range entries {
		list[i], size = e.Stored, size+len(e.Raw)
	}
	if size > noteMost {
		return direct
	}
	noted := s.forced.o.Note(s.stream, after, list)
	if noted == nil {
		return direct
	}
	return func(added int) error {
		if err := noted(added); err != nil {
			return l.notSynced(err)
		}
		if added > 0 {
			l.OnDisk(after + uint64(added)) //nolint:gosec // as above
		}
		return nil
	}
}

// OnDisk notes that the log has the events up to seq on the disk: whoever folded them was
// given nothing else. So they need not be synced when they are read for the first time.
func (l *Log) OnDisk(seq uint64) {
	if l.shared == nil {
		return
	}
	for known := l.shared.durable.Load(); known < seq && !l.shared.durable.CompareAndSwap(known, seq); known = l.shared.durable.Load() {
	}
}

// replaced forgets what is on the disk of a stream that was deleted.
func (s *shared) replaced() {
	if s != nil {
		s.durable.Store(0)
	}
}

// feed holds what was appended and a follower has not taken yet.
type feed struct {
	some chan struct{} // filled when there is something

	mu   sync.Mutex // guards what follows
	list []told
	lost bool // whether something was left out, which must be asked of the broker
}

// told is an event that was appended.
type told struct {
	entry
	seq uint64
}

// feedRoom is how many events wait for a follower at most: more are read from the
// broker again.
const feedRoom = 4 * MaxBatch

// listen makes a feed of what is appended from now on.
func (s *shared) listen() *feed {
	f := &feed{some: make(chan struct{}, 1)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.feeds = append(s.feeds, f)
	return f
}

func (s *shared) leave(f *feed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, other := range s.feeds {
		if other == f {
			s.feeds = append(s.feeds[:i], s.feeds[i+1:]...)
			return
		}
	}
}

// tell hands events that are on the disk to the followers, the first of them at
// first. An event whose recorded time is ahead of the clock is for the broker to
// tell of, which stamped it.
func (l *Log) tell(entries []entry, first uint64) {
	if l.shared == nil {
		return
	}
	l.shared.mu.Lock()
	defer l.shared.mu.Unlock()
	if len(l.shared.feeds) == 0 {
		return
	}
	list, now := make([]told, 0, len(entries)), l.shared.forced.o.Clock()
	for i, e := range entries {
		if e.Stored.Stored.After(now) {
			break
		}
		list = append(list, told{e, first + uint64(i)})
	}
	for _, f := range l.shared.feeds {
		f.put(list, len(list) < len(entries))
	}
}

func (f *feed) put(list []told, lost bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.list)+len(list) > feedRoom {
		lost = true
	} else if !f.lost {
		f.list = append(f.list, list...)
	}
	f.lost = f.lost || lost
	select {
	case f.some <- struct{}{}:
	default:
	}
}

// take returns what there is, and whether something is missing after it.
func (f *feed) take() (list []told, lost bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	list, lost = f.list, f.lost
	f.list, f.lost = nil, false
	return list, lost
}

// followForced is follow for a log to which this process alone writes. What is
// appended is told in memory; the broker is asked for what stood before, for what a
// slow follower has missed, and, where nothing comes, whether there is anything.
func (l *Log) followForced(ctx context.Context, from uint64, yield func(Record, error) bool) {
	f := l.shared.listen()
	defer l.shared.leave(f)
	next, look := max(from, 1), true
	for ctx.Err() == nil {
		if look {
			stop, err := l.catchUp(ctx, &next, yield)
			if stop {
				return
			}
			if look = err != nil; look && pause(ctx) != nil {
				break
			}
			continue
		}
		list, missing := f.take()
		for _, e := range list {
			if e.seq > next {
				missing = true
				break
			}
			if e.seq < next {
				continue // it was read from the broker
			}
			next++
			if !yield(NewRecord(l.summit, e.seq, time.Time{}, e.Raw, e.Subject, e.MsgID), nil) {
				return
			}
		}
		if look = missing; len(list) == 0 && !missing {
			look = !f.await(ctx, l.silence)
		}
	}
	yield(Record{}, ctx.Err())
}

// await reports whether something came within a time.
func (f *feed) await(ctx context.Context, most time.Duration) bool {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-f.some:
		return true
	case <-ctx.Done():
		return true
	case <-timer.C:
		return false
	}
}

// catchUp brings what the broker has from an event on, and no more.
func (l *Log) catchUp(ctx context.Context, next *uint64, yield func(Record, error) bool) (stop bool, err error) {
	info, err := l.Info(ctx)
	if err == nil {
		err = l.same(info)
	}
	if lost(err) && ctx.Err() == nil {
		yield(Record{}, err)
		return true, nil
	}
	if err != nil || info.Last < *next {
		return false, err
	}
	return l.consume(ctx, next, info.Last, NewRecord, yield)
}
