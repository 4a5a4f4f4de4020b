package store

import (
	"context"
	"fmt"
	"time"
)

// ClockOffset is how far a clock is ahead of the broker's, as exactly as the time
// that a question takes lets it be told: 0 where they may agree.
func (l *Log) ClockOffset(ctx context.Context, clock func() time.Time) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	before := clock()
	info, err := l.stream.Info(ctx)
	after := clock()
	if err != nil {
		return 0, fmt.Errorf("ask the broker of %s for the time: %w", l.summit, unavailable(err))
	}
	switch its := info.TimeStamp; {
	case its.IsZero():
		return 0, nil // a broker that does not tell
	case its.Before(before):
		return before.Sub(its), nil
	case its.After(after):
		return after.Sub(its), nil
	}
	return 0, nil
}
