package projections

import (
	"strings"
	"sync"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/naming"
)

// nameKey is what names are compared by: as they are written, and in any spelling.
type nameKey struct {
	written  string // see [events.NameKey]
	spelling string // see [naming.Spelling]
	joined   string // see [naming.Joined]
}

func keyOf(name string) nameKey {
	spelling := naming.Spelling(name)
	return nameKey{events.NameKey(strings.TrimSpace(name)), spelling, naming.Joined(spelling)}
}

// nameKeys keeps what names are compared by: completion compares all of them at each letter that
// is typed. What is kept depends on the name alone.
type nameKeys struct {
	mu   sync.RWMutex
	size int
	all  map[string]nameKey
}

// mostNameKeys is how many bytes are kept, about. Above it all is forgotten.
const mostNameKeys = 4 << 20

func (n *nameKeys) of(name string) nameKey {
	n.mu.RLock()
	have, kept := n.all[name]
	n.mu.RUnlock()
	if kept {
		return have
	}
	made := keyOf(name)
	const entry = 128 // what the map takes for it
	size := entry + len(name) + len(made.written) + len(made.spelling) + len(made.joined)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.all == nil || n.size+size > mostNameKeys {
		n.size, n.all = 0, map[string]nameKey{}
	}
	n.size += size
	n.all[name] = made
	return made
}
