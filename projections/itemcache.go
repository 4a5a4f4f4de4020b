package projections

import lru "github.com/hashicorp/golang-lru/v2/simplelru"

// itemCache keeps the newest versions of the facts that were folded last: the
// neighbours of the next fact are mostly among them. Where what the writers put
// is taken back, all of it is forgotten.
type itemCache struct{ lru *lru.LRU[uint64, *item] }

// cachedItems is how many items are kept: a few kilobytes each.
const cachedItems = 8192

func newItemCache() *itemCache {
	c, err := lru.NewLRU[uint64, *item](cachedItems, nil)
	if err != nil {
		panic("projections: " + err.Error()) // the size is a constant above zero
	}
	return &itemCache{c}
}

func (c *itemCache) get(fact uint64) (*item, bool) { return c.lru.Get(fact) }
func (c *itemCache) add(it *item)                  { c.lru.Add(it.seq, it) }
func (c *itemCache) forget()                       { c.lru.Purge() }
