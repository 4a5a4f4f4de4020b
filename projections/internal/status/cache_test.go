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
		return composed{status: s}
	}
	for seq := range uint64(100) {
		c.add(Key{seq: seq}, heavy(5))
		if c.weight > 100_000 || c.weight < 5000 {
			t.Fatalf("%d bytes are kept after %d", c.weight, seq)
		}
	}
	if n := c.kept.Len(); n < 5 || n > 20 {
		t.Errorf("%d are kept", n)
	}
	if _, ok := c.get(Key{seq: 99}); !ok {
		t.Error("the last is not kept")
	}
	if _, ok := c.get(Key{seq: 0}); ok {
		t.Error("the first is kept")
	}
	c.add(Key{seq: 99}, heavy(500))
	if _, ok := c.get(Key{seq: 99}); ok {
		t.Error("one that is too heavy is kept")
	}
	c.Purge()
	if c.weight != 0 || c.kept.Len() != 0 {
		t.Errorf("%d bytes are kept of %d", c.weight, c.kept.Len())
	}
}
