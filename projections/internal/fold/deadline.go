package fold

import (
	"errors"

	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/posting"
)

// keepDeadline keeps the table of the instants at which current plans become
// overdue, by instant and fact, as of the last event, and lists those that ever
// were.
func (w *batch) keepDeadline(it *item.Item, seq uint64) error {
	at, was := it.OverdueAt(), int64(0)
	if seq > it.Seq {
		row, err := item.ReadRow(w.tx, it.Seq, seq)
		if err != nil && !errors.Is(err, item.ErrNoVersion) {
			return err
		}
		was = row.OverdueAt
	}
	if at == was {
		return nil
	}
	if was != 0 {
		if err := w.tx.Delete(item.TableDue, item.DueKey(was, it.Seq)); err != nil {
			return err
		}
	}
	if at == 0 {
		return nil
	}
	if err := posting.Add(w.tx, posting.Posting{List: item.ListDeadline, Key: at}, it.Seq, seq); err != nil {
		return err
	}
	return w.tx.Put(item.TableDue, item.DueKey(at, it.Seq), nil)
}
