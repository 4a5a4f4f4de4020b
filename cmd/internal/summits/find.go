package summits

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// findWait is how long a summit that is not here is looked for.
const findWait = 2 * time.Second

// finders is how many callers look for a summit at a time.
const finders = 4

// Find finds a summit. Where the broker is shared one that is not here is looked
// for there: who opened it at another host may ask at this one at once. It then
// comes with its first event in the views, if that can be had in time.
func (reg *Registry) Find(ctx context.Context, id string) (s *Summit, found bool, err error) {
	if s, found := reg.Summit(id); found || !reg.o.Shared || !events.IsSlug(id) || reg.Problems()[id] != nil {
		return s, found, nil
	}
	ctx, cancel := context.WithTimeout(ctx, findWait)
	defer cancel()
	log, err := reg.ask(ctx, id)
	if err = reg.take(ctx, id, log, err); err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, false, err
	}
	if s, found = reg.Summit(id); found {
		_ = s.Views.Wait(ctx, 1) // a log without an event is served as it is
	}
	return s, found, nil
}

// ask asks the broker for a log. A few callers do at a time: names that strangers
// make up must not keep the broker busy. They are others again while views are
// opened, so that no summit waits for those of another.
func (reg *Registry) ask(ctx context.Context, id string) (*store.Log, error) {
	select {
	case reg.finding <- struct{}{}:
		defer func() { <-reg.finding }()
	case <-ctx.Done():
		return nil, fmt.Errorf("look for summit %s: %w: %w", id, store.ErrUnavailable, ctx.Err())
	}
	return reg.logs.Open(ctx, id)
}
