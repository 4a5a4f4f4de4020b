package summits

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// Record appends events, all of them or none. match, where given, is the
// position up to which the caller has seen the entities of its amendments.
// Reads that begin after it has returned show what it acknowledged.
func (s *Summit) Record(ctx context.Context, list []events.Event, match *events.Position) ([]Outcome, error) {
	s.Views.Hold()
	defer s.Views.Release()
	record := s.recorder.Record
	if slices.ContainsFunc(list, events.Seals) {
		record = s.recordSealed
	}
	outcomes, err := record(ctx, list, match)
	for _, o := range outcomes {
		s.Views.Owe(o.Seq)
	}
	return outcomes, err
}

// ends remembers where a log ended when it was last asked.
type ends struct {
	asking chan struct{} // filled by the caller that asks

	mu    sync.Mutex // guards what follows
	begun uint64     // how often it was asked
	told  uint64     // which of these was answered last
	last  uint64     // what was told then
	at    time.Time  // the last moment of which that is known to be so
}

func newEnds() *ends { return &ends{asking: make(chan struct{}, 1)} }

// End asks the log for its last sequence. Callers that wait while it is asked
// share the next answer, so that many questions cost the broker two. now is when
// the caller asks.
func (s *Summit) End(ctx context.Context, now time.Time) (uint64, error) {
	before := s.ends.count()
	select {
	case s.ends.asking <- struct{}{}:
		defer func() { <-s.ends.asking }()
	case <-ctx.Done():
		return 0, fmt.Errorf("ask where the log of %s ends: %w: %w", s.ID, store.ErrUnavailable, ctx.Err())
	}
	if last, shared := s.ends.since(before); shared {
		return last, nil
	}
	n := s.ends.begin()
	proposed, err := s.Log.Proposed(ctx)
	if err != nil {
		return 0, err
	}
	info, err := s.Log.Info(ctx)
	if err != nil {
		return 0, err
	}
	at := now.Add(-info.Heard)
	if info.Last < proposed {
		at = time.Time{} // what is on its way may have been recorded long ago
	}
	s.ends.tell(n, info.Last, at)
	return info.Last, nil
}

// heardEvery is how often a server that has not heard from a majority lately is
// asked again. An idle one hears from the others about once a second.
const heardEvery = 50 * time.Millisecond

// EndAfter returns where the log ended at some moment that was not before t, which
// is not after now. A server that has lost the others may not know what they have
// taken: its answer counts only for when it last heard from a majority, and while
// nothing is on its way into the log. The error
// is a store.ErrUnavailable if ctx ends before one has.
func (s *Summit) EndAfter(ctx context.Context, t time.Time, now func() time.Time) (uint64, error) {
	for {
		if last, at := s.ends.latest(); !at.IsZero() && !at.Before(t) {
			return last, nil
		}
		if _, err := s.End(ctx, now()); err != nil {
			return 0, err
		}
		if last, at := s.ends.latest(); !at.IsZero() && !at.Before(t) {
			return last, nil
		}
		pause := time.NewTimer(heardEvery)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return 0, fmt.Errorf("ask where the log of %s ends: its leader has lost its majority, or still has events in flight: %w", s.ID, store.ErrUnavailable)
		}
	}
}

func (e *ends) count() uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.begun
}

// since returns an answer to a question that was begun after so many others.
func (e *ends) since(before uint64) (uint64, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.last, e.told > before
}

func (e *ends) begin() uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.begun++
	return e.begun
}

func (e *ends) tell(n, last uint64, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.told, e.last = n, max(e.last, last) // it only grows: a smaller answer is of who does not know
	if at.After(e.at) {
		e.at = at
	}
}

func (e *ends) latest() (uint64, time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.last, e.at
}
