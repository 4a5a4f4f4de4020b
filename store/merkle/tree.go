package merkle

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a SHA-256 hash in the tree.
type Hash = tlog.Hash

const (
	// HashSize is the number of bytes of a hash.
	HashSize = tlog.HashSize
	// TileWidth is the most hashes in a tile, and entries in a bundle.
	TileWidth = width

	height = 8           // of a tile
	width  = 1 << height // most hashes in a tile
)

// LeafHash is the hash of an entry: SHA-256(0x00 ‖ entry), RFC 6962, 2.1.
func LeafHash(entry []byte) Hash { return tlog.RecordHash(entry) }

// Store keeps tiles. The tile at level L with index N holds, in order, the
// hashes of up to 256 perfect subtrees of 256^L leaves, from number N·256 on.
type Store interface {
	// Tile returns the hashes, 32 bytes each, or nil if there are none.
	Tile(level int, index int64) ([]byte, error)
	// SetTile keeps them.
	SetTile(level int, index int64, hashes []byte) error
}

// Tree is a growing tree. Its right edge is in memory until Flush.
type Tree struct {
	store Store
	size  int64
	edge  []edge // one a level, the lowest first
	full  []fullTile
}

// edge is the tile at the right end of a level, not yet full.
type edge struct {
	index  int64
	hashes []Hash
	dirty  bool
}

type fullTile struct {
	level  int
	index  int64
	hashes []byte
}

// OpenTree reads the right edge of a tree of a size.
func OpenTree(size int64, s Store) (*Tree, error) {
	t := &Tree{store: s, size: size}
	for level, n := 0, size; n > 0; level, n = level+1, n>>height {
		e := edge{index: n / width}
		b, err := s.Tile(level, e.index)
		if err != nil {
			return nil, fmt.Errorf("read tile %d/%d: %w", level, e.index, err)
		}
		count := int(n % width)
		if len(b) < count*tlog.HashSize {
			return nil, fmt.Errorf("tile %d/%d has %d bytes; a tree of %d needs %d", level, e.index, len(b), size, count*tlog.HashSize)
		}
		for i := range count {
			e.hashes = append(e.hashes, Hash(b[i*tlog.HashSize:(i+1)*tlog.HashSize]))
		}
		t.edge = append(t.edge, e)
	}
	return t, nil
}

// Size is the number of leaves.
func (t *Tree) Size() int64 { return t.size }

// Append adds a leaf.
func (t *Tree) Append(leaf Hash) {
	t.size++
	t.push(0, leaf)
}

func (t *Tree) push(level int, h Hash) {
	if level == len(t.edge) {
		t.edge = append(t.edge, edge{})
	}
	e := &t.edge[level]
	e.hashes = append(e.hashes, h)
	e.dirty = true
	if len(e.hashes) < width {
		return
	}
	t.full = append(t.full, fullTile{level, e.index, join(e.hashes)})
	up := perfect(e.hashes)
	e.index, e.hashes, e.dirty = e.index+1, e.hashes[:0], false
	t.push(level+1, up)
}

// Flush writes each tile that changed, once.
func (t *Tree) Flush() error {
	for _, f := range t.full {
		if err := t.store.SetTile(f.level, f.index, f.hashes); err != nil {
			return fmt.Errorf("write tile %d/%d: %w", f.level, f.index, err)
		}
	}
	t.full = nil
	for level := range t.edge {
		e := &t.edge[level]
		if !e.dirty {
			continue
		}
		if err := t.store.SetTile(level, e.index, join(e.hashes)); err != nil {
			return fmt.Errorf("write tile %d/%d: %w", level, e.index, err)
		}
		e.dirty = false
	}
	return nil
}

// Root is the tree's head: RFC 6962, 2.1. The empty tree has the hash of the
// empty text.
func (t *Tree) Root() (Hash, error) {
	if t.size == 0 {
		return tlog.TreeHash(0, nil)
	}
	var root Hash
	have := false
	for _, e := range t.edge {
		end := len(e.hashes)
		for span := 1; span <= end; span <<= 1 {
			if len(e.hashes)&span == 0 {
				continue
			}
			h := perfect(e.hashes[end-span : end])
			if have {
				h = tlog.NodeHash(h, root)
			}
			root, have = h, true
			end -= span
		}
	}
	return root, nil
}

// perfect is the root of a perfect subtree over the hashes.
func perfect(hashes []Hash) Hash {
	row := append([]Hash(nil), hashes...)
	for len(row) > 1 {
		for i := range len(row) / 2 {
			row[i] = tlog.NodeHash(row[2*i], row[2*i+1])
		}
		row = row[:len(row)/2]
	}
	return row[0]
}

func join(hashes []Hash) []byte {
	b := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		b = append(b, h[:]...)
	}
	return b
}
