package summits

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/store"
)

// ErrClock is the error of a server whose clock cannot be right: what it stamped
// would change what was known in the past, or could not be read. It is a
// *ClockError.
var ErrClock = class.New(class.Broken, "the server's clock is off")

// ClockError reports how a clock is off.
type ClockError struct{ Detail string }

func (e *ClockError) Error() string {
	return "the server's clock is off: " + e.Detail + "; no facts are recorded until it is set: timedatectl set-ntp true"
}

// Is reports whether target is ErrClock, or store.ErrUnavailable: facts can be recorded again once it passes.
func (*ClockError) Is(target error) bool { return target == ErrClock || target == store.ErrUnavailable }

// clock returns the times at which events are recorded.
type clock struct {
	log *store.Log
	o   Options

	mu      sync.Mutex // guards what follows
	checked time.Time  // when it was held against the broker's last
	fault   error
}

func newClock(log *store.Log, o Options) *clock { return &clock{log: log, o: o} }

const (
	// clockOff is how far the clocks of servers that share a log may be apart. What
	// was known at an instant is settled two seconds later: an event may stand for a
	// second before it is appended, and both the clock that stamps it and the one by
	// which is asked may be off by so much.
	clockOff = 500 * time.Millisecond
	// clockEvery is how often a clock is compared with the broker's while facts are
	// recorded.
	clockEvery = 500 * time.Millisecond
	// clockBehind is how far the log may be ahead of a clock that was set back, so
	// that what follows bears the same time. Further ahead, it bears its own time,
	// and is known since the log's: what is ahead of the broker's clock is not read.
	clockBehind = 30 * time.Second
)

// stamp returns the time for what follows an event that is known since latest.
func (c *clock) stamp(ctx context.Context, latest time.Time) (time.Time, error) {
	now := c.o.Clock().UTC().Truncate(time.Millisecond)
	if _, err := events.ParseInstant(now.Format(time.RFC3339Nano)); err != nil {
		return now, &ClockError{"it says " + now.Format(time.RFC3339)}
	}
	if c.o.Shared {
		if err := c.compare(ctx); err != nil {
			return now, err
		}
	}
	if latest.After(now) && latest.Sub(now) <= clockBehind {
		return latest, nil
	}
	return now, nil
}

// in returns the time at which so much has passed. It is for deadlines: no setting of
// the clock moves it.
func in(d time.Duration) time.Time {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	t, _ := ctx.Deadline()
	return t
}

// past reports whether a deadline has passed.
func past(deadline time.Time) bool {
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	return ctx.Err() != nil
}

// setBackBy is how far the clock must have been set back during an append for its
// events to be in doubt: the broker may have stamped them more than a minute before
// their recorded time, and then they are quarantined. It is longer than clockBehind,
// and shorter than that minute less the time an append may take.
const setBackBy = 45 * time.Second

// wasSetBack reports whether the clock was set back by more than setBackBy since a
// group was stamped. Its events must then be looked up before callers are answered.
func (c *clock) wasSetBack(group []*request) bool {
	return slices.ContainsFunc(group, func(q *request) bool { return c.setBackSince(q.stamp) })
}

// setBackSince is wasSetBack for one stamp.
func (c *clock) setBackSince(stamp time.Time) bool { return stamp.Sub(c.o.Clock()) > setBackBy }

// compare compares the clock with the broker's, unless that was done a moment
// ago and the clock was not set since.
func (c *clock) compare(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	began := c.o.Clock().Round(0) // by the wall: a step shows
	if age := began.Sub(c.checked); age < 0 || age > clockEvery {
		off, err := c.log.ClockOffset(ctx, c.o.Clock)
		if err != nil {
			return err
		}
		c.checked, c.fault = began, nil
		if off.Abs() > clockOff {
			c.fault = &ClockError{fmt.Sprintf("it is %s %s the broker's", off.Abs().Round(time.Millisecond), ahead(off))}
		}
	}
	return c.fault
}

func ahead(off time.Duration) string {
	if off < 0 {
		return "behind"
	}
	return "ahead of"
}

// watchClock compares the clock with the broker's of one of the logs: they share
// both.
func (reg *Registry) watchClock(ctx context.Context) {
	for _, s := range reg.Summits() {
		_, err := s.clock.stamp(ctx, time.Time{})
		var off *ClockError
		if err != nil && !errors.As(err, &off) {
			continue // its log cannot be asked just now
		}
		reg.mu.Lock()
		reg.clock = err
		reg.mu.Unlock()
		return
	}
}

// Clock reports what is wrong with the server's clock; nil is nothing.
func (reg *Registry) Clock() error {
	reg.mu.Lock()
	defer reg.mu.Unlock()
	return reg.clock
}
