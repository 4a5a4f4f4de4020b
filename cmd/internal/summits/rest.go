package summits

import (
	"context"
	"time"
)

const (
	// restAfter is how long nobody has asked for a summit, or recorded in it, when
	// it is laid to rest.
	restAfter = 6 * time.Second
	// awakeAtStart is how many summits a server starts with awake. If there are
	// more, each is looked at and laid to rest until it is asked for.
	awakeAtStart = 64
)

// unused is since when the views of a summit have not been used.
type unused struct {
	uses  uint64
	since time.Time
}

// sleepUnused closes the views of the summits that nobody has asked for lately.
func (reg *Registry) sleepUnused(now time.Time) {
	for _, s := range reg.Summits() {
		if s.Views.Asleep() {
			continue
		}
		uses := s.Views.Uses()
		switch {
		case uses != s.unused.uses || s.unused.since.IsZero():
			s.unused = unused{uses, now}
		case now.Sub(s.unused.since) >= reg.restAfter():
			s.Views.Rest()
		}
	}
}

func (reg *Registry) restAfter() time.Duration {
	if reg.o.RestAfter > 0 {
		return reg.o.RestAfter
	}
	return restAfter
}

// run has a summit run that has joined, or that is wanted again.
func (reg *Registry) run(s *Summit) {
	reg.mu.Lock()
	defer reg.mu.Unlock()
	reg.queue(s)
}

// queue is run where the lock is held.
func (reg *Registry) queue(s *Summit) {
	reg.waiting = append(reg.waiting, s)
	select {
	case reg.joined <- struct{}{}:
	default: // it is filled already
	}
}

const (
	// lookShare is the part of the time, one in so many, that looking at the logs of
	// all summits may take: very many are looked at less often, but once every
	// lookLeast.
	lookShare = 100
	lookLeast = 15 * time.Second
)

// keepLooking looks from time to time until ctx ends.
func (reg *Registry) keepLooking(ctx context.Context) error {
	var next time.Time
	return reg.forEachSummit(ctx, func(now time.Time) {
		if now.Before(next) {
			return
		}
		began := reg.o.Clock()
		err := reg.look(ctx)
		switch {
		case err == nil:
			next = now.Add(min(lookShare*reg.o.Clock().Sub(began), lookLeast))
		case ctx.Err() == nil:
			reg.o.Logger.Warn("looking for summits", "error", err)
		}
	})
}

// look looks for logs that others have made, and whether the logs of summits at
// rest stand as they were left: for all of them in one question.
func (reg *Registry) look(ctx context.Context) error {
	infos, err := reg.logs.List(ctx)
	if err != nil {
		return err
	}
	if err := reg.loadAll(ctx, infos); err != nil {
		return err
	}
	for _, s := range reg.Summits() {
		if s.Views.Asleep() {
			s.Views.Stands(infos[s.ID])
		}
	}
	return nil
}
