package summits

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/summit-timeline/summit/projections"
)

// Scrub sets when and how fast whole logs are read again and compared with the
// trees of their views.
type Scrub struct {
	After time.Duration // the start, the first pass begins
	Every time.Duration // from one pass to the next; 0 is never
	// Pace waits until so many more events may be read.
	Pace func(ctx context.Context, events int) error
}

// scrubbed is when the last pass over a log ended.
type scrubbed struct {
	mu sync.Mutex
	at time.Time
}

func (s *scrubbed) set(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = t
}

// Scrubbed is when the last pass over the whole log found it sound, or zero if
// none has yet.
func (s *Summit) Scrubbed() time.Time {
	s.scrubbed.mu.Lock()
	defer s.scrubbed.mu.Unlock()
	return s.scrubbed.at
}

// scrub reads every log again and again until ctx ends, one after another.
func (reg *Registry) scrub(ctx context.Context) error {
	if reg.o.Scrub.Every == 0 || reg.o.Scrub.Pace == nil {
		return nil
	}
	due := map[string]time.Time{}
	return reg.forEachSummit(ctx, func(now time.Time) {
		for _, s := range reg.Summits() {
			if due[s.ID].IsZero() {
				due[s.ID] = now.Add(reg.o.Scrub.After)
			}
			if now.Before(due[s.ID]) || ctx.Err() != nil {
				continue
			}
			if err := reg.ScrubNow(ctx, s); err != nil && ctx.Err() == nil {
				reg.o.Logger.Warn("a log could not be scrubbed completely", "summit", s.ID, "error", err)
			}
			due[s.ID] = now.Add(reg.o.Scrub.Every)
		}
	})
}

// ScrubNow reads a log and its views once. A doubt, and damage of the views, show
// in their health; the error reports that the log could not be read.
func (reg *Registry) ScrubNow(ctx context.Context, s *Summit) error {
	if s.Views.Health().Doubt != nil {
		return nil
	}
	s.Views.Hold()
	defer s.Views.Release()
	err := s.Views.Scrub(ctx, reg.o.Scrub.Pace)
	if s.Views.Health().Doubt != nil || errors.As(err, new(*projections.DamagedError)) {
		return nil
	}
	if err == nil {
		s.scrubbed.set(reg.o.Clock())
	}
	return err
}
