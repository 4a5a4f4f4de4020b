package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/read"
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
	tell := r.Teller(until.Language, until.Seq)
	facts, err := r.Touched(ctx, since.Seq, until.Seq)
	if err != nil {
		return err
	}
	for _, fact := range facts {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.change(c, tell, fact, since.Seq, present); err != nil {
			return err
		}
	}
	return r.Changes(ctx, tell, since.Seq, "", func(d Difference) bool {
		c.Status = append(c.Status, d)
		return true
	})
}

func (r *reader) change(c *Changes, tell *read.Teller, fact, since uint64, present time.Time) error {
	row, err := item.ReadRow(r.Tx, fact, tell.Known())
	if err != nil {
		return err
	}
	after, err := row.Item()
	if err != nil {
		return err
	}
	shown, err := r.assemble(tell, fact, row, present)
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
	headline, err := tell.Headline(row)
	if err != nil {
		return err
	}
	if len(changes) > 0 {
		c.Corrected = append(c.Corrected, CorrectedFact{Fact: after.ID, Headline: headline, Changes: changes})
	}
	c.judged(StandingChange{Fact: after.ID, Headline: headline, Was: old.Standing(present), Now: row.Standing(present)}, len(changes) == 0 && row.Amendments != old.Amendments)
	c.withdrawn(before, after, shown)
	return nil
}

// withdrawn adds a fact that was retracted, or restored.
func (c *Changes) withdrawn(before, after *item.Item, shown jsontext.Value) {
	switch {
	case after.Hidden(): // it is no item: the status has it
	case after.Retracted && !before.Retracted:
		c.Retracted = append(c.Retracted, shown)
	case before.Retracted && !after.Retracted:
		c.Restored = append(c.Restored, shown)
	}
}

// judged adds how a fact stood and stands where that differs, or where it was amended and
// says what it said. Time alone makes no difference.
func (c *Changes) judged(s StandingChange, amended bool) {
	if s.Was != s.Now || amended {
		c.Standing = append(c.Standing, s)
	}
}
