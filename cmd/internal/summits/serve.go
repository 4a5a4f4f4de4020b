package summits

import (
	"context"
	"errors"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// merged is from how many callers on an atomic batch, which has a fixed cost,
// is cheaper than an append for each.
const merged = 12

// serve admits the callers in order. Those whose facts depend on nothing else
// are appended together; an amendment needs views that are at the head.
func (r *recorder) serve(ctx context.Context, group []*request) {
	apart := r.apart || len(group) < merged
	r.won, r.apart = false, false
	if r.lost && r.ask(ctx) != nil {
		r.park(group...)
		return
	}
	var together []*request
	taken := map[string]bool{}
	flush := func() {
		r.append(ctx, together)
		together, taken = nil, map[string]bool{}
	}
	for _, q := range group {
		if q.ctx.Err() != nil {
			continue // nobody waits for it any more
		}
		n := len(q.events)
		for _, other := range together {
			n += len(other.fresh)
		}
		if q.delicate() || q.repeats(taken) || n > store.MaxBatch || apart {
			flush()
		}
		if !r.enter(ctx, q) {
			continue
		}
		together = append(together, q)
		for _, i := range q.fresh {
			taken[q.events[i].ID] = true
		}
		if q.delicate() {
			flush()
		}
	}
	flush()
}

// enter admits a request; false where it is answered, or must wait.
func (r *recorder) enter(ctx context.Context, q *request) bool {
	if r.lost {
		r.park(q)
		return false
	}
	err := r.admit(ctx, q)
	switch {
	case errors.Is(err, errLater):
		r.park(q)
		return false
	case err != nil:
		q.reply <- answer{err: err}
		return false
	case len(q.fresh) == 0:
		q.reply <- answer{outcomes: q.outcomes}
		return false
	}
	return true
}

// park puts callers aside, to be served again.
func (r *recorder) park(group ...*request) { r.parked = append(r.parked, group...) }

// ask asks the log where it ends.
func (r *recorder) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stampHolds)
	defer cancel()
	_, err := r.moved(ctx)
	r.lost = err != nil
	return err
}

// stampHolds is how long after its recorded time an event may be appended: what
// takes longer is stamped again.
const stampHolds = time.Second

// patience is how long the answer to an append is waited for. What was not
// answered in one second is given two, then four: a batch may be large, and the
// way to the broker slow. Nothing is published once its stamp does not hold.
func patience(group []*request) time.Duration {
	tried := 0
	for _, q := range group {
		tried = max(tried, len(q.doubtful))
	}
	return stampHolds << min(tried, 3)
}

// append appends what several callers have after the head, and answers each.
// Where the broker refuses the events themselves, each caller's are appended
// apart: one refused event must not fail its neighbours.
func (r *recorder) append(ctx context.Context, group []*request) {
	for _, q := range group {
		if q.after != r.head { // others have appended since: it is admitted anew
			r.again(group)
			return
		}
	}
	if len(group) == 0 {
		return
	}
	results, err := r.tryAppend(ctx, group)
	var conflict *store.ConflictError
	switch {
	case err == nil && r.clock.wasSetBack(group):
		r.doubt(group)
		r.follow(results[len(results)-1].Seq)
		r.again(group)
	case err == nil:
		r.accept(group, results)
	case errors.As(err, &conflict):
		r.follow(conflict.Last)
		r.again(group)
	case errors.Is(err, store.ErrUnavailable) && !lasting(err):
		r.doubt(group)
		r.lost = true
		r.park(group...)
	case len(group) > 1:
		r.apart = true
		r.again(group)
	default:
		group[0].reply <- answer{err: err}
	}
}

// doubt notes the stamps under which events may stand in the log.
func (r *recorder) doubt(group []*request) {
	for _, q := range group {
		q.doubtful = append(q.doubtful, q.stamp)
	}
}

// lasting reports whether an append failed for what does not pass before somebody
// makes room: its callers are told at once.
func lasting(err error) bool { return errors.Is(err, store.ErrFull) || errors.Is(err, store.ErrFrozen) }

// again has callers served again at once.
func (r *recorder) again(group []*request) {
	r.park(group...)
	r.now = true
}

func (r *recorder) tryAppend(ctx context.Context, group []*request) ([]store.Result, error) {
	var list []events.Event
	for _, q := range group {
		for _, i := range q.fresh {
			list = append(list, q.events[i])
		}
	}
	ended := r.observe(group)
	ctx, cancel := context.WithTimeout(ctx, patience(group))
	defer cancel()
	results, err := r.log.Append(ctx, list, store.After(r.head).Within(stampHolds))
	ended(err)
	return results, err
}

// observe reports to whoever watches that an append begins.
func (r *recorder) observe(group []*request) (ended func(error)) {
	if r.o.Append == nil {
		return func(error) {}
	}
	asked, ids := make([]context.Context, len(group)), make([][]string, len(group))
	for i, q := range group {
		asked[i] = q.ctx
		for _, fresh := range q.fresh {
			ids[i] = append(ids[i], q.events[fresh].ID)
		}
	}
	return r.o.Append(r.log.Summit(), asked, ids)
}

func (r *recorder) accept(group []*request, results []store.Result) {
	n := 0
	r.won = true
	for _, q := range group {
		for _, i := range q.fresh {
			e, res := q.events[i], results[n]
			n++
			q.outcomes[i] = Outcome{ID: e.ID, Seq: res.Seq, Outcome: res.Outcome}
			r.head, r.known = res.Seq, res.Seq
			r.pending[e.ID] = pending{seq: res.Seq, event: e}
			r.unsure = r.unsure || delicate(e)
			if e.Recorded.After(r.latest) {
				r.latest = e.Recorded.Time
			}
		}
		q.reply <- answer{outcomes: q.outcomes}
	}
}
