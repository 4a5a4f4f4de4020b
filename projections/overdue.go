package projections

import (
	"bytes"
	"time"

	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/store/viewdb"
)

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
	past := viewdb.Range{To: keys.Seq(keys.Ordered(now.UnixNano())), Reverse: true}
	k, _, ok := r.Tx.Cursor(item.TableDue, past).Next()
	if !ok {
		return 0
	}
	return int64(keys.Uint64(bytes.Clone(k)) ^ (1 << 63))
}
