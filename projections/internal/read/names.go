package read

import (
	"sync"

	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Names keeps what the entities of one file are called, so that a page need not look
// each of them up. All of it is of the names as one event left them: when something
// is named anew, it is forgotten.
type Names struct {
	mu    sync.Mutex
	until uint64
	all   map[string][]item.NameSince
}

// of returns every name of an entity in a transaction in which until was the last event
// that named anything.
func (n *Names) of(tx *viewdb.Tx, entity []byte, until uint64) []item.NameSince {
	n.mu.Lock()
	if n.until == until {
		if names, kept := n.all[string(entity)]; kept {
			n.mu.Unlock()
			return names
		}
	}
	n.mu.Unlock()
	names := item.NamesOf(tx, string(entity))
	n.keep(string(entity), names, until)
	return names
}

func (n *Names) keep(entity string, names []item.NameSince, until uint64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if until < n.until {
		return // a transaction that began before the last naming
	}
	if until > n.until || n.all == nil || len(n.all) >= mostNames {
		n.until, n.all = until, map[string][]item.NameSince{}
	}
	n.all[entity] = names
}
