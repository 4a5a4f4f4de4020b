package store

import (
	"context"
	"fmt"
)

// Stands reports whether an event of the log counts, as far as its bytes and its
// message tell.
func (l *Log) Stands(ctx context.Context, seq uint64) (bool, error) {
	rec, err := l.Get(ctx, seq)
	return err == nil && rec.Err == nil, err
}

// Withdraw removes a log that has nothing but an opening which counts for nothing,
// because it is recorded at a time that had not come. Any other log stays, and
// Withdraw returns ErrExists. Nobody else may know the log or write to it: the caller
// sees to that.
func (l *Logs) Withdraw(ctx context.Context, summit string) error {
	log, err := l.Open(ctx, summit)
	if err != nil {
		return fmt.Errorf("withdraw: %w", err)
	}
	info, err := log.Info(ctx)
	if err != nil {
		return fmt.Errorf("withdraw: %w", err)
	}
	first, err := log.Get(ctx, 1)
	if err != nil {
		return fmt.Errorf("withdraw: %w", err)
	}
	if info.Last != 1 || first.Err == nil || ReasonOf(first.Err) != Ahead {
		return fmt.Errorf("withdraw the log of %s: %w", summit, ErrExists)
	}
	if err := l.write.DeleteStream(ctx, streamPrefix+summit); err != nil {
		return fmt.Errorf("withdraw the log of %s: %w", summit, unavailable(err))
	}
	log.shared.replaced()
	return nil
}
