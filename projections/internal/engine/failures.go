package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/store"
)

// PanicError is a panic while an event was folded: a fault of the program. The
// event is quarantined.
type PanicError struct {
	Seq   uint64
	Value any
	Stack []byte
}

func (p *PanicError) Error() string {
	return fmt.Sprintf("fold event %d: panic: %v", p.Seq, p.Value)
}

// Caught turns a panic into an error that names the event in hand. It must be
// deferred itself.
func Caught(hand *uint64, err *error) {
	if p := recover(); p != nil {
		*err = &PanicError{Seq: *hand, Value: p, Stack: debug.Stack()}
	}
}

// eventError is a failure to fold one event. Whoever folds the same log fails
// in the same way: the views themselves are read and written without fault.
type eventError struct {
	seq uint64
	err error
}

func (e *eventError) Error() string { return fmt.Sprintf("fold event %d: %v", e.seq, e.err) }
func (e *eventError) Unwrap() error { return e.err }

// culprit returns the event that a fold failed on, or 0 if none is to blame.
func culprit(err error) uint64 {
	var event *eventError
	var bug *PanicError
	switch {
	case errors.As(err, &event):
		return event.seq
	case errors.As(err, &bug):
		return bug.Seq
	}
	return 0
}

// Class returns class.Bug.
func (*PanicError) Class() class.Class { return class.Bug }

// PausedError reports why the views are not followed just now: something outside
// of the log fails, such as the disk. It is tried again until it passes, and
// nothing has to be done for that but to remove the cause.
type PausedError struct{ Err error }

func (p *PausedError) Error() string {
	return fmt.Sprintf("the views are paused and will retry by themselves: %v", p.Err)
}

func (p *PausedError) Unwrap() error { return p.Err }

// The time between two tries grows from the first to the last.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 10 * time.Second
)

// pause notes why the views go no further, and waits until it is time to try
// again. The error is that of ctx.
func (e *Engine) pause(ctx context.Context, why error) error {
	wait := lastPause
	if e.tries < 7 {
		wait = min(firstPause<<e.tries, lastPause)
	}
	e.tries++
	if errors.Is(why, store.ErrUnavailable) { // the views have what there is to have
		e.logger.Warn("waiting for the log", "summit", e.log.Summit(), "error", why)
	} else {
		e.logger.Error("the views are paused", "summit", e.log.Summit(), "position", e.Head().String(), "error", why, "stack", stackOf(why), "again", wait)
		e.mu.Lock()
		e.paused = &PausedError{why}
		e.wake()
		e.mu.Unlock()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

// resume notes that the views are followed again.
func (e *Engine) resume() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.paused != nil {
		e.paused = nil
		e.wake()
	}
}

// Class returns class.Passing: the views retry by themselves.
func (*PausedError) Class() class.Class { return class.Passing }
