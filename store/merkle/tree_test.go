package merkle

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/summit-timeline/summit/store/merkle/merkletest"
)

// oracle is the definition of RFC 6962, 2.1, word for word.
func oracle(entries [][]byte) [32]byte {
	switch n := len(entries); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, entries[0]...))
	default:
		k := 1
		for k*2 < n {
			k *= 2
		}
		l, r := oracle(entries[:k]), oracle(entries[k:])
		return sha256.Sum256(append(append([]byte{1}, l[:]...), r[:]...))
	}
}

func entriesOf(n int) [][]byte {
	var list [][]byte
	for i := range n {
		list = append(list, fmt.Appendf(nil, "event %d", i))
	}
	return list
}

func TestRootsAreThoseOfRFC6962(t *testing.T) {
	const most = 1100
	entries := entriesOf(most)
	s := merkletest.Tiles{}
	tree, err := OpenTree(0, s)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		tree.Append(LeafHash(e))
		if i%7 != 0 && i%256 > 2 { // reopen at odd sizes and about tile ends
			continue
		}
		if err := tree.Flush(); err != nil {
			t.Fatal(err)
		}
		if tree, err = OpenTree(int64(i)+1, s); err != nil {
			t.Fatal(err)
		}
		want := Hash(oracle(entries[:i+1]))
		if got, _ := tree.Root(); got != want {
			t.Fatalf("root of %d is %s, want %s", i+1, got, want)
		}
		if got, err := RootAt(s, int64(i)+1); err != nil || got != want {
			t.Fatalf("root at %d is %s (%v), want %s", i+1, got, err, want)
		}
	}
}

func TestProofsHoldAndFailWhenBent(t *testing.T) {
	const most = 300
	entries := entriesOf(most)
	s := merkletest.Tiles{}
	tree, _ := OpenTree(0, s)
	for _, e := range entries {
		tree.Append(LeafHash(e))
	}
	if err := tree.Flush(); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int64{1, 2, 3, 7, 8, 255, 256, 257, 300} {
		root := Hash(oracle(entries[:size]))
		for index := range size {
			p, err := ProveInclusion(s, index, size)
			if err != nil {
				t.Fatal(err)
			}
			if err := VerifyInclusion(p, index, size, LeafHash(entries[index]), root); err != nil {
				t.Fatal(err)
			}
			if VerifyInclusion(p, index, size, LeafHash([]byte("another")), root) == nil {
				t.Fatalf("another leaf at %d of %d passed", index, size)
			}
		}
		for _, from := range []int64{1, 2, size/2 + 1, size} {
			if from > size {
				continue
			}
			p, err := ProveConsistency(s, from, size)
			if err != nil {
				t.Fatal(err)
			}
			old := Hash(oracle(entries[:from]))
			if err := VerifyConsistency(p, from, size, old, root); err != nil {
				t.Fatal(err)
			}
			if VerifyConsistency(p, from, size, LeafHash(nil), root) == nil {
				t.Fatalf("another head of %d passed in %d", from, size)
			}
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	tree, _ := OpenTree(0, merkletest.Tiles{})
	leaf := LeafHash([]byte("event"))
	for b.Loop() {
		tree.Append(leaf)
	}
}
