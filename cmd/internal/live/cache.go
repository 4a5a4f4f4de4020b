package live

import (
	"fmt"
	"math"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/sync/singleflight"
)

// cacheSize is the most bytes of encoded history that are kept for all summits, for
// readers that are behind.
const cacheSize = 32 << 20

// segmentKey identifies a segment.
type segmentKey struct {
	of      feedKey
	index   uint64 // it begins after position index × span
	version int    // of the views
}

// cache holds the complete segments that were used last. The frames of a position
// change only with the version of the views.
type cache struct {
	building singleflight.Group

	mu    sync.Mutex
	all   *simplelru.LRU[segmentKey, *segment]
	bytes int
}

func newCache() *cache {
	c := &cache{}
	all, err := simplelru.NewLRU(math.MaxInt32, func(_ segmentKey, s *segment) { c.bytes -= cap(s.text) })
	if err != nil {
		panic(err) // only a size of 0 is refused
	}
	c.all = all
	return c
}

// get returns a segment. It builds a missing one once, however many ask for it.
func (c *cache) get(at segmentKey, build func() (*segment, error)) (*segment, error) {
	if s, ok := c.kept(at); ok {
		return s, nil
	}
	v, err, _ := c.building.Do(fmt.Sprint(at.of, " ", at.index, " ", at.version), func() (any, error) {
		if s, ok := c.kept(at); ok {
			return s, nil
		}
		s, err := build()
		if err == nil {
			c.keep(at, s)
		}
		return s, err
	})
	if err != nil {
		return nil, err
	}
	return v.(*segment), nil // it is what was built above
}

func (c *cache) kept(at segmentKey) (*segment, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all.Get(at)
}

func (c *cache) keep(at segmentKey, s *segment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all.Contains(at) {
		return
	}
	c.all.Add(at, s)
	c.bytes += cap(s.text)
	for c.bytes > cacheSize && c.all.Len() > 1 {
		c.all.RemoveOldest()
	}
}
