package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/store"
)

// PausedError says why the views are not followed just now: something outside
// of the log fails, such as the disk. It is tried again until it passes, and
// nothing has to be done for that but to remove the cause.
type PausedError struct{ Err error }

func (p *PausedError) Error() string {
	return fmt.Sprintf("the views wait and try again by themselves: %v", p.Err)
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
		e.logger.Error("the views wait", "summit", e.log.Summit(), "position", e.Head().String(), "error", why, "stack", stackOf(why), "again", wait)
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

// Class says that it is tried again by itself.
func (*PausedError) Class() class.Class { return class.Passing }
