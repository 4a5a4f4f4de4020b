package status

import (
	"math"
	"reflect"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/summit-timeline/summit/projections/internal/read"
)

// CacheBytes is about how much memory the composed statuses of one summit may
// take. A status never changes; one that was let go of is composed again.
const CacheBytes = 8 << 20

// Cache keeps the statuses that were asked for last, up to a weight.
type Cache struct {
	most int

	mu     sync.Mutex // guards what follows
	weight int
	kept   *lru.LRU[Key, keptStatus]
}

// Reader is one read transaction, with the statuses that were composed of
// the same file.
type Reader struct {
	read.Reader
	Statuses *Cache
}

type keptStatus struct {
	composed
	weight int
}

// NewCache returns a cache that keeps so many bytes.
func NewCache(most int) *Cache {
	c := &Cache{most: most}
	kept, err := lru.NewLRU(math.MaxInt, func(_ Key, s keptStatus) { c.weight -= s.weight })
	if err != nil {
		panic("projections: " + err.Error()) // the size is a constant above zero
	}
	c.kept = kept
	return c
}

// get returns a status that is kept.
func (c *Cache) get(key Key) (composed, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.kept.Get(key)
	return s.composed, ok
}

// add keeps a status in the place of those that were asked for longest ago. One
// that is heavier than all that may be kept is not kept.
func (c *Cache) add(key Key, s composed) {
	weight := sizeOf(reflect.ValueOf(s.status))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept.Remove(key)
	if weight > c.most {
		return
	}
	for c.weight+weight > c.most {
		c.kept.RemoveOldest()
	}
	c.kept.Add(key, keptStatus{s, weight})
	c.weight += weight
}

// Purge lets go of all.
func (c *Cache) Purge() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept.Purge()
}

// mapEntry is about what an entry of a map takes besides its key and value.
const mapEntry = 16

// sizeOf is about how many bytes a value takes, with all that it points at. What
// several values share is counted for each.
func sizeOf(v reflect.Value) int { return int(v.Type().Size()) + behind(v) }

// behind returns what a value points at.
func behind(v reflect.Value) (size int) {
	switch v.Kind() {
	case reflect.String:
		return v.Len()
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return sizeOf(v.Elem())
		}
	case reflect.Slice:
		size = (v.Cap() - v.Len()) * int(v.Type().Elem().Size())
		for i := range v.Len() {
			size += sizeOf(v.Index(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			size += behind(v.Index(i))
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			size += sizeOf(it.Key()) + sizeOf(it.Value()) + mapEntry
		}
	case reflect.Struct:
		for i := range v.NumField() {
			size += behind(v.Field(i))
		}
	}
	return size
}
