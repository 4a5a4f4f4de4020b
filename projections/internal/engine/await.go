package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/store"
)

// BehindError is returned for a read that needs an event which the log has and
// the views do not have yet.
type BehindError struct {
	Want uint64
	Head events.Position
}

func (b *BehindError) Error() string {
	return fmt.Sprintf("event %d is in the log, but the views are at %s: try again in a moment", b.Want, b.Head)
}

// Owe notes an event that was acknowledged: from now on no read may be answered
// without it.
func (e *Engine) Owe(seq uint64) {
	for {
		owed := e.owed.Load()
		if seq <= owed || e.owed.CompareAndSwap(owed, seq) {
			return
		}
	}
}

// Owed returns the last event that a read must show: one that was acknowledged, or
// that the log had when the engine first asked it.
func (e *Engine) Owed() uint64 {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return max(e.owed.Load(), e.held)
}

// Current reports whether the views hold all that they owe.
func (e *Engine) Current() bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return !e.unasked && e.head.Seq >= max(e.owed.Load(), e.held)
}

// AwaitCurrent returns once the views hold all that was owed when it was called.
// Views that have stopped come to nothing more: it returns at once, and what
// they answer says that it is not complete. The error is a *BehindError if ctx
// reaches its deadline first.
func (e *Engine) AwaitCurrent(ctx context.Context) error {
	if err := e.awaitAsked(ctx); err != nil {
		return err
	}
	err := e.Await(ctx, e.Owed())
	if e.halted() {
		return nil
	}
	return err
}

// awaitAsked returns once the log was asked where it ends since the views slept.
func (e *Engine) awaitAsked(ctx context.Context) error {
	for {
		changed := e.Changed()
		if e.hasAsked() || e.halted() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fmt.Errorf("the end of the log is not known since the views went idle: %w", store.ErrUnavailable)
			}
			return ctx.Err()
		}
	}
}

func (e *Engine) hasAsked() bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return !e.unasked
}

// Await returns once a sequence is served. The error is a *BehindError if ctx
// reaches its deadline first, or if the views have stopped before it.
func (e *Engine) Await(ctx context.Context, seq uint64) error {
	for {
		changed, head := e.Changed(), e.Head()
		switch {
		case head.Seq >= seq:
			return nil
		case e.halted():
			return &BehindError{Want: seq, Head: head}
		}
		signal(e.hurry)
		select {
		case <-changed:
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return &BehindError{Want: seq, Head: head}
			}
			return ctx.Err()
		}
	}
}

// halted reports whether the views that serve come to no more events: they have
// stopped, or are of an older version and serve until their successor is made.
func (e *Engine) halted() bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.stopped() != nil || e.outdated()
}

// outdated reports whether a successor is being made of the views that serve.
// The lock is held.
func (e *Engine) outdated() bool { return e.rebuild != nil && !e.rebuild.fetched && e.head.Seq > 0 }

// Partial reports whether what is answered may lack something that the log has:
// the log is in doubt, or the views that serve are damaged or can take in no more.
func (e *Engine) Partial() bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.stopped() != nil || e.damage != nil || e.outdated() && e.head.Seq < max(e.owed.Load(), e.last)
}

// Class returns class.Passing: the views catch up by themselves.
func (*BehindError) Class() class.Class { return class.Passing }
