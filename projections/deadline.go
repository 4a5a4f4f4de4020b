package projections

import (
	"errors"
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
