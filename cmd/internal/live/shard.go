package live

import (
	"context"
	"net"
	"runtime"
	"slices"
	"sync"
	"time"
)

// shard serves the readers that wait on plain connections: one goroutine for
// all of them, which never waits for one. It runs while it has readers.
type shard struct {
	feed *feed
	wake chan struct{} // filled when a reader joins

	mu      sync.Mutex
	joining []*reader
	running bool
}

// park takes a reader.
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

// joined gives the readers that joined; false where there is nobody left, and
// the shard stops.
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
		if readers, behind = s.pass(readers); behind {
			select {
			case <-beat.C:
				readers = s.beat(readers)
			default:
			}
			continue
		}
		select {
		case <-s.feed.hub.o.Done: // pass sees it
		case <-changed:
		case <-s.wake:
		case <-beat.C:
			readers = s.beat(readers)
		}
	}
}

// want is what readers have in common that are sent the same.
type want struct {
	at     uint64
	filter string
}

// parcel is a portion in the form of the wire, made once for all who want it.
type parcel struct {
	portion
	chunk []byte
}

// turn is how many readers are sent something before a shard looks up. Writing
// to thousands takes milliseconds, in which whoever makes the next fact ready
// would wait for a processor.
const turn = 128

// pass sends each reader the next portion. It gives who stays, and whether one
// of them is still behind.
func (s *shard) pass(readers []*reader) (stay []*reader, behind bool) {
	stay = readers[:0]
	var now moment
	for some := range slices.Chunk(readers, turn) {
		if err := s.look(&now); err != nil {
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

// moment is what holds for one turn.
type moment struct {
	head    uint64
	closed  bool // the story, at the head
	ending  bool // the server
	parcels map[want]*parcel
}

// look sees what is new: who is sent something later in a pass is sent that too,
// instead of being written to twice.
func (s *shard) look(now *moment) (err error) {
	if head := s.feed.story.Head().Seq; now.parcels == nil || head != now.head {
		now.head, now.parcels = head, map[want]*parcel{}
	}
	now.ending = s.feed.hub.stopping()
	now.closed, err = s.feed.over(now.head)
	return err
}

// serve sends a reader the next portion; false where it does not stay.
func (s *shard) serve(now *moment, x *reader) bool {
	p, err := s.parcel(now.parcels, x)
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

func (s *shard) parcel(made map[want]*parcel, x *reader) (*parcel, error) {
	key := want{x.at, x.filter.key}
	if p := made[key]; p != nil {
		return p, nil
	}
	p, err := s.feed.after(x.at, &x.filter)
	if err != nil {
		return nil, err
	}
	made[key] = &parcel{portion: p}
	if len(p.text) > 0 {
		made[key].chunk = chunk(p.text)
	}
	return made[key], nil
}

// push sends a parcel; false where the reader does not stay.
func (s *shard) push(x *reader, p *parcel) bool {
	rest, ok := s.try(x, p.chunk)
	if !ok {
		return false
	}
	if len(rest) > 0 {
		go x.slow(rest, p.portion)
		return false
	}
	x.moved(p.portion)
	return true
}

// try gives what the connection did not take at once; false where it is gone.
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

// beat sends every reader what a quiet stream is sent.
func (s *shard) beat(readers []*reader) []*reader {
	stay := readers[:0]
	for _, x := range readers {
		rest, ok := s.try(x, chunk(x.beat()))
		if !ok {
			continue
		}
		if len(rest) > 0 {
			go x.slow(rest, portion{to: x.at})
			continue
		}
		stay = append(stay, x)
	}
	clear(readers[len(stay):])
	return stay
}

// slow goes on for a reader whose connection is full, on a goroutine, until it
// has caught up and can wait in a shard again.
func (x *reader) slow(rest []byte, p portion) {
	c := x.out.(*wire)                                                       // only such readers park
	defer context.AfterFunc(x.feed.hub.cut, func() { _ = c.conn.Close() })() // it is cut
	p.text = rest
	if err := x.deliver(p, func(until time.Time) error { return c.write(net.Buffers{rest}, until) }); err != nil {
		x.leave()
		return
	}
	x.run(x.feed.hub.cut)
}
