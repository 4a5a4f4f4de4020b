package merkle

import (
	"slices"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	middle = 4           // the level within a tile whose hashes are remembered
	group  = 1 << middle // hashes of a tile below one of them
	// mostMiddles is how many tiles are remembered: 2 MiB. Above it all are forgotten.
	mostMiddles = 4096
)

// Middles remembers hashes between those that the tiles of one tree have, so that a proof
// computes a tenth of them anew. It trusts what it has seen: where a tile must be read again to
// notice that it was altered, use the tiles alone. The zero value is ready for use.
type Middles struct {
	mu    sync.Mutex // guards tiles
	tiles map[tileID][]Hash
}

type tileID struct {
	level int
	index int64
}

// Over returns a store whose proofs use what is remembered.
func (m *Middles) Over(s Store) Store { return &remembered{s, m} }

type remembered struct {
	Store
	middles *Middles
}

// of returns the middle hashes of a tile that has at least so many hashes. Those of
// full groups never change.
func (m *Middles) of(id tileID, tile []byte, upTo int) []Hash {
	groups := upTo / group
	m.mu.Lock()
	have := m.tiles[id]
	m.mu.Unlock()
	if len(have) >= groups {
		return have
	}
	made := slices.Clip(have)
	for n := len(made); n < groups; n++ {
		made = append(made, perfect(row(tile, n*group, group)))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tiles == nil || len(m.tiles) >= mostMiddles {
		m.tiles = map[tileID][]Hash{}
	}
	m.tiles[id] = made
	return made
}

// row returns some of the hashes of a tile.
func row(tile []byte, from, count int) []Hash {
	list := make([]Hash, count)
	for i := range list {
		list[i] = Hash(tile[(from+i)*tlog.HashSize : (from+i+1)*tlog.HashSize])
	}
	return list
}
