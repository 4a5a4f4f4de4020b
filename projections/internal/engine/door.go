// Package engine follows a log into a file of views.
//
// It reads the log, hands its events to a [Fold] and keeps, in the same
// transaction as the rows of the fold, the Merkle tree over the events and a
// cursor. It knows no type of fact: what rows follow from an event is the fold's
// to say. It rebuilds a file of another version beside the one that serves,
// begins from the copy of another replica, notices a log that is not what it was,
// and closes the file of views that nobody reads. DESIGN.md has the reasons.
package engine

import (
	"time"

	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Fold is a set of views as the engine sees it. Each open file has a Fold of its
// own, which may keep in memory what the file holds.
type Fold interface {
	// Version is raised whenever the same log gives other rows: a file of another
	// version is then rebuilt beside the one that serves.
	Version() int
	// Tables are those that the log alone determines, in the order of their names.
	// Digests cover them.
	Tables() []string
	// Ascending are the tables whose keys mostly ascend: their pages are filled up.
	Ascending() []string
	// Prepare works out of an event what needs no transaction. It runs ahead of
	// the transactions, on another goroutine, and must use nothing that they do.
	Prepare(epoch string, rec store.Record) (any, error)
	// Begin begins a batch that continues after a cursor.
	Begin(tx *viewdb.Tx, at Cursor) (Batch, error)
	// KnownAt returns when an event of the log became known.
	KnownAt(tx *viewdb.Tx, seq uint64) (time.Time, error)
	// Forget drops all that is kept in memory: what a transaction put was taken
	// back, or the file is not used any more.
	Forget()
}

// Batch puts the rows of events within one transaction. It must be a pure
// function of the log: no clock, no randomness, no network.
type Batch interface {
	// Apply folds the next event. An error, or a panic, is taken to be the event's
	// doing: the transaction is taken back, and the batch folded again with the
	// error in [Event.Failed].
	Apply(Event) error
	// Finish puts what was kept for the end of the transaction.
	Finish() (Outcome, error)
}

// Event is an event on its way into the views.
type Event struct {
	store.Record
	// Prepared is what [Fold.Prepare] returned, or nil if nobody prepared it.
	Prepared any
	// Failed is why the program cannot fold it, or nil if it did not try yet. Such
	// an event must be set aside.
	Failed error

	leaf merkle.Hash
}

// Outcome is what a batch came to.
type Outcome struct {
	Known time.Time // when the last event became known
	Aside []Aside   // events that were set aside
}

// Aside is an event that was set aside: it stands in the log and in the tree, and
// changes nothing else.
type Aside struct {
	Seq    uint64
	Kind   store.Reason
	Reason string
}
