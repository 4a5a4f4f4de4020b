package merkle

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/summit-timeline/summit/store/merkle/merkletest"
)

// treeOf keeps the tree of n entries in a store.
func treeOf(t testing.TB, n int) merkletest.Tiles {
	t.Helper()
	s := merkletest.Tiles{}
	tree, err := OpenTree(0, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entriesOf(n) {
		tree.Append(LeafHash(e))
	}
	if err := tree.Flush(); err != nil {
		t.Fatal(err)
	}
	return s
}

// rowAbove returns the hashes of the next level of tiles, by plain SHA-256.
func rowAbove(row [][32]byte) [][32]byte {
	for range height {
		up := make([][32]byte, len(row)/2)
		for i := range up {
			up[i] = sha256.Sum256(append(append([]byte{1}, row[2*i][:]...), row[2*i+1][:]...))
		}
		row = up
	}
	return row
}

func TestTilesAreThoseOfTheDefinition(t *testing.T) {
	const most = 66000 // three levels
	entries := entriesOf(most)
	s := treeOf(t, most)
	row := make([][32]byte, most)
	for i, e := range entries {
		row[i] = sha256.Sum256(append([]byte{0}, e...))
	}
	levels := [][][32]byte{row, rowAbove(row), rowAbove(rowAbove(row))}
	for _, size := range []int64{1, 2, 255, 256, 257, 511, 512, 65535, 65536, 65537, most} {
		seen := 0
		for p := range TilePaths(size) {
			if p.Level == EntriesLevel {
				continue
			}
			var want []byte
			for _, h := range levels[p.Level][p.Index*width:][:p.Width] {
				want = append(want, h[:]...)
			}
			if got, err := ReadTile(s, p, size); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("tile %+v at %d: %d bytes (%v), want %d", p, size, len(got), err, len(want))
			}
			seen++
		}
		if seen == 0 {
			t.Fatalf("no tile at %d", size)
		}
	}
}

func TestAPartialTileBeginsTheFullOne(t *testing.T) {
	s := treeOf(t, 600)
	full, err := ReadTile(s, TilePath{0, 1, width}, 600)
	if err != nil {
		t.Fatal(err)
	}
	for w := 1; w < width; w++ {
		for _, size := range []int64{int64(width + w), 600} { // as it grew, and after
			got, err := ReadTile(s, TilePath{0, 1, w}, size)
			if err != nil || !bytes.Equal(got, full[:w*32]) {
				t.Fatalf("%d hashes at %d: %d bytes (%v)", w, size, len(got), err)
			}
		}
		if _, err := ReadTile(s, TilePath{0, 1, w + 1}, int64(width+w)); !errors.Is(err, ErrNoTile) {
			t.Fatalf("%d hashes at %d: %v", w+1, width+w, err)
		}
	}
}

func TestTilesThatAreNotThere(t *testing.T) {
	s := treeOf(t, 600)
	for _, p := range []TilePath{{0, 3, 1}, {0, 2, 89}, {1, 0, 3}, {1, 1, 1}, {2, 0, 1}, {7, 0, 1}, {63, 0, 1}, {0, maxIndex, 256}, {EntriesLevel, 0, 1}} {
		if b, err := ReadTile(s, p, 600); !errors.Is(err, ErrNoTile) {
			t.Errorf("%+v: %d bytes, %v", p, len(b), err)
		}
	}
	for name, err := range map[string]error{
		"no width":      second(ReadTile(s, TilePath{}, 600)),
		"negative size": second(ReadTile(s, TilePath{0, 0, 1}, -1)),
		"too large":     second(ReadTile(s, TilePath{0, 0, 1}, MaxSize+1)),
		"lost":          second(ReadTile(merkletest.Tiles{}, TilePath{0, 0, 1}, 600)),
	} {
		if err == nil || errors.Is(err, ErrNoTile) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second(_ []byte, err error) error { return err }
