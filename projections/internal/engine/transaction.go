package engine

import (
	"errors"
	"fmt"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/viewdb"
)

// folded is what a transaction came to.
type folded struct {
	head     Cursor
	latest   time.Time // knowledge time of the last event
	aside    []Aside
	failures map[uint64]error // why the program failed on events
}

// foldBatch applies a batch to a file in one transaction. If that fails,
// nothing of it stands: neither in the file nor in what is kept of it. An event
// that the program fails on, by an error or a panic, is set aside, and the batch
// is folded again without it: whoever folds the same log sets the same events
// aside.
func foldBatch(db *viewdb.DB, fold Fold, batch []Event) (folded, error) {
	for {
		done, err := foldOnce(db, fold, batch)
		if err == nil {
			return done, nil
		}
		fold.Forget()
		seq := culprit(err)
		if seq < batch[0].Seq || seq > batch[len(batch)-1].Seq || batch[seq-batch[0].Seq].Failed != nil {
			return folded{}, err
		}
		for i, e := range batch {
			batch[i] = e.mark(seq, err)
		}
	}
}

func foldOnce(db *viewdb.DB, fold Fold, batch []Event) (done folded, err error) {
	var hand uint64
	defer Caught(&hand, &err)
	err = db.Update(func(tx *viewdb.Tx) error {
		at, err := readCursor(tx, fold.Version())
		if err != nil {
			return err
		}
		t, err := begin(tx, fold, at)
		if err != nil {
			return err
		}
		for _, e := range batch {
			hand = e.Seq
			if err := t.apply(e); err != nil {
				return err
			}
		}
		hand = 0 // no event is to blame any more
		done, err = t.finish()
		done.failures = failuresOf(batch)
		return err
	})
	return done, err
}

// transaction puts the events of a batch into the tree and has the fold put their
// rows.
type transaction struct {
	tx   *viewdb.Tx
	rows Batch
	tree *merkle.Tree
	at   Cursor
}

func begin(tx *viewdb.Tx, fold Fold, at Cursor) (*transaction, error) {
	tree, err := merkle.OpenTree(int64(at.Seq), tileStore{tx})
	if err != nil {
		return nil, fmt.Errorf("open the tree: %w", err)
	}
	rows, err := fold.Begin(tx, at)
	return &transaction{tx: tx, rows: rows, tree: tree, at: at}, err
}

// apply folds the next event of the log. The error is an *eventError where the
// event is to blame.
func (t *transaction) apply(e Event) error {
	if e.Seq != t.at.Seq+1 {
		return &store.GapError{Want: t.at.Seq + 1, Got: e.Seq}
	}
	t.tree.Append(e.leaf)
	if e.Seq == 1 {
		t.at.Epoch = events.EpochOf(e.Raw)
	}
	t.at.Seq, t.at.Leaf = e.Seq, e.leaf[:]
	if err := t.rows.Apply(e); err != nil {
		return &eventError{e.Seq, err}
	}
	return nil
}

// finish writes what was kept for the end of the transaction.
func (t *transaction) finish() (folded, error) {
	out, err := t.rows.Finish()
	if err != nil {
		return folded{}, err
	}
	if err := t.tree.Flush(); err != nil {
		return folded{}, fmt.Errorf("write the tree: %w", err)
	}
	root, err := t.tree.Root()
	if err != nil {
		return folded{}, fmt.Errorf("root of the tree: %w", err)
	}
	t.at.Root = root[:]
	t.at.Quarantined += uint64(len(out.Aside))
	return folded{head: t.at, latest: out.Known, aside: out.Aside}, t.at.write(t.tx)
}

func failuresOf(batch []Event) map[uint64]error {
	var all map[uint64]error
	for _, e := range batch {
		if e.Failed == nil {
			continue
		}
		if all == nil {
			all = map[uint64]error{}
		}
		all[e.Seq] = e.Failed
	}
	return all
}

// stackOf returns where a panic happened, or "" if there was none.
func stackOf(err error) string {
	if bug := (*PanicError)(nil); errors.As(err, &bug) {
		return string(bug.Stack)
	}
	return ""
}

func eventOf(rec store.Record) Event { return Event{Record: rec, leaf: merkle.LeafHash(rec.Raw)} }

// prepare has the fold work out most of what an event costs. One that it fails on
// is marked.
func (e *Event) prepare(fold Fold, epoch string) { e.Failed = e.tryPrepare(fold, epoch) }

func (e *Event) tryPrepare(fold Fold, epoch string) (err error) {
	defer Caught(&e.Seq, &err)
	e.Prepared, err = fold.Prepare(epoch, e.Record)
	return err
}

// mark begins an event again in a batch that failed: what a fold that was taken
// back has noted in what was prepared must not stay. why is set for the event that
// is to blame.
func (e Event) mark(seq uint64, why error) Event {
	e.Prepared = nil
	if e.Seq == seq {
		e.Failed = why
	}
	return e
}
