package live

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// feed holds the frames and the readers of one summit in one language.
type feed struct {
	hub     *Hub
	of      feedKey
	story   Story
	readers atomic.Int64
	shards  []*shard
	next    atomic.Uint64 // the shard that takes the next reader
	size    atomic.Int64  // of the segment that was made last

	mu     sync.Mutex
	tail   *segment // the last segment, which is not complete
	index  uint64   // its index
	views  int      // the version of the views it is of
	judged uint64   // the head at which closed was asked
	closed bool
}

func newFeed(h *Hub, of feedKey, s Story) *feed {
	f := &feed{hub: h, of: of, story: s, tail: &segment{}}
	for range runtime.GOMAXPROCS(0) {
		f.shards = append(f.shards, &shard{feed: f, wake: make(chan struct{}, 1)})
	}
	return f
}

// after returns the next batch for a reader at a position.
func (f *feed) after(at uint64, filter *Filter) (batch, error) {
	version := f.story.Version() // before anything is read: views only get newer
	head := f.story.Head().Seq
	index := at / span
	switch {
	case at >= head:
		return batch{to: at}, nil
	case (index+1)*span <= head:
		s, err := f.complete(index, version)
		if err != nil {
			return batch{}, err
		}
		return s.after(at, filter), nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.index != index || f.views != version {
		if f.tail.to == (f.index+1)*span {
			f.hub.cache.keep(segmentKey{f.of, f.index, f.views}, f.tail)
		}
		f.tail, f.index, f.views = &segment{to: index * span}, index, version
	}
	if err := f.fill(f.tail, min(head, (index+1)*span)); err != nil {
		return batch{}, err
	}
	return f.tail.after(at, filter), nil
}

// fill adds the frames up to a position to a segment. It calls the hook Frame.
func (f *feed) fill(s *segment, until uint64) error {
	if f.hub.o.Frame == nil || s.to >= until {
		return s.fill(f.story, until)
	}
	ended := f.hub.o.Frame(f.of.summit, s.to, until)
	err := s.fill(f.story, until)
	ended(err)
	return err
}

// complete returns a segment whose positions are all served.
func (f *feed) complete(index uint64, version int) (*segment, error) {
	return f.hub.cache.get(segmentKey{f.of, index, version}, func() (*segment, error) {
		s := &segment{to: index * span}
		s.expect(int(f.size.Load()))
		err := f.fill(s, (index+1)*span)
		f.size.Store(int64(len(s.text)))
		return s, err
	})
}

// over reports whether the summit is closed and a reader at a position has
// everything.
func (f *feed) over(at uint64) (bool, error) {
	head := f.story.Head().Seq
	if at < head {
		return false, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.judged != head {
		closed, err := f.story.Closed()
		if err != nil {
			return false, err
		}
		f.closed, f.judged = closed, head
	}
	return f.closed, nil
}

// nothing reports whether a filter passes nothing after a position.
func (f *feed) nothing(at uint64, filter *Filter) (bool, error) {
	for {
		p, err := f.after(at, filter)
		if err != nil || p.last > 0 {
			return false, err
		}
		if p.to == at {
			return true, nil
		}
		at = p.to
	}
}
