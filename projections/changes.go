package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
)

// Changes reads all that knowledge changed between two positions, for who knows
// that they are near; [Engine.ChangesPage] reads a part of it.
func (e *Engine) Changes(ctx context.Context, since, until Reading, now time.Time) (Changes, error) {
	if since.Seq > until.Seq {
		return Changes{}, afterUntil(since.Seq, until.Seq)
	}
	c := noChanges()
	err := e.view(func(r *reader) error { return r.changes(ctx, &c, since, until, now) })
	return c, err
}

func afterUntil(since, until uint64) *ParamError {
	return &ParamError{"since", fmt.Sprintf("%d is after until, %d", since, until)}
}

func noChanges() Changes {
	return Changes{
		Added: []jsontext.Value{}, Corrected: []CorrectedFact{}, Retracted: []jsontext.Value{},
		Restored: []jsontext.Value{}, Standing: []StandingChange{}, Status: []Difference{},
	}
}

func (r *reader) changes(ctx context.Context, c *Changes, since, until Reading, now time.Time) error {
	c.Stamp = r.stamp(until)
	c.Since = c.Known
	c.Since.Seq = since.Seq
	judge, err := r.judge(until, now)
	if err != nil {
		return err
	}
	facts, err := r.touched(ctx, since.Seq, until.Seq)
	if err != nil {
		return err
	}
	for _, fact := range facts {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.change(c, fact, since.Seq, until.Seq, judge); err != nil {
			return err
		}
	}
	return r.statusChanges(ctx, since.Seq, until.Seq, "", func(d Difference) bool {
		c.Status = append(c.Status, d)
		return true
	})
}

func (r *reader) change(c *Changes, fact, since, until uint64, judge time.Time) error {
	row, err := readRow(r.tx, fact, until)
	if err != nil {
		return err
	}
	after, err := row.item()
	if err != nil {
		return err
	}
	item, err := r.assemble(fact, row, until, judge)
	if err != nil {
		return err
	}
	if fact > since {
		if !after.hidden() {
			c.Added = append(c.Added, item)
		}
		return nil
	}
	old, err := readRow(r.tx, fact, since)
	if err != nil {
		return err
	}
	before, err := old.item()
	if err != nil {
		return err
	}
	changes, err := differenceOf(before, after)
	if err != nil {
		return err
	}
	if len(changes) > 0 {
		c.Corrected = append(c.Corrected, CorrectedFact{Fact: after.id, Headline: events.Headline(after.data, after.entity.Called()), Changes: changes})
	}
	c.judged(after, old, row, judge, len(changes) > 0)
	switch {
	case after.hidden(): // it is no item: the status tells
	case after.retracted && !before.retracted:
		c.Retracted = append(c.Retracted, item)
	case before.retracted && !after.retracted:
		c.Restored = append(c.Restored, item)
	}
	return nil
}

// judged adds how a fact stood and stands where that differs, or where it was
// amended and says what it said. Time alone makes no difference.
func (c *Changes) judged(it *item, old, row itemRow, judge time.Time, corrected bool) {
	was, now := old.standing(judge), row.standing(judge)
	if was == now && (corrected || row.amendments == old.amendments) {
		return
	}
	c.Standing = append(c.Standing, StandingChange{Fact: it.id, Headline: events.Headline(it.data, it.entity.Called()), Was: was, Now: now})
}
