package summits

import (
	"sync"
	"time"

	"github.com/summit-timeline/summit/projections"
)

// stalled distinguishes views that stand still from views that are behind: the log has
// more, and the position does not move.
type stalled struct {
	mu    sync.Mutex
	seq   uint64
	since time.Time // zero while they move, or have all there is
	last  time.Time // when they were looked at last
}

// look notes how the views do at a moment.
func (s *stalled) look(h projections.Health, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stands := h.Lag > 0 && h.Position.Seq == s.seq && !h.Rebuilding && !h.Fetching
	switch {
	case !stands:
		s.since = time.Time{}
	case s.since.IsZero():
		s.since = s.last // it has not moved since
	}
	s.seq, s.last = h.Position.Seq, now
}

func (s *stalled) long() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.since.IsZero() {
		return 0
	}
	return s.last.Sub(s.since)
}

// Stalled is how long the views have stood still though the log has more.
func (s *Summit) Stalled() time.Duration { return s.stalled.long() }
