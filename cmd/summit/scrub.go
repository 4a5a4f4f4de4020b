package main

import (
	"context"
	"flag"
	"time"

	"golang.org/x/time/rate"

	"github.com/summit-timeline/summit/cmd/internal/summits"
)

// scrubFlags say when and how fast whole logs are read again.
type scrubFlags struct {
	after, every time.Duration
	rate         int
}

func (f *scrubFlags) flags(fs *flag.FlagSet) {
	fs.DurationVar(&f.after, "scrub-after", time.Minute, "how long after the start whole logs are read again and compared for the first time")
	fs.DurationVar(&f.every, "scrub-every", 6*time.Hour, "how long from one such reading to the next; 0 never reads them")
	fs.IntVar(&f.rate, "scrub-rate", 20_000, "how many events a second they are read at, all logs together; 0 is as fast as it goes")
}

// scrubBurst is the most events that are read without waiting.
const scrubBurst = 4096

func (f scrubFlags) plan() summits.Scrub {
	pace := func(ctx context.Context, _ int) error { return ctx.Err() }
	if f.rate > 0 {
		pace = rate.NewLimiter(rate.Limit(f.rate), scrubBurst).WaitN
	}
	return summits.Scrub{After: f.after, Every: f.every, Pace: pace}
}
