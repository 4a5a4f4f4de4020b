package fold

import (
	lru "github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/posting"
)

// recent is what the writers of one file keep from one transaction to the next,
// so that it need not be read again. It says nothing that the file does not.
// Where what a writer put is taken back, all of it is forgotten.
type recent struct {
	items *lru.LRU[uint64, *item.Item]    // newest versions of the facts that were folded last
	ends  *lru.LRU[string, *posting.Tail] // ends of the lists that were looked at last
}

const (
	keptItems = 8192 // a few kilobytes each
	keptEnds  = 8192 // a few hundred bytes each
)

func newRecent() *recent {
	items, err := lru.NewLRU[uint64, *item.Item](keptItems, nil)
	if err != nil {
		panic("projections: " + err.Error()) // the size is a constant above zero
	}
	ends, err := lru.NewLRU[string, *posting.Tail](keptEnds, nil)
	if err != nil {
		panic("projections: " + err.Error()) // the same
	}
	return &recent{items: items, ends: ends}
}

func (m *recent) forget() {
	m.items.Purge()
	m.ends.Purge()
}
