package summits

import (
	"context"
	"time"
)

// follow notes that the log goes further than was known: others have appended,
// or an append of this recorder that was not answered was taken.
func (r *recorder) follow(last uint64) {
	if last <= r.head {
		return
	}
	if r.head > 0 {
		r.shared, r.turn = sharedFor, firstTurn
	}
	r.head = last
}

const (
	// soon is within what time views that are not behind have what is in the log.
	soon = 20 * time.Millisecond
	// few is how many events are read from the log where the views do not have
	// them.
	few = 5_000
)

// learn makes known what stands between what was known last and the head: the
// views have it in a moment, or it is read from the log. An id is looked for in
// the views and there.
func (r *recorder) learn(ctx context.Context) error {
	switch {
	case r.known == r.head:
		return nil
	case r.served(ctx, soon):
		r.known, r.unsure = r.head, true
		return nil
	case r.known == 0 || r.head-r.known > few:
		return errLater
	}
	ctx, cancel := context.WithTimeout(ctx, catchUp)
	defer cancel()
	for rec, err := range r.log.Read(ctx, r.known+1, r.head) {
		if err != nil {
			return errLater
		}
		r.known = rec.Seq
		if rec.Err != nil {
			continue // the views take no notice of it
		}
		if _, first := r.pending[rec.Event.ID]; !first {
			r.pending[rec.Event.ID] = pending{seq: rec.Seq, event: rec.Event, read: true}
		}
		r.unsure = r.unsure || delicate(rec.Event)
		if rec.Event.Recorded.After(r.latest) {
			r.latest = rec.Event.Recorded.Time
		}
	}
	if r.known < r.head {
		return errLater
	}
	return nil
}

// served reports whether the views come to the head within some time.
func (r *recorder) served(ctx context.Context, most time.Duration) bool {
	if r.views.Head().Seq >= r.head {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	return r.views.Wait(ctx, r.head) == nil
}
