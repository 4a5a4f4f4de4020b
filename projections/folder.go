package projections

import (
	"time"

	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/viewdb"
)

// folder is the fold of the facts of a summit into the tables of [item]. It keeps
// what was written last, so that it need not be read again.
type folder struct{ recent *recent }

// newFolder returns the fold of one file.
func newFolder() *folder { return &folder{recent: newRecent()} }

// Version returns the version of the views.
func (*folder) Version() int { return version }

// Tables returns the tables that the log alone determines.
func (*folder) Tables() []string { return Tables }

// Ascending returns the tables whose keys mostly ascend.
func (*folder) Ascending() []string { return Ascending }

// Prepare makes the item of a fact and writes it down: most of what a fact costs.
func (*folder) Prepare(epoch string, rec store.Record) (any, error) {
	it := itemOf(rec)
	if it == nil {
		return nil, nil
	}
	return it, it.write(epoch)
}

// itemOf makes the item of a fact; nil for what is none.
func itemOf(rec store.Record) *item {
	if rec.Err != nil {
		return nil
	}
	if _, amends := rec.Event.Amends(); amends {
		return nil
	}
	return newItem(rec.Seq, rec.Event)
}

// Begin begins a batch.
func (f *folder) Begin(tx *viewdb.Tx, at cursor) (Batch, error) { return newWriter(tx, at, f.recent) }

// KnownAt returns when an event became known.
func (*folder) KnownAt(tx *viewdb.Tx, seq uint64) (time.Time, error) {
	row, err := readEvent(tx, seq)
	return time.Unix(0, row.known).UTC(), err
}

// Forget drops what is kept.
func (f *folder) Forget() { f.recent.forget() }
