package summits

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// merged is the number of callers from which one atomic batch, which has a fixed
// cost, is cheaper than an append for each.
const merged = 12

// serve admits requests in order and answers them. Events that depend on nothing
// else are appended together; an amendment needs views that are at the head.
func (r *recorder) serve(ctx context.Context, group []*request) {
	alone := r.separately || !r.log.Each() && len(group) < merged
	r.appended, r.separately = false, false
	if r.endUnknown && r.askEnd(ctx) != nil {
		r.setAside(group...)
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
			continue // its caller has gone
		}
		if alone || q.needsViews() || q.repeats(taken) || !r.fits(together, q) {
			flush()
		}
		if !r.admitOrAnswer(ctx, q) {
			continue
		}
		together = append(together, q)
		for _, i := range q.fresh {
			taken[q.events[i].ID] = true
		}
		if q.needsViews() {
			flush()
		}
	}
	flush()
}

// fits reports whether the events of a request can be appended with those of others. A
// batch is taken as a whole, and lone events cost less without one.
func (r *recorder) fits(together []*request, q *request) bool {
	n := len(q.events)
	for _, other := range together {
		n += len(other.fresh)
	}
	parted := r.log.Each() && len(together) > 0 && together[0].lone() != q.lone()
	return n <= store.MaxBatch && !parted
}

// admitOrAnswer admits a request. It returns false if the request was answered, or
// has to wait.
func (r *recorder) admitOrAnswer(ctx context.Context, q *request) bool {
	if r.endUnknown {
		r.setAside(q)
		return false
	}
	err := r.admit(ctx, q)
	switch {
	case errors.Is(err, errLater):
		r.setAside(q)
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

// setAside keeps requests to be tried again.
func (r *recorder) setAside(group ...*request) { r.aside = append(r.aside, group...) }

// askEnd asks the log where it ends.
func (r *recorder) askEnd(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stampHolds)
	defer cancel()
	_, err := r.logMoved(ctx)
	r.endUnknown = err != nil
	return err
}

// stampHolds is how long after its recorded time an event may be appended. If it
// takes longer, the event is stamped again.
const stampHolds = time.Second

// errStale is returned for events whose append was held up for longer than that.
var errStale = errors.New("the events were stamped too long ago")

// patience returns how long to wait for the answer to an append: one second, then
// two, then four, because a batch may be large and the network slow. Nothing is
// published once its stamp no longer holds.
func patience(group []*request) time.Duration {
	tried := 0
	for _, q := range group {
		tried = max(tried, len(q.doubtful))
	}
	return stampHolds << min(tried, 3)
}

// append appends the events of several requests after the head and answers each
// request. If the broker refuses the events themselves, each request is appended
// separately, so that one refused event does not fail its neighbours.
func (r *recorder) append(ctx context.Context, group []*request) {
	for _, q := range group {
		if q.after != r.head { // the log has gone on since: admit it again
			r.retryNow(group)
			return
		}
	}
	if len(group) == 0 {
		return
	}
	results, err := r.tryAppend(ctx, group)
	var conflict *store.ConflictError
	switch {
	case errors.Is(err, errStale):
		r.retryNow(group)
	case err == nil && r.clock.wasSetBack(group):
		r.doubt(group)
		r.advance(results[len(results)-1].Seq)
		r.retryNow(group)
	case err == nil:
		if rest := r.accept(group, results); len(rest) > 0 {
			r.doubt(rest) // what was sent of them may still arrive
			r.retryNow(rest)
		}
	case errors.As(err, &conflict):
		r.advance(conflict.Last)
		r.retryNow(group)
	case errors.Is(err, store.ErrUnavailable) && !lasting(err):
		r.doubt(group)
		r.endUnknown = true
		r.setAside(group...)
	case len(group) > 1:
		r.separately = true
		r.retryNow(group)
	default:
		group[0].reply <- answer{err: err}
	}
}

// doubt notes the stamps under which the events may be in the log.
func (r *recorder) doubt(group []*request) {
	for _, q := range group {
		q.doubtful = append(q.doubtful, q.stamp)
	}
}

// lasting reports whether an append failed for a reason that lasts until somebody
// frees space. Its callers are answered at once.
func lasting(err error) bool { return errors.Is(err, store.ErrFull) || errors.Is(err, store.ErrFrozen) }

// retryNow serves requests again at once.
func (r *recorder) retryNow(group []*request) {
	r.setAside(group...)
	r.retry = true
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
	add := r.log.Append
	if r.log.Each() && !slices.ContainsFunc(group, func(q *request) bool { return !q.lone() }) {
		add = r.log.AppendEach
	}
	holds := slices.MinFunc(group, func(a, b *request) int { return a.holds.Compare(b.holds) }).holds
	if past(holds) {
		ended(errStale)
		return nil, errStale
	}
	results, err := add(ctx, list, store.After(r.head).Before(holds))
	ended(err)
	return results, err
}

// observe reports the begin of an append to Options.Append. The returned function
// reports its end.
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

// accept answers the requests whose events were appended, and returns the others.
func (r *recorder) accept(group []*request, results []store.Result) (rest []*request) {
	n := 0
	r.appended = true
	for i, q := range group {
		if n == len(results) {
			return group[i:]
		}
		for _, i := range q.fresh {
			e, res := q.events[i], results[n]
			n++
			q.outcomes[i] = Outcome{ID: e.ID, Seq: res.Seq, Outcome: res.Outcome}
			r.head, r.known = res.Seq, res.Seq
			r.pending[e.ID] = pending{seq: res.Seq, event: e}
			r.closedUnknown = r.closedUnknown || needsViews(e)
			if e.Recorded.After(r.latest) {
				r.latest = e.Recorded.Time
			}
		}
		q.reply <- answer{outcomes: q.outcomes}
	}
	return nil
}
