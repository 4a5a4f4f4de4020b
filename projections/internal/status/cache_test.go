package status

import (
	"strings"
	"testing"
)

// What is kept of statuses is bounded by its weight.
func TestStatusesAreKeptByWeight(t *testing.T) {
	c := NewCache(100_000)
	heavy := func(n int) composed {
		s := New("story")
		for range n {
			s.Aircraft = append(s.Aircraft, AircraftStatus{ID: strings.Repeat("x", 1000), Facts: []string{"f"}})
		}
		return composed{status: s, weight: weigh(s)}
	}
	for seq := range uint64(100) {
		c.add(Key{seq: seq, pinned: true}, heavy(5))
		if c.weight > 100_000 || seq > 0 && c.weight < 5000 {
			t.Fatalf("%d bytes are kept after %d", c.weight, seq)
		}
	}
	if n := c.kept.Len(); n < 5 || n > 20 {
		t.Errorf("%d are kept", n)
	}
	if _, ok := c.get(Key{seq: 99, pinned: true}); !ok {
		t.Error("the last is not kept")
	}
	if _, ok := c.get(Key{seq: 0, pinned: true}); ok {
		t.Error("the first is kept")
	}
	c.add(Key{seq: 7, pinned: true}, heavy(500))
	if _, ok := c.get(Key{seq: 7, pinned: true}); ok {
		t.Error("one that is too heavy is kept")
	}
	c.add(Key{seq: 100}, heavy(500))
	if s, known, ok := c.last(); !ok || known != 100 || len(s.status.Aircraft) != 500 {
		t.Errorf("the newest is not kept, but that of %d", known)
	}
	c.add(Key{seq: 101}, heavy(1))
	if _, ok := c.get(Key{seq: 100}); ok {
		t.Error("one of the present that passed is kept")
	}
	c.add(Key{seq: 102}, composed{status: New("story"), weight: newestBytes + 1})
	if _, known, _ := c.last(); known != 101 {
		t.Error("one that is heavier than any may be is kept")
	}
	c.Purge()
	if _, _, ok := c.last(); ok || c.weight != 0 || c.kept.Len() != 0 {
		t.Errorf("%d bytes are kept of %d", c.weight, c.kept.Len())
	}
}
