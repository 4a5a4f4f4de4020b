package projections

import (
	"errors"
	"time"

	"github.com/summit-timeline/summit/store/viewdb"
)

// folded is what a transaction came to.
type folded struct {
	head     cursor
	latest   time.Time // knowledge time of the last event
	aside    []Quarantined
	failures map[uint64]error // why the program failed on events
}

// fold applies a batch to a file in one transaction. Where that fails, nothing
// of it stands: neither in the file nor in what is kept of it. An event that
// the program fails on, by an error or a panic, is set aside, and the batch is
// folded again without it: whoever folds the same log sets the same events
// aside.
func fold(db *viewdb.DB, batch []ready, known *recent) (folded, error) {
	for {
		done, err := foldOnce(db, batch, known)
		if err == nil {
			return done, nil
		}
		known.forget()
		seq := culprit(err)
		if seq < batch[0].Seq || seq > batch[len(batch)-1].Seq || batch[seq-batch[0].Seq].failed != nil {
			return folded{}, err
		}
		for i, rec := range batch {
			batch[i] = rec.mark(seq, err)
		}
	}
}

func foldOnce(db *viewdb.DB, batch []ready, known *recent) (done folded, err error) {
	var hand uint64
	defer caught(&hand, &err)
	err = db.Update(func(tx *viewdb.Tx) error {
		at, err := readCursor(tx)
		if err != nil {
			return err
		}
		w, err := newWriter(tx, at, known)
		if err != nil {
			return err
		}
		for _, rec := range batch {
			hand = rec.Seq
			if err := w.apply(rec); err != nil {
				return err
			}
			if err := tx.LetGo(); err != nil {
				return err
			}
		}
		hand = 0 // no event is to blame any more
		done = folded{aside: w.aside, failures: failuresOf(batch)}
		done.head, err = w.finish()
		done.latest = time.Unix(0, w.last.known).UTC()
		return err
	})
	return done, err
}

func failuresOf(batch []ready) map[uint64]error {
	var all map[uint64]error
	for _, rec := range batch {
		if rec.failed == nil {
			continue
		}
		if all == nil {
			all = map[uint64]error{}
		}
		all[rec.Seq] = rec.failed
	}
	return all
}

// stackOf is where a panic happened; "" where there was none.
func stackOf(err error) string {
	if bug := (*PanicError)(nil); errors.As(err, &bug) {
		return string(bug.Stack)
	}
	return ""
}
