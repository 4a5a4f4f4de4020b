package summits

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// OpenSummit opens a summit with its first event. The same event again is a
// duplicate; another under that id is store.ErrExists.
func (reg *Registry) OpenSummit(ctx context.Context, e events.Event) (*Summit, Outcome, error) {
	if err := reg.Problems()[e.Summit]; err != nil {
		return nil, Outcome{}, fmt.Errorf("open summit %s: %w", e.Summit, err)
	}
	if e.ID == "" {
		id, err := reg.o.NewID()
		if err != nil {
			return nil, Outcome{}, fmt.Errorf("make an id: %w", err)
		}
		e.ID = id
	}
	leave, err := reg.opening.take(ctx, e.Summit) // the same opening twice at once is one
	if err != nil {
		return nil, Outcome{}, fmt.Errorf("open summit %s: %w: %w", e.Summit, store.ErrUnavailable, err)
	}
	defer leave()
	if s, open := reg.Summit(e.Summit); open {
		if doubt := s.Views.Health().Doubt; doubt != nil {
			return nil, Outcome{}, fmt.Errorf("open summit %s: %w (%w)", e.Summit, ErrInDoubt, doubt)
		}
		_, outcome, err := reg.openedAlready(ctx, s, e)
		switch {
		case err == nil:
			return s, outcome, nil
		case !errors.Is(err, store.ErrNotFound) || s.Views.Head().Seq > 0:
			return nil, Outcome{}, err
		}
		// The log was made and got no event: it is continued.
	}
	log, result, err := reg.create(ctx, &e)
	exists := errors.Is(err, store.ErrExists)
	if exists { // another process opened it
		log, err = reg.logs.Open(ctx, e.Summit)
	}
	if err != nil {
		return nil, Outcome{}, err
	}
	s, err := reg.add(ctx, log)
	if err != nil {
		return nil, Outcome{}, err
	}
	if exists {
		return reg.openedAlready(ctx, s, e)
	}
	return s, Outcome{ID: e.ID, Seq: result.Seq, Outcome: result.Outcome}, nil
}

// openedAlready compares an opening with the one there is. An opening that came
// without an id is the same where it says the same.
func (reg *Registry) openedAlready(ctx context.Context, s *Summit, e events.Event) (*Summit, Outcome, error) {
	first, err := s.Log.Get(ctx, 1)
	if err != nil {
		return nil, Outcome{}, err
	}
	e.ID = first.Event.ID
	same, err := events.Same(e, first.Event)
	if err != nil {
		return nil, Outcome{}, err
	}
	if !same {
		return nil, Outcome{}, fmt.Errorf("open summit %s: %w", s.ID, store.ErrExists)
	}
	return s, Outcome{ID: e.ID, Seq: 1, Outcome: store.Duplicate}, nil
}

// createTries is how often a log is made whose opening does not stand.
const createTries = 3

// create stamps an opening and makes the log with it. If the clock is set back
// between the two, the opening seems to come from the future and is quarantined, and
// nothing else can be the first event of a log: one that nobody else knows is then
// withdrawn, and rebuilt.
func (reg *Registry) create(ctx context.Context, e *events.Event) (*store.Log, store.Result, error) {
	for range createTries {
		c, err := reg.stamp(ctx, e)
		if err != nil {
			return nil, store.Result{}, err
		}
		log, result, err := reg.logs.Create(ctx, *e)
		if err != nil || !c.setBackSince(e.Recorded.Time) {
			return log, result, err
		}
		stands, err := log.Stands(ctx, 1)
		if err != nil || stands {
			return log, result, err
		}
		if reg.o.Shared { // others may have read it
			break
		}
		if err := reg.logs.Withdraw(ctx, e.Summit); err != nil {
			return nil, store.Result{}, err
		}
	}
	return nil, store.Result{}, &ClockError{"it was set back while summit " + e.Summit + " was opened"}
}

// stamp returns an opening its recorded time, and the clock that it is from.
func (reg *Registry) stamp(ctx context.Context, e *events.Event) (*clock, error) {
	var log *store.Log
	if reg.o.Shared { // its clock is held against the broker's, which a log is asked for
		var err error
		if log, err = reg.logs.Make(ctx, e.Summit); err != nil {
			return nil, err
		}
	}
	c := newClock(log, reg.o)
	now, err := c.stamp(ctx, time.Time{})
	e.Recorded = events.Instant{Time: now}
	return c, err
}
