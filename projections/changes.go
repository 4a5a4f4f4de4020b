package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
)

// Changes reads all that knowledge changed between two positions, for who knows
// that they are near; [Engine.ChangesPage] reads a part of it.
func (e *Engine) Changes(ctx context.Context, since, until AsOf, now time.Time) (Changes, error) {
	if since.Seq > until.Seq {
		return Changes{}, afterUntil(since.Seq, until.Seq)
	}
	c := noChanges()
	err := e.view(func(r *reader) error { return r.changes(ctx, &c, since, until, now) })
	return c, err
}

func afterUntil(since, until uint64) *ParamError {
	return &ParamError{Name: "since", Detail: fmt.Sprintf("%d is after until, %d", since, until)}
}

func noChanges() Changes {
	return Changes{
		Added: []jsontext.Value{}, Corrected: []CorrectedFact{}, Retracted: []jsontext.Value{},
		Restored: []jsontext.Value{}, Standing: []StandingChange{}, Status: []Difference{},
	}
}

func (r *reader) changes(ctx context.Context, c *Changes, since, until AsOf, now time.Time) error {
	c.Stamp = r.Stamp(until)
	c.Since = c.Known
	c.Since.Seq = since.Seq
	present, err := r.Present(until, now)
	if err != nil {
		return err
	}
	facts, err := r.Touched(ctx, since.Seq, until.Seq)
	if err != nil {
		return err
	}
	for _, fact := range facts {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.change(c, fact, since.Seq, until.Seq, present); err != nil {
			return err
		}
	}
	return r.Changes(ctx, since.Seq, until.Seq, "", func(d Difference) bool {
		c.Status = append(c.Status, d)
		return true
	})
}

func (r *reader) change(c *Changes, fact, since, until uint64, present time.Time) error {
	row, err := item.ReadRow(r.Tx, fact, until)
	if err != nil {
		return err
	}
	after, err := row.Item()
	if err != nil {
		return err
	}
	shown, err := r.assemble(fact, row, until, present)
	if err != nil {
		return err
	}
	if fact > since {
		if !after.Hidden() {
			c.Added = append(c.Added, shown)
		}
		return nil
	}
	old, err := item.ReadRow(r.Tx, fact, since)
	if err != nil {
		return err
	}
	before, err := old.Item()
	if err != nil {
		return err
	}
	changes, err := item.DifferenceOf(before, after)
	if err != nil {
		return err
	}
	if len(changes) > 0 {
		c.Corrected = append(c.Corrected, CorrectedFact{Fact: after.ID, Headline: events.Headline(after.Data, after.Entity.Called()), Changes: changes})
	}
	c.judged(after, old, row, present, len(changes) > 0)
	switch {
	case after.Hidden(): // it is no item: the status has it
	case after.Retracted && !before.Retracted:
		c.Retracted = append(c.Retracted, shown)
	case before.Retracted && !after.Retracted:
		c.Restored = append(c.Restored, shown)
	}
	return nil
}

// judged adds how a fact stood and stands where that differs, or where it was
// amended and says what it said. Time alone makes no difference.
func (c *Changes) judged(it *item.Item, old, row item.Row, present time.Time, corrected bool) {
	was, now := old.Standing(present), row.Standing(present)
	if was == now && (corrected || row.Amendments == old.Amendments) {
		return
	}
	c.Standing = append(c.Standing, StandingChange{Fact: it.ID, Headline: events.Headline(it.Data, it.Entity.Called()), Was: was, Now: now})
}
