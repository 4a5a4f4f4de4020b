package status

import (
	"math"
	"reflect"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/summit-timeline/summit/projections/internal/read"
)

// CacheBytes is about how much memory the composed statuses of one summit may
// take, beside the newest. A status never changes; one that was let go of is composed
// again.
const CacheBytes = 8 << 20

// newestBytes is about how much memory the newest status may take. The status after each further
// fact is made from it. An entity takes about 1 KB (measured with the story of BenchmarkMixed).
const newestBytes = 64 << 20

// Cache keeps the statuses that were asked for last, up to a weight, and the newest.
type Cache struct {
	most int

	mu     sync.Mutex // guards what follows
	weight int
	kept   *lru.LRU[Key, composed]
	newest keptStatus // of all lists, of the present; nothing where its status is nil
}

type keptStatus struct {
	Key
	composed
}

// Reader is one read transaction, with the statuses that were composed of
// the same file.
type Reader struct {
	read.Reader
	Statuses *Cache
}

// NewCache returns a cache that keeps so many bytes beside the newest.
func NewCache(most int) *Cache {
	c := &Cache{most: most}
	kept, err := lru.NewLRU(math.MaxInt, func(_ Key, s composed) { c.weight -= s.weight })
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
	if c.newest.status != nil && c.newest.Key == key {
		return c.newest.composed, true
	}
	return c.kept.Get(key)
}

// last returns the newest status, and as known at which position.
func (c *Cache) last() (s composed, known uint64, kept bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.newest.composed, c.newest.seq, c.newest.status != nil
}

// add keeps a status. The newest replaces the one before, which is kept among the others only if
// it is pinned: nobody asks again what stood at a present that has passed.
func (c *Cache) add(key Key, s composed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if key.lists != "" || key.phase || !key.at.IsZero() || key.seq < c.newest.seq || s.weight > newestBytes {
		c.keep(key, s)
		return
	}
	if before := c.newest; before.status != nil && before.pinned && before.Key != key {
		c.keep(before.Key, before.composed)
	}
	c.newest = keptStatus{key, s}
}

// keep keeps a status in the place of those that were asked for longest ago. One that is
// heavier than all that may be kept is not kept.
func (c *Cache) keep(key Key, s composed) {
	c.kept.Remove(key)
	if s.weight > c.most {
		return
	}
	for c.weight+s.weight > c.most {
		c.kept.RemoveOldest()
	}
	c.kept.Add(key, s)
	c.weight += s.weight
}

// Purge lets go of all.
func (c *Cache) Purge() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept.Purge()
	c.newest = keptStatus{}
}

// weigh is about how many bytes a status takes.
func weigh(s *Status) int { return sizeOf(reflect.ValueOf(s)) }

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
