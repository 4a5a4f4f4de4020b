package engine

import (
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/store/viewdb"
)

// The tables that the engine keeps beside those of the fold.
const (
	tableMeta  = "meta"  // name → the cursor, and what it is of
	tableTiles = "tiles" // level | index → hashes of the Merkle tree
)

// Cursor is how far the views are, and what the log looked like there. The
// leaf and the root let a later start notice that the log is another one.
type Cursor struct {
	Version int    `json:"version"`
	Epoch   string `json:"epoch"`
	Seq     uint64 `json:"seq"`
	Leaf    []byte `json:"leaf"`
	Root    []byte `json:"root"`
	// Quarantined is how many events were set aside.
	Quarantined uint64 `json:"quarantined,omitzero"`
}

// cursorText is a cursor with its text in the file.
type cursorText struct {
	Cursor
	text []byte
}

var cursorKey = []byte("cursor")

// Position returns the position of the last event.
func (c Cursor) Position() events.Position { return events.Position{Epoch: c.Epoch, Seq: c.Seq} }

// readCursor reads the cursor of a file; in a new one it is zero, and of the
// version of this program.
func readCursor(tx *viewdb.Tx, version int) (Cursor, error) {
	b := tx.Get(tableMeta, cursorKey)
	if b == nil {
		return Cursor{Version: version}, nil
	}
	var c Cursor
	if err := json.Unmarshal(b, &c); err != nil {
		return Cursor{}, fmt.Errorf("read the cursor: %w", err)
	}
	return c, nil
}

func (c Cursor) write(tx *viewdb.Tx) error {
	b, err := json.Marshal(c, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("encode the cursor: %w", err)
	}
	return tx.Put(tableMeta, cursorKey, b)
}

// tileStore keeps the tiles of the Merkle tree in the view file.
type tileStore struct{ tx *viewdb.Tx }

// Tile reads a tile, or nil if there is none.
func (s tileStore) Tile(level int, index int64) ([]byte, error) {
	return s.tx.Get(tableTiles, keys.Pair(uint64(level), uint64(index))), nil
}

// SetTile writes a tile.
func (s tileStore) SetTile(level int, index int64, hashes []byte) error {
	return s.tx.Put(tableTiles, keys.Pair(uint64(level), uint64(index)), hashes)
}
