package merkle

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/summit-timeline/summit/store/merkle/merkletest"
)

// grown returns the tiles of a tree.
func grown(t testing.TB, s merkletest.Tiles, from, to int64) {
	t.Helper()
	tree, err := OpenTree(from, s)
	if err != nil {
		t.Fatal(err)
	}
	for n := from; n < to; n++ {
		tree.Append(LeafHash(fmt.Appendf(nil, "event %d", n)))
	}
	if err := tree.Flush(); err != nil {
		t.Fatal(err)
	}
}

// While a tree grows, proofs with remembered hashes are those without.
func TestRememberedHashesMakeTheSameProofs(t *testing.T) {
	const most = 70_000 // three levels of tiles
	s, random := merkletest.Tiles{}, rand.New(rand.NewPCG(1, 2))
	var m Middles
	size := int64(0)
	for _, next := range []int64{1, 5, 15, 16, 17, 40, 255, 256, 257, 300, 1000, 65_535, 65_536, 65_537, most} {
		grown(t, s, size, next)
		size = next
		for range 40 {
			part := 1 + random.Int64N(size)
			index := random.Int64N(part)
			plain, err := ProveInclusion(s, index, part)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := ProveInclusion(m.Over(s), index, part); err != nil || !slices.Equal(got, plain) {
				t.Fatalf("leaf %d of %d: %v, %v; want %v", index, part, got, err, plain)
			}
			from := 1 + index
			if plain, err = ProveConsistency(s, from, part); err != nil {
				t.Fatal(err)
			}
			if got, err := ProveConsistency(m.Over(s), from, part); err != nil || !slices.Equal(got, plain) {
				t.Fatalf("%d in %d: %v, %v; want %v", from, part, got, err, plain)
			}
		}
		want, err := RootAt(s, size)
		if got, gotErr := RootAt(m.Over(s), size); err != nil || gotErr != nil || got != want {
			t.Fatalf("root at %d: %v, want %v (%v, %v)", size, got, want, gotErr, err)
		}
	}
	if len(m.tiles) == 0 || len(m.tiles) > mostMiddles {
		t.Errorf("%d tiles are remembered", len(m.tiles))
	}
}

// A tile that is too short is an error all the same.
func TestAShortTileIsAnErrorThoughItsHashesAreRemembered(t *testing.T) {
	s := merkletest.Tiles{}
	grown(t, s, 0, 100)
	var m Middles
	if _, err := ProveInclusion(m.Over(s), 3, 100); err != nil {
		t.Fatal(err)
	}
	s["0/0"] = s["0/0"][:50*HashSize]
	if p, err := ProveInclusion(m.Over(s), 3, 100); err == nil {
		t.Errorf("%v", p)
	}
}

func BenchmarkProveInclusion(b *testing.B) {
	const size = 70_000
	s := merkletest.Tiles{}
	grown(b, s, 0, size)
	var m Middles
	for name, tiles := range map[string]Store{"tiles": s, "remembered": m.Over(s)} {
		b.Run(name, func(b *testing.B) {
			for index := int64(0); b.Loop(); index = (index + 7919) % size {
				if _, err := ProveInclusion(tiles, index, size); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
