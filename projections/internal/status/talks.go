package status

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
)

// talks counts the talks of the summit by their state, but those that are left
// out.
func (c *composer) talks(but map[events.Entity]bool) (map[string]int, error) {
	list := c.entities(string(events.KindMeeting) + "/")
	list = slices.DeleteFunc(list, func(l *lists) bool { return but[l.entity] })
	brief := *c
	brief.brief, brief.status = true, New(c.status.Summit)
	err := brief.entries(list)
	return talksOf(brief.status.Meetings), err
}

// Phase is how far the talks are as known at a position: time alone changes
// nothing about it.
func (r *Reader) Phase(ctx context.Context, known uint64) (string, error) {
	key := Key{seq: known, phase: true}
	if s, ok := r.Statuses.Get(key); ok {
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
	r.Statuses.Add(key, composed{status: &Status{Phase: c.status.Phase}})
	return c.status.Phase, nil
}

// talksOf counts the talks of the summit by their state.
func talksOf(meetings []MeetingStatus) map[string]int {
	states := map[string]int{}
	for _, m := range meetings {
		if m.Kind == "talks" {
			states[m.State]++
		}
	}
	return states
}

// phase is how far the talks of the summit are, of which there are so many in
// each state.
func (c *composer) phase(talks map[string]int) (string, error) {
	summit := events.Entity{Kind: events.KindSummit, ID: c.status.Summit}
	if closed, err := c.facts(item.SlotList(summit.String(), item.SlotClosed)).next(); closed != nil || err != nil {
		return "closed", err
	}
	switch {
	case talks[stateUnderWay] > 0:
		return stateUnderWay, nil
	case talks[stateScheduled] > 0:
		return stateScheduled, nil
	case talks[stateEnded] > 0:
		return "concluded", nil
	case len(talks) > 0:
		return stateCancelled, nil
	}
	return "opened", nil
}
