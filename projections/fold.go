package projections

import (
	"fmt"

	"github.com/summit-timeline/summit/events"
)

// amend works out what an amendment does to the fact it amends, directly or
// through other amendments. The error says why it cannot stand; it is of type
// events.Faults unless the view file itself failed.
func (w *writer) amend(seq uint64, e events.Event) (before, after *item, err error) {
	tx := w.tx
	payload, ok := e.Amends()
	if !ok {
		return nil, nil, fmt.Errorf("event %s is no amendment", e.ID)
	}
	target, ok := findID(tx, payload.TargetID())
	if !ok {
		return nil, nil, fault("/data/target", "%s is not in the log of this summit: nothing to amend", payload.TargetID())
	}
	row, err := readEvent(tx, target)
	if err != nil {
		return nil, nil, err
	}
	if row.fact == 0 {
		return nil, nil, fault("/data/target", "event %d could not be read: nothing to amend", target)
	}
	before, err = w.latest(row.fact)
	if err != nil {
		return nil, nil, err
	}
	if e.Subject != before.entity {
		return nil, nil, fault("/subject", "must be %s, the entity of the fact it amends", before.entity)
	}
	a := amendment{seq: seq, id: e.ID, typ: e.Type, target: payload.TargetID(), data: e.Data}
	if target == row.fact {
		after, err = before.amended(a)
	} else {
		after, err = refold(tx, before, a)
	}
	if err != nil {
		return nil, nil, err
	}
	if err := after.confirmed(a); err != nil {
		return nil, nil, err
	}
	if w.strict && !e.Copied && target == row.fact {
		if err := headlineOwed(before, after, a); err != nil {
			return nil, nil, err
		}
	}
	after.amendments = before.amendments + 1
	return before, after, nil
}
