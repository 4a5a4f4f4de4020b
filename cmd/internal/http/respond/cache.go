package respond

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"math"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"
)

// Cache holds the answers that were asked for last, by their basis: all that an
// answer depends on. Most readers of a story ask for the same.
type Cache struct {
	seed maphash.Seed

	mu     sync.Mutex // guards what follows
	weight int
	kept   *lru.LRU[string, []byte]
	asked  [askedOnce]uint64 // hashes of the bases of answers that were asked for once
}

const (
	// cached is how many bytes a cache holds: some hundred pages of 50 items.
	cached = 32 << 20
	// cachedSize is the size of the largest answer that is held: those for
	// programs that read everything are asked for once.
	cachedSize = 128 << 10
	// askedOnce is about how many answers are remembered that were asked for once.
	askedOnce = 1 << 10
)

// NewCache makes a cache.
func NewCache() (*Cache, error) {
	c := &Cache{seed: maphash.MakeSeed()}
	kept, err := lru.NewLRU(math.MaxInt, func(basis string, b []byte) { c.weight -= len(basis) + len(b) })
	if err != nil {
		return nil, fmt.Errorf("make a cache: %w", err)
	}
	c.kept = kept
	return c, nil
}

// Get returns the answer on a basis; false if there is none.
func (c *Cache) Get(basis string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept.Get(basis)
}

// AddAgain is Add for an answer as of an old position, which is stored when it is made
// for the second time: whoever goes through a story asks for each but once, and
// would push out what many ask for.
func (c *Cache) AddAgain(basis string, answer []byte) {
	hash := maphash.String(c.seed, basis)
	c.mu.Lock()
	before := &c.asked[hash%askedOnce]
	again := *before == hash
	*before = hash
	c.mu.Unlock()
	if again {
		c.Add(basis, answer)
	}
}

// Add stores a copy of an answer unless it is large, in the place of those that were
// asked for longest ago.
func (c *Cache) Add(basis string, answer []byte) {
	if len(answer) > cachedSize {
		return
	}
	answer = bytes.Clone(answer)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept.Remove(basis)
	c.weight += len(basis) + len(answer)
	c.kept.Add(basis, answer)
	for c.weight > cached {
		c.kept.RemoveOldest()
	}
}
