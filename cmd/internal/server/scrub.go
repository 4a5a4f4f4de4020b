package server

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"github.com/summit-timeline/summit/cmd/internal/summits"
)

// ScrubOptions define when and how fast whole logs are read again.
type ScrubOptions struct {
	After, Every time.Duration
	Rate         int
}

// scrubBurst is the most events that are read without waiting.
const scrubBurst = 4096

func (f ScrubOptions) plan() summits.Scrub {
	pace := func(ctx context.Context, _ int) error { return ctx.Err() }
	if f.Rate > 0 {
		pace = rate.NewLimiter(rate.Limit(f.Rate), scrubBurst).WaitN
	}
	return summits.Scrub{After: f.After, Every: f.Every, Pace: pace}
}
