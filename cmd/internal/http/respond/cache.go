package respond

import lru "github.com/hashicorp/golang-lru/v2"

// Cache holds the answers that were asked for last, by their basis: all that an
// answer depends on. Most readers of a story ask for the same.
type Cache struct{ lru *lru.Cache[string, []byte] }

const (
	// cached and cachedSize bound the memory of a cache: 32 MiB.
	cached     = 256
	cachedSize = 128 << 10
)

// NewCache makes a cache.
func NewCache() (*Cache, error) {
	c, err := lru.New[string, []byte](cached)
	return &Cache{c}, err
}

// Get returns the answer on a basis; false if there is none.
func (c *Cache) Get(basis string) ([]byte, bool) { return c.lru.Get(basis) }

// Add stores an answer unless it is large. The answer must not be changed
// afterwards.
func (c *Cache) Add(basis string, answer []byte) {
	if len(answer) <= cachedSize {
		c.lru.Add(basis, answer)
	}
}
