package fold

import (
	"fmt"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
)

// amend works out what an amendment does to the fact it amends, directly or
// through other amendments. The error reports why it cannot stand; it is of type
// events.Faults unless the view file itself failed.
func (w *batch) amend(seq uint64, e events.Event) (before, after *item.Item, err error) {
	tx := w.tx
	payload, ok := e.Amends()
	if !ok {
		return nil, nil, fmt.Errorf("event %s is not an amendment", e.ID)
	}
	target, ok := item.Find(tx, payload.TargetID())
	if !ok {
		return nil, nil, item.Fault("/data/target", "%s is not in the log of this summit, so it cannot be amended", payload.TargetID())
	}
	row, err := item.ReadEvent(tx, target)
	if err != nil {
		return nil, nil, err
	}
	if row.Fact == 0 {
		return nil, nil, item.Fault("/data/target", "event %d could not be read, so it cannot be amended", target)
	}
	before, err = w.latest(row.Fact)
	if err != nil {
		return nil, nil, err
	}
	if e.Subject != before.Entity {
		return nil, nil, item.Fault("/subject", "must be %s, the subject of the fact it amends", before.Entity)
	}
	if err := fitsSealed(tx, target, row.Fact, payload); err != nil {
		return nil, nil, err
	}
	a := item.Amendment{Seq: seq, ID: e.ID, Type: e.Type, Target: payload.TargetID(), Data: e.Data}
	if target == row.Fact {
		after, err = before.Amended(a)
	} else {
		after, err = item.Refold(tx, before, a)
	}
	if err != nil {
		return nil, nil, err
	}
	if err := after.Confirmed(a); err != nil {
		return nil, nil, err
	}
	if w.proposed && !e.Copied && target == row.Fact {
		if err := item.HeadlineOwed(before, after, a); err != nil {
			return nil, nil, err
		}
	}
	after.Amendments = before.Amendments + 1
	return before, after, nil
}
