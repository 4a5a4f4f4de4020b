package host

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

// catchUp is how long an amendment waits for the views to reach the head: longer
// than a cluster takes to elect another leader.
const catchUp = 20 * time.Second

// admit holds a request against all that was said before: it fills in what the
// server sets, finds what is there already, and refuses what cannot stand.
func (r *recorder) admit(ctx context.Context, q *request) error {
	if why := r.views.Stopped(); why != nil {
		return stopped(why)
	}
	r.head = max(r.head, r.views.Head().Seq)
	if q.delicate() || r.unsure || r.head == 0 {
		if err := r.level(ctx); err != nil {
			return err
		}
	}
	if err := r.sort(ctx, q); err != nil {
		return err
	}
	if len(q.fresh) == 0 {
		return nil
	}
	if !q.delicate() {
		if r.closed {
			return ErrClosed
		}
		return nil
	}
	err := r.try(q)
	if err == nil {
		return nil
	}
	// A refusal is final for the caller, so it is held against the end of the log:
	// what the views do not know yet may be what was amended.
	if moved, lookErr := r.moved(ctx); lookErr != nil || !moved {
		return errors.Join(err, lookErr)
	}
	if err := r.level(ctx); err != nil {
		return err
	}
	return r.try(q)
}

// moved asks the log whether it has gone on since it was last looked at.
func (r *recorder) moved(ctx context.Context) (bool, error) {
	info, err := r.log.Info(ctx)
	if err != nil {
		return false, err
	}
	behind := info.Last > r.views.Head().Seq || info.Last > r.head
	r.head = max(r.head, info.Last)
	return behind, nil
}

// level waits until the views are at the head, and asks them anew whether the
// summit is closed.
func (r *recorder) level(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, catchUp)
	defer cancel()
	if r.head == 0 {
		if _, err := r.moved(ctx); err != nil {
			return err
		}
	}
	if err := r.views.Wait(ctx, r.head); err != nil {
		return fmt.Errorf("wait for the views: %w: %w", store.ErrUnavailable, err)
	}
	closed, err := r.views.Closed()
	if err != nil {
		return err
	}
	r.closed, r.unsure = closed, false
	return nil
}

// sort tells new events from those that are there already.
func (r *recorder) sort(ctx context.Context, q *request) error {
	q.outcomes, q.fresh = make([]Outcome, len(q.events)), nil
	for i := range q.events {
		e := &q.events[i]
		if e.Recorded.IsZero() {
			if err := r.o.stamp(e); err != nil {
				return err
			}
		}
		seq, err := r.find(ctx, *e)
		if err != nil {
			return err
		}
		if seq == 0 {
			q.fresh = append(q.fresh, i)
			continue
		}
		q.outcomes[i] = Outcome{ID: e.ID, Seq: seq, Outcome: store.Duplicate}
	}
	return nil
}

// find gives the sequence of an event that is there already and says the same.
func (r *recorder) find(ctx context.Context, e events.Event) (uint64, error) {
	p, ok := r.pending[e.ID]
	if !ok {
		seq, found, err := r.views.Find(e.ID)
		if err != nil || !found {
			return 0, err
		}
		rec, err := r.log.Get(ctx, seq)
		if err != nil {
			return 0, err
		}
		p = pending{seq: seq, event: rec.Event}
	}
	same, err := events.Same(e, p.event)
	if err != nil {
		return 0, err
	}
	if !same {
		return 0, &store.IDTakenError{ID: e.ID, Seq: p.seq}
	}
	return p.seq, nil
}

// try holds a delicate request against the views, which are at the head.
func (r *recorder) try(q *request) error {
	var list []events.Event
	for _, i := range q.fresh {
		e := q.events[i]
		_, amends := e.Amends()
		if r.closed && !amends {
			return ErrClosed
		}
		if q.match != nil && amends {
			if err := r.unmoved(e.Subject, *q.match); err != nil {
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

func (r *recorder) unmoved(entity events.Entity, seen events.Position) error {
	last, err := r.views.LastOn(entity)
	if err != nil {
		return err
	}
	if head := r.views.Head(); seen.Epoch != head.Epoch || last > seen.Seq {
		return fmt.Errorf("%s is at %s: %w", entity, events.Position{Epoch: head.Epoch, Seq: last}, ErrMoved)
	}
	return nil
}
