package live

import (
	"context"
	"net"
	"runtime"
	"slices"
	"sync"
	"time"
)

// shard serves readers on plain connections with one goroutine, which never waits
// for a reader. It runs while it has readers.
type shard struct {
	feed *feed
	wake chan struct{} // filled when a reader joins

	mu      sync.Mutex
	joining []*reader
	running bool
}

// park adds a reader.
func (s *shard) park(x *reader) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.joining = append(s.joining, x)
	if !s.running {
		s.running = true
		go s.run()
	}
	select {
	case s.wake <- struct{}{}:
	default: // it is filled already
	}
}

// joined returns the readers with those that have joined; false if there are none,
// and the shard stops.
func (s *shard) joined(have []*reader) ([]*reader, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	have = append(have, s.joining...)
	s.joining = nil
	s.running = len(have) > 0
	return have, s.running
}

func (s *shard) run() {
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	var readers []*reader
	for {
		changed := s.feed.story.Changed()
		var more bool
		if readers, more = s.joined(readers); !more {
			return
		}
		var behind bool
		if readers, behind = s.sendAll(readers); behind {
			select {
			case <-beat.C:
				readers = s.beat(readers)
			default:
			}
			continue
		}
		select {
		case <-s.feed.hub.o.Done: // sendAll sees it
		case <-changed:
		case <-s.wake:
		case <-beat.C:
			readers = s.beat(readers)
		}
	}
}

// batchKey is equal for readers that are sent the same frames.
type batchKey struct {
	at     uint64
	filter string
}

// chunkedBatch is a batch as HTTP chunks, made once for all readers that are sent
// it.
type chunkedBatch struct {
	batch
	chunk []byte
}

// batchSize is how many readers are written to before the shard yields. Writing to
// thousands takes milliseconds, during which the fold of the next event would wait
// for a processor.
const batchSize = 128

// sendAll sends each reader the next batch. It returns the readers that stay, and
// whether one of them is still behind.
func (s *shard) sendAll(readers []*reader) (stay []*reader, behind bool) {
	stay = readers[:0]
	var now pass
	for some := range slices.Chunk(readers, batchSize) {
		if err := s.refresh(&now); err != nil {
			s.feed.fail(err)
			leave(some)
			continue
		}
		for _, x := range some {
			if s.serve(&now, x) {
				stay, behind = append(stay, x), behind || x.at < now.head
			}
		}
		runtime.Gosched()
	}
	clear(readers[len(stay):])
	return stay, behind
}

// pass is the state that readers of one turn share.
type pass struct {
	head    uint64
	closed  bool // the story, at the head
	ending  bool // the server
	batches map[batchKey]*chunkedBatch
}

// refresh reads the head again: readers that are written to later in a pass are
// sent what is new as well, instead of being written to twice.
func (s *shard) refresh(now *pass) (err error) {
	if head := s.feed.story.Head().Seq; now.batches == nil || head != now.head {
		now.head, now.batches = head, map[batchKey]*chunkedBatch{}
	}
	now.ending = s.feed.hub.stopping()
	now.closed, err = s.feed.over(now.head)
	return err
}

// serve sends a reader the next batch. It returns false if the reader does not
// stay.
func (s *shard) serve(now *pass, x *reader) bool {
	p, err := s.batch(now.batches, x)
	if err != nil {
		s.feed.fail(err)
		x.leave()
		return false
	}
	if p.to > x.at && !s.push(x, p) {
		return false
	}
	if x.over || now.ending || now.closed && x.at >= now.head {
		x.leave()
		return false
	}
	return true
}

func leave(readers []*reader) {
	for _, x := range readers {
		x.leave()
	}
}

func (s *shard) batch(made map[batchKey]*chunkedBatch, x *reader) (*chunkedBatch, error) {
	key := batchKey{x.at, x.filter.key}
	if p := made[key]; p != nil {
		return p, nil
	}
	p, err := s.feed.after(x.at, &x.filter)
	if err != nil {
		return nil, err
	}
	made[key] = &chunkedBatch{batch: p}
	if len(p.text) > 0 {
		made[key].chunk = chunk(p.text)
	}
	return made[key], nil
}

// push writes a batch. It returns false if the reader does not stay.
func (s *shard) push(x *reader, p *chunkedBatch) bool {
	rest, ok := s.try(x, p.chunk)
	if !ok {
		return false
	}
	if len(rest) > 0 {
		go x.slow(rest, p.batch)
		return false
	}
	x.moved(p.batch)
	return true
}

// try writes what the connection takes at once and returns the rest; false if the
// connection is gone.
func (s *shard) try(x *reader, b []byte) (rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, true
	}
	n, err := x.out.(*wire).try(b) // only such readers park
	if err != nil {
		x.leave()
		return nil, false
	}
	return b[n:], true
}

// beat sends every reader the heartbeat of a quiet stream.
func (s *shard) beat(readers []*reader) []*reader {
	stay := readers[:0]
	for _, x := range readers {
		rest, ok := s.try(x, chunk(x.beat()))
		if !ok {
			continue
		}
		if len(rest) > 0 {
			go x.slow(rest, batch{to: x.at})
			continue
		}
		stay = append(stay, x)
	}
	clear(readers[len(stay):])
	return stay
}

// slow serves a reader whose connection is full on a goroutine of its own, until
// it has caught up and can return to a shard.
func (x *reader) slow(rest []byte, p batch) {
	c := x.out.(*wire)                                                       // only such readers park
	defer context.AfterFunc(x.feed.hub.cut, func() { _ = c.conn.Close() })() // it is cut
	p.text = rest
	if err := x.deliver(p, func(until time.Time) error { return c.write(net.Buffers{rest}, until) }); err != nil {
		x.leave()
		return
	}
	x.run(x.feed.hub.cut)
}
