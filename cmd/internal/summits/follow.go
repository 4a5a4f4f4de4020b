package summits

import (
	"context"
	"time"
)

// advance notes that the log continues to last: another server has appended, or an
// append of this recorder that was not answered has succeeded.
func (r *recorder) advance(last uint64) {
	if last <= r.head {
		return
	}
	if r.head > 0 {
		r.yieldBudget, r.yieldFor = yieldTotal, firstYield
	}
	r.head = last
}

const (
	// viewsSoon is how long views that are not behind take to have a new event.
	viewsSoon = 20 * time.Millisecond
	// readAtMost is how many events the recorder reads from the log itself if the
	// views do not have them.
	readAtMost = 5_000
)

// readSince learns the events between the last known one and the head: it waits a
// moment for the views to have them, and otherwise reads them from the log. It
// returns errLater if neither is possible now.
func (r *recorder) readSince(ctx context.Context) error {
	switch {
	case r.known == r.head:
		return nil
	case r.viewsReach(ctx, viewsSoon):
		r.known, r.closedUnknown = r.head, true
		return nil
	case r.known == 0 || r.head-r.known > readAtMost:
		return errLater
	}
	ctx, cancel := context.WithTimeout(ctx, viewsWait)
	defer cancel()
	for rec, err := range r.log.Read(ctx, r.known+1, r.head) {
		if err != nil {
			return errLater
		}
		r.known = rec.Seq
		if rec.Err != nil {
			continue // the views quarantine it
		}
		if _, first := r.pending[rec.Event.ID]; !first {
			r.pending[rec.Event.ID] = pending{seq: rec.Seq, event: rec.Event, read: true}
		}
		r.closedUnknown = r.closedUnknown || needsViews(rec.Event)
		if rec.Event.Recorded.After(r.latest) {
			r.latest = rec.Event.Recorded.Time
		}
	}
	if r.known < r.head {
		return errLater
	}
	return nil
}

// viewsReach reports whether the views reach the head within the given time.
func (r *recorder) viewsReach(ctx context.Context, most time.Duration) bool {
	if r.views.Head().Seq >= r.head {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	return r.views.Wait(ctx, r.head) == nil
}
