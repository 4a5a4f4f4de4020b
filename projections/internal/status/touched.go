package status

import (
	"fmt"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/posting"
)

// touch finds the entities that may stand otherwise.
func (x *comparison) touch() error {
	facts, err := x.Reader.Touched(x.ctx, x.was.known, x.now.known)
	if err != nil {
		return err
	}
	for _, fact := range facts {
		if err := x.touchFact(fact); err != nil {
			return err
		}
	}
	if x.was.known == 0 {
		return nil // all that there is was touched
	}
	due := posting.Walk{
		List: item.ListDeadline, Known: x.now.known,
		From: &posting.Place{Key: x.was.present.UnixNano()}, To: &posting.Place{Key: x.now.present.UnixNano()},
	}
	for p := range due.Places(x.Tx) {
		if err := x.touchFact(p.Fact); err != nil {
			return err
		}
	}
	return nil
}

// touchFact adds what a fact is about, and what a statement denies or denied: it is
// disputed by that.
func (x *comparison) touchFact(fact uint64) error {
	if err := x.ctx.Err(); err != nil {
		return err
	}
	row, err := x.touchAbout(fact)
	if err != nil || row.Type != events.TypeStatementMade {
		return err
	}
	for _, known := range []uint64{x.was.known, x.now.known} {
		if fact > known {
			continue
		}
		denied, err := item.DeniedAt(x.Tx, fact, known)
		if err != nil {
			return err
		}
		if denied == 0 {
			continue
		}
		if _, err := x.touchAbout(denied); err != nil {
			return err
		}
	}
	return nil
}

// touchAbout adds what a fact is about.
func (x *comparison) touchAbout(fact uint64) (item.Row, error) {
	row, err := item.ReadRow(x.Tx, fact, x.now.known)
	if err != nil {
		return row, err
	}
	name, err := item.EntityIn(row.Core)
	if err != nil {
		return row, err
	}
	entity, err := events.ParseEntity(string(name))
	if err != nil {
		return row, fmt.Errorf("read fact %d: %w", fact, err)
	}
	x.touched[entity] = true
	return row, x.touchAboard(entity)
}

// touchAboard adds who may be aboard what was touched, and what they may be aboard of
// instead.
func (x *comparison) touchAboard(entity events.Entity) error {
	passengers, err := x.now.noted(item.ListAboard + entity.String() + "/")
	if err != nil {
		return err
	}
	for _, who := range append(passengers, entity.String()) {
		carriers, err := x.now.noted(item.ListCarrier + who + "/")
		if err != nil {
			return err
		}
		for _, other := range append(carriers, who) {
			if e, err := events.ParseEntity(other); err == nil {
				x.touched[e] = true
			}
		}
	}
	return nil
}
