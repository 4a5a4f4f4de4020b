// Package readingtest has views for tests of handlers, which then need no broker.
package readingtest

import (
	"context"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// Views are the views of a summit that stands still: everything in its log is
// served. A test embeds them, and adds what its handler reads.
type Views struct {
	ID      string
	At      events.Position
	Doubted bool
}

// Summit returns the id of the summit.
func (v Views) Summit() string { return v.ID }

// Head returns the position that is served.
func (v Views) Head() events.Position { return v.At }

// Await returns at once for a sequence that is served, and else waits for ctx.
func (v Views) Await(ctx context.Context, seq uint64) error {
	if seq <= v.At.Seq {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

// End returns the head.
func (v Views) End(context.Context, time.Time) (uint64, error) { return v.At.Seq, nil }

// EndAfter returns the head.
func (v Views) EndAfter(context.Context, time.Time, func() time.Time) (uint64, error) {
	return v.At.Seq, nil
}

// Resolve takes positions, and nothing for the head.
func (v Views) Resolve(known string, _ time.Time) (projections.AsOf, error) {
	if known == "" {
		return projections.AsOf{Seq: v.At.Seq}, nil
	}
	p, err := events.ParsePosition(known)
	if err != nil || p.Epoch != v.At.Epoch {
		return projections.AsOf{}, &projections.ParamError{Detail: "is no position of this summit"}
	}
	return projections.AsOf{Seq: p.Seq, Pinned: true}, nil
}

// Passed reports that every instant has passed.
func (Views) Passed(time.Time) (bool, error) { return true, nil }

// Complete reports that nothing is missing.
func (Views) Complete(projections.AsOf) (bool, error) { return true, nil }

// Version returns 1.
func (Views) Version() int { return 1 }

// Partial reports that nothing is missing.
func (Views) Partial() bool { return false }

// Overdue returns that no plan is overdue.
func (Views) Overdue(time.Time) int64 { return 0 }

// InDoubt reports whether the log is in doubt.
func (v Views) InDoubt() bool { return v.Doubted }
