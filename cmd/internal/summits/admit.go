package summits

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

// errLater is returned for a request that cannot be admitted until the views have
// caught up.
var errLater = errors.New("the views are behind")

const (
	// mostBehind is how many events the views may be behind to be waited for. Other
	// requests wait meanwhile.
	mostBehind = 10_000
	// viewsWait is how long to wait for them.
	viewsWait = time.Second
)

// admit checks a request against everything recorded before: it fills in what the
// server sets, finds events that are there already, and refuses what is not
// admissible.
func (r *recorder) admit(ctx context.Context, q *request) error {
	err := r.tryAdmit(ctx, q)
	if !refusal(err) {
		return err
	}
	// A refusal is final for the caller, so check it at the end of the log: the views
	// may not have the amended event yet.
	if moved, lookErr := r.logMoved(ctx); lookErr != nil || !moved {
		return errors.Join(err, lookErr)
	}
	return r.tryAdmit(ctx, q)
}

// refusal reports whether a request was refused because of what is in the log.
func refusal(err error) bool {
	var in *projections.Inadmissible
	return errors.Is(err, ErrClosed) || errors.Is(err, ErrMoved) || errors.As(err, &in)
}

func (r *recorder) tryAdmit(ctx context.Context, q *request) error {
	if why := r.views.Stopped(); why != nil {
		return stopped(why)
	}
	r.advance(r.views.Head().Seq)
	if err := r.readSince(ctx); err != nil {
		return err
	}
	if q.needsViews() || r.closedUnknown || r.head == 0 {
		if err := r.awaitViews(ctx); err != nil {
			return err
		}
	}
	if err := r.separate(ctx, q); err != nil {
		return err
	}
	if q.after = r.head; len(q.fresh) == 0 {
		return nil
	}
	if last := q.expect.last; last != nil && *last != r.head {
		return &LastError{Expected: *last, Last: r.head}
	}
	if q.needsViews() {
		return r.try(q)
	}
	if r.closed {
		return ErrClosed
	}
	return nil
}

// logMoved asks the log for its end and reports whether it has events that were not
// considered.
func (r *recorder) logMoved(ctx context.Context) (bool, error) {
	info, err := r.log.Info(ctx)
	if err != nil {
		return false, err
	}
	behind := info.Last > r.views.Head().Seq || info.Last > r.head
	r.advance(info.Last)
	return behind, nil
}

// awaitViews waits until the views are at the head, and reads from them whether the
// summit is closed and the knowledge time.
func (r *recorder) awaitViews(ctx context.Context) error {
	if r.head == 0 {
		if _, err := r.logMoved(ctx); err != nil {
			return err
		}
	}
	if r.head > r.views.Head().Seq+mostBehind || !r.viewsReach(ctx, viewsWait) {
		return errLater
	}
	r.advance(r.views.Head().Seq)
	r.known = r.head
	closed, err := r.views.Closed()
	if err != nil {
		return err
	}
	if r.head > 0 {
		if r.latest, err = r.views.KnowledgeTime(r.head); err != nil {
			return err
		}
	}
	r.closed, r.closedUnknown = closed, false
	return nil
}

// separate finds which events are new and which are in the log already, and stamps
// the new ones.
func (r *recorder) separate(ctx context.Context, q *request) error {
	q.outcomes, q.fresh = make([]Outcome, len(q.events)), nil
	for i := range q.events {
		e := &q.events[i]
		if e.ID == "" {
			id, err := r.o.NewID()
			if err != nil {
				return fmt.Errorf("make an id: %w", err)
			}
			e.ID = id
		}
		there, err := r.find(ctx, q, *e)
		if err != nil {
			return err
		}
		if there.seq == 0 {
			q.fresh = append(q.fresh, i)
			continue
		}
		q.outcomes[i] = Outcome{ID: e.ID, Seq: there.seq, Outcome: q.outcome(there.event.Recorded)}
	}
	if len(q.fresh) == 0 {
		return nil
	}
	var err error
	q.holds = in(stampHolds)
	if q.stamp, err = r.clock.stamp(ctx, r.latest); err != nil {
		return err
	}
	for _, i := range q.fresh {
		var faults events.Faults
		if errors.As(events.CheckAnnounced(q.events[i], q.stamp), &faults) {
			return &projections.Inadmissible{Index: i, Faults: faults}
		}
		q.events[i].Recorded = events.Instant{Time: q.stamp}
	}
	return nil
}

// find returns the stored event with the id of e. Its sequence is 0 if there is
// none. It returns *store.IDTakenError if the stored event says something else.
func (r *recorder) find(ctx context.Context, q *request, e events.Event) (pending, error) {
	p, ok := r.pending[e.ID]
	if ok && p.read && q.outcome(p.event.Recorded) == store.Duplicate {
		if ok = false; r.views.Head().Seq < p.seq {
			return pending{}, errLater
		}
	}
	if !ok {
		seq, found, err := r.views.Find(e.ID)
		if err != nil || !found {
			return pending{}, err
		}
		rec, err := r.log.Get(ctx, seq)
		if err != nil {
			return pending{}, err
		}
		p = pending{seq: seq, event: rec.Event}
	}
	same, err := events.Same(e, p.event)
	if err != nil {
		return pending{}, err
	}
	if !same {
		return pending{}, &store.IDTakenError{ID: e.ID, Seq: p.seq}
	}
	return p, nil
}

// try checks amendments and closings against the views, which are at the head.
func (r *recorder) try(q *request) error {
	var list []events.Event
	for _, i := range q.fresh {
		e := q.events[i]
		_, amends := e.Amends()
		if r.closed && !amends {
			return ErrClosed
		}
		if q.expect.match != nil && amends {
			if err := r.checkUnmoved(e.Subject, *q.expect.match); err != nil {
				return err
			}
		}
		list = append(list, e)
	}
	err := r.views.Try(list)
	if in, ok := err.(*projections.Inadmissible); ok { //nolint:errorlint // Try gives it bare
		in.Index = q.fresh[in.Index]
	}
	return err
}

func (r *recorder) checkUnmoved(entity events.Entity, seen events.Position) error {
	last, err := r.views.LastOn(entity)
	if err != nil {
		return err
	}
	if head := r.views.Head(); seen.Epoch != head.Epoch || last > seen.Seq {
		return fmt.Errorf("%s is at %s: %w", entity, events.Position{Epoch: head.Epoch, Seq: last}, ErrMoved)
	}
	return nil
}
