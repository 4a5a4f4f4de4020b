// Package merkletest is test support for Merkle trees.
package merkletest

import "fmt"

// Tiles keeps the tiles of a tree in memory. It is a merkle.Store.
type Tiles map[string][]byte

// Tile returns a tile, or nil if there is none.
func (m Tiles) Tile(level int, index int64) ([]byte, error) {
	return m[fmt.Sprint(level, "/", index)], nil
}

// SetTile stores a tile.
func (m Tiles) SetTile(level int, index int64, hashes []byte) error {
	m[fmt.Sprint(level, "/", index)] = hashes
	return nil
}
