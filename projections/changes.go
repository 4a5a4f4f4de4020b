package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/viewdb"
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

// touched lists the facts that events of (since, until] made or amended, in
// the order of the first.
func (r *reader) touched(ctx context.Context, since, until uint64) ([]uint64, error) {
	var facts []uint64
	seen := map[uint64]bool{}
	for k, v := range r.tx.Scan(tableEvents, viewdb.Range{From: seqKey(since + 1), To: seqKey(until + 1)}) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row, err := decodeEventRow(v)
		if err != nil {
			return nil, fmt.Errorf("read event %d: %w", seqOf(k), err)
		}
		if row.fact == 0 || seen[row.fact] {
			continue
		}
		seen[row.fact] = true
		facts = append(facts, row.fact)
	}
	return facts, nil
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
