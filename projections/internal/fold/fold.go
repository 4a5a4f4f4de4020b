// Package fold folds the facts of a summit into the tables of package item.
//
// A fact goes one way: it is decoded and written down ahead of the transaction
// (fold.go), admitted (admit.go), put into the lists of the index (place.go) or
// applied to the fact that it amends (amend.go), the plans of its entity are
// brought up to date (plan.go, deadline.go), the rules look for contradictions
// (judge.go), and its rows are put (batch.go). DESIGN.md has the reasons.
package fold

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/summit-timeline/summit/projections/internal/engine"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/posting"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Fold is the fold of the facts of a summit into the tables of [item]. It keeps
// what was written last, so that it need not be read again.
type Fold struct{ recent *recent }

// New returns the fold of one file.
func New() *Fold { return &Fold{recent: newRecent()} }

// Version returns the version of the views.
func (*Fold) Version() int { return item.Version }

// Tables returns the tables that the log alone determines.
func (*Fold) Tables() []string { return item.Tables }

// Ascending returns the tables whose keys mostly ascend.
func (*Fold) Ascending() []string { return item.Ascending }

// Prepare makes the item of a fact and writes it down: most of what a fact costs.
func (*Fold) Prepare(epoch string, rec store.Record) (any, error) {
	it := itemOf(rec)
	if it == nil {
		return nil, nil
	}
	return it, it.Write(epoch)
}

// itemOf returns the item of a fact, or nil for other events.
func itemOf(rec store.Record) *item.Item {
	if rec.Err != nil {
		return nil
	}
	if _, amends := rec.Event.Amends(); amends {
		return nil
	}
	return item.New(rec.Seq, rec.Event)
}

// Begin begins a batch.
func (f *Fold) Begin(tx *viewdb.Tx, at engine.Cursor) (engine.Batch, error) {
	return newBatch(tx, at, f.recent)
}

// KnownAt returns when an event became known.
func (*Fold) KnownAt(tx *viewdb.Tx, seq uint64) (time.Time, error) {
	row, err := item.ReadEvent(tx, seq)
	return time.Unix(0, row.Known).UTC(), err
}

// Forget drops what was kept.
func (f *Fold) Forget() { f.recent.forget() }

// recent is what the batches of one file keep from one transaction to the next,
// so that it need not be read again. It holds nothing that the file does not.
// If a batch is rolled back, all of it is dropped.
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
		panic("fold: " + err.Error()) // the size is a constant above zero
	}
	ends, err := lru.NewLRU[string, *posting.Tail](keptEnds, nil)
	if err != nil {
		panic("fold: " + err.Error()) // the same
	}
	return &recent{items: items, ends: ends}
}

func (m *recent) forget() {
	m.items.Purge()
	m.ends.Purge()
}
