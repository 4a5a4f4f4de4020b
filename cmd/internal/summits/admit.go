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

// errLater is the error of a request that cannot be admitted before the views
// have come further.
var errLater = errors.New("the views are behind")

const (
	// near is how far views may be behind so that they are waited for: others have
	// to wait meanwhile.
	near = 10_000
	// catchUp is for how long they are waited for.
	catchUp = time.Second
)

// admit holds a request against all that was said before: it fills in what the
// server sets, finds what is there already, and refuses what cannot stand.
func (r *recorder) admit(ctx context.Context, q *request) error {
	err := r.tryAdmit(ctx, q)
	if !refusal(err) {
		return err
	}
	// A refusal is final for the caller, so it is held against the end of the log:
	// what the views do not know yet may be what was amended.
	if moved, lookErr := r.moved(ctx); lookErr != nil || !moved {
		return errors.Join(err, lookErr)
	}
	return r.tryAdmit(ctx, q)
}

// refusal reports whether a request was refused for what the log says so far.
func refusal(err error) bool {
	var in *projections.Inadmissible
	return errors.Is(err, ErrClosed) || errors.Is(err, ErrMoved) || errors.As(err, &in)
}

func (r *recorder) tryAdmit(ctx context.Context, q *request) error {
	if why := r.views.Stopped(); why != nil {
		return stopped(why)
	}
	r.follow(r.views.Head().Seq)
	if err := r.learn(ctx); err != nil {
		return err
	}
	if q.delicate() || r.unsure || r.head == 0 {
		if err := r.level(ctx); err != nil {
			return err
		}
	}
	if err := r.sort(ctx, q); err != nil {
		return err
	}
	if q.after = r.head; len(q.fresh) == 0 {
		return nil
	}
	if last := q.expect.last; last != nil && *last != r.head {
		return &LastError{Expected: *last, Last: r.head}
	}
	if q.delicate() {
		return r.try(q)
	}
	if r.closed {
		return ErrClosed
	}
	return nil
}

// moved asks the log whether it has gone on since it was last looked at.
func (r *recorder) moved(ctx context.Context) (bool, error) {
	info, err := r.log.Info(ctx)
	if err != nil {
		return false, err
	}
	behind := info.Last > r.views.Head().Seq || info.Last > r.head
	r.follow(info.Last)
	return behind, nil
}

// level waits until the views are at the head, and asks them anew what is so
// there.
func (r *recorder) level(ctx context.Context) error {
	if r.head == 0 {
		if _, err := r.moved(ctx); err != nil {
			return err
		}
	}
	if r.head > r.views.Head().Seq+near || !r.served(ctx, catchUp) {
		return errLater
	}
	r.follow(r.views.Head().Seq)
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
	r.closed, r.unsure = closed, false
	return nil
}

// sort separates new events from those that are there already, and stamps them.
func (r *recorder) sort(ctx context.Context, q *request) error {
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

// find returns an event that is there already and says the same; of sequence 0
// where there is none.
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

// try holds a delicate request against the views, which are at the head.
func (r *recorder) try(q *request) error {
	var list []events.Event
	for _, i := range q.fresh {
		e := q.events[i]
		_, amends := e.Amends()
		if r.closed && !amends {
			return ErrClosed
		}
		if q.expect.match != nil && amends {
			if err := r.unmoved(e.Subject, *q.expect.match); err != nil {
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
