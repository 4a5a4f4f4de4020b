package engine

import (
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/merkle"
)

// Tree reads the Merkle tree over the events that are served: fn gets the
// position, whose sequence is the size of the tree, and the tiles. They are
// good until fn returns.
func (e *Engine) Tree(fn func(head events.Position, tiles merkle.Store) error) error {
	return e.View(func(s Snapshot) error { return fn(s.Head.Position(), tileStore{s.Tx}) })
}
