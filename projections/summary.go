package projections

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/summit-timeline/summit/events"
)

// Summary reads what a summit says of itself.
func (e *Engine) Summary(ctx context.Context, at Reading) (Summary, error) {
	var s Summary
	err := e.view(func(r *reader) (err error) {
		s, err = r.summary(ctx, at)
		return err
	})
	return s, err
}

func (r *reader) summary(ctx context.Context, at Reading) (Summary, error) {
	s := Summary{Stamp: r.stamp(at), ID: r.summit, Phase: "opened"}
	row, err := readEvent(r.tx, at.Seq)
	if err != nil || at.Seq == 0 {
		return s, err
	}
	s.Facts, s.Events, s.Amendments = uint64(row.facts), at.Seq, uint64(row.amendments)
	s.LastRecorded = time.Unix(0, row.known).UTC()
	if s.Phase, err = r.phase(ctx, at.Seq); err != nil {
		return s, err
	}
	opening, err := readItem(r.tx, 1, at.Seq)
	if err != nil {
		return s, nil //nolint:nilerr // an opening that could not be read is named as quarantined
	}
	if d, ok := opening.data.(*events.SummitOpened); ok {
		s.Title, s.Zone, s.Zones, s.Place, s.Starts, s.Ends, s.Parties = d.Title, d.Zone, d.Zones, d.Place, d.Starts, d.Ends, d.Parties
	}
	return s, nil
}

// phase is how far the talks are as known at a position: time alone changes
// nothing about it.
func (r *reader) phase(ctx context.Context, known uint64) (string, error) {
	key := statusKey{seq: known, phase: true}
	if s, ok := r.statuses.Get(key); ok {
		return s.status.Phase, nil
	}
	c := r.composer(ctx, known, time.Time{})
	states, err := c.talks(nil)
	if err != nil {
		return "", fmt.Errorf("compose the phase at %d: %w", known, err)
	}
	if c.status.Phase, err = c.phase(states); err != nil {
		return "", fmt.Errorf("compose the phase at %d: %w", known, err)
	}
	r.statuses.Add(key, composed{status: &Status{Phase: c.status.Phase}})
	return c.status.Phase, nil
}

// talks counts the talks of the summit by their state, but those that are left
// out.
func (c *composer) talks(but map[events.Entity]bool) (map[string]int, error) {
	list := c.entities(string(events.KindMeeting) + "/")
	list = slices.DeleteFunc(list, func(l *lists) bool { return but[l.entity] })
	brief := *c
	brief.brief, brief.status = true, newStatus(c.status.Summit)
	err := brief.entries(list)
	return talksOf(brief.status.Meetings), err
}
