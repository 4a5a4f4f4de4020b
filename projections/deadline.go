package projections

import (
	"bytes"
	"encoding/binary"
	"errors"
	"time"

	"github.com/summit-timeline/summit/store/viewdb"
)

// keepDeadline keeps the table of the instants at which current plans become
// overdue, by instant and fact, as of the last event, and lists those that ever
// were.
func (w *writer) keepDeadline(it *item, seq uint64) error {
	at, was := it.overdueAt(), int64(0)
	if seq > it.seq {
		row, err := readRow(w.tx, it.seq, seq)
		if err != nil && !errors.Is(err, errNoVersion) {
			return err
		}
		was = row.overdueAt
	}
	if at == was {
		return nil
	}
	if was != 0 {
		if err := w.tx.Delete(tableDue, dueKey(was, it.seq)); err != nil {
			return err
		}
	}
	if at == 0 {
		return nil
	}
	if err := addPosting(w.tx, posting{listDeadline, at}, it.seq, seq); err != nil {
		return err
	}
	return w.tx.Put(tableDue, dueKey(at, it.seq), nil)
}

func dueKey(at int64, fact uint64) []byte {
	return binary.BigEndian.AppendUint64(seqKey(sortable(at)), fact)
}

// Overdue is the last instant before now at which a current plan became overdue,
// in Unix nanoseconds, or 0: together with the head, all that the latest answers
// depend on.
func (e *Engine) Overdue(now time.Time) int64 {
	var last int64
	_ = e.view(func(r *reader) error { // a file that cannot be read fails the answer itself
		last = r.overdue(now)
		return nil
	})
	return last
}

func (r *reader) overdue(now time.Time) int64 {
	past := viewdb.Range{To: seqKey(sortable(now.UnixNano())), Reverse: true}
	k, _, ok := r.tx.Cursor(tableDue, past).Next()
	if !ok {
		return 0
	}
	return int64(seqOf(bytes.Clone(k)) ^ (1 << 63))
}
