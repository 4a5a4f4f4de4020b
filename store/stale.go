package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A log that several servers keep may be asked of one that has lost the lead
// and does not know it yet, after a pause or on the wrong side of a parted
// network. It knows less than was acknowledged, and what it says is evidence
// of nothing. Without a majority a server gives the lead up within about ten
// seconds: only what is missing for longer is missing.
const (
	staleTries = 20
	staleEvery = time.Second
)

var errStale = errors.New("the server that answered no longer leads it")

// Seen notes that the log was seen to have an event. An answer that has less is
// asked for again.
func (l *Log) Seen(seq uint64) {
	for {
		known := l.seen.Load()
		if seq <= known || l.seen.CompareAndSwap(known, seq) {
			return
		}
	}
}

// insist asks until the answer is not short of what was seen. One that stays
// short is what the log has become, and then nothing more is waited for.
func insist[T any](ctx context.Context, l *Log, ask func() (v T, short bool, err error)) (T, error) {
	for try := 1; ; try++ {
		v, short, err := ask()
		if !short || l.servers < 2 || l.short.Load() {
			return v, err
		}
		if try == staleTries {
			l.short.Store(true)
			return v, err
		}
		if wait(ctx, staleEvery) != nil {
			var none T
			return none, fmt.Errorf("ask the log of %s: %w", l.summit, unavailable(errStale))
		}
	}
}

// wait is for some time, or until ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
