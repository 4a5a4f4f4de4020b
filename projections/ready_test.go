package projections

import (
	"path/filepath"
	"testing"
)

// Views that have yet to come to where the log was are not caught up, whatever
// little they lack; what arrives later takes nothing back.
func TestViewsAreCaughtUpOnceTheyHoldWhatTheLogHeld(t *testing.T) {
	m := plainStory(t, 20)
	last := uint64(len(m.records))
	log := &heldLog{memory: m, at: last, let: make(chan struct{}), hit: make(chan struct{})}
	e := openAt(t, filepath.Join(t.TempDir(), "views.db"), log)
	running(t, e)
	<-log.hit
	if h := until(t, e, func(h Health) bool { return h.Position.Seq == last-1 }); h.CaughtUp || h.Lag != 1 {
		t.Errorf("%+v", h)
	}
	close(log.let)
	if h := until(t, e, func(h Health) bool { return h.Position.Seq == last }); !h.CaughtUp {
		t.Errorf("%+v", h)
	}
}
