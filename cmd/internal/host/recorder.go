package host

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

// Outcome is what came of recording an event.
type Outcome struct {
	ID      string
	Seq     uint64
	Outcome store.Outcome
}

// The errors of recording, besides those of the store.
var (
	ErrClosed  = errors.New("the summit is closed: only amendments are taken")
	ErrMoved   = errors.New("the entity has moved on since the position given in If-Match: read it again")
	ErrInDoubt = errors.New("the log is in doubt: no facts are taken until it is restored")
)

// recorder admits and appends, one goroutine a summit. What waits while an
// append runs goes into the next together: a group commit without a timer.
type recorder struct {
	log      *store.Log
	views    *projections.Engine
	o        Options
	requests chan *request
	stopped  chan struct{} // closed once nobody answers any more

	last    int                // callers in the last group
	head    uint64             // last sequence of the log
	pending map[string]pending // appended, perhaps not yet in the views, by id
	unsure  bool               // whether the summit is closed must be asked again
	closed  bool
}

type pending struct {
	seq   uint64
	event events.Event
}

// request is one caller's events: all of them or none.
type request struct {
	ctx    context.Context
	events []events.Event
	match  *events.Position
	reply  chan answer

	outcomes []Outcome
	fresh    []int // which of the events are to be appended
}

type answer struct {
	outcomes []Outcome
	err      error
}

// queue is how many callers may wait.
const queue = 4096

func newRecorder(log *store.Log, views *projections.Engine, o Options) *recorder {
	return &recorder{log: log, views: views, o: o, requests: make(chan *request, queue), stopped: make(chan struct{}), pending: map[string]pending{}, unsure: true}
}

// Record appends events, all of them or none. match, where given, is the
// position up to which the caller has seen the entities of its amendments.
func (r *recorder) Record(ctx context.Context, list []events.Event, match *events.Position) ([]Outcome, error) {
	q := &request{ctx: ctx, events: list, match: match, reply: make(chan answer, 1)}
	select {
	case r.requests <- q:
	case <-r.stopped:
		return nil, errStopped
	case <-ctx.Done():
		return nil, fmt.Errorf("record: %w: %w", store.ErrUnavailable, ctx.Err())
	}
	select {
	case a := <-q.reply:
		return a.outcomes, a.err
	case <-r.stopped:
		return q.late()
	case <-ctx.Done():
		return nil, fmt.Errorf("record: %w: %w", store.ErrUnavailable, ctx.Err())
	}
}

// errStopped is the error of a server that stops.
var errStopped = fmt.Errorf("record: the server stops: %w", store.ErrUnavailable)

// late takes the answer that came just before the recorder stopped, if any.
func (q *request) late() ([]Outcome, error) {
	select {
	case a := <-q.reply:
		return a.outcomes, a.err
	default:
		return nil, errStopped
	}
}

func (r *recorder) run(ctx context.Context) error {
	defer close(r.stopped)
	for {
		select {
		case <-ctx.Done():
			return nil
		case q := <-r.requests:
			r.serve(ctx, r.gather(q))
			r.forget()
		}
	}
}

// gather takes the callers that wait, up to one atomic batch. Where there are
// several, those that were answered a moment ago are let run first, for they
// may be about to come again: a batch costs much the same whatever its size. A
// lone caller waits for nobody.
func (r *recorder) gather(first *request) []*request {
	group, n, seen := []*request{first}, len(first.events), 0
	for n < store.MaxBatch {
		select {
		case q := <-r.requests:
			group, n = append(group, q), n+len(q.events)
			continue
		default:
		}
		if len(group) == seen || (len(group) == 1 && r.last == 1) {
			break
		}
		seen = len(group)
		runtime.Gosched()
	}
	r.last = len(group)
	return group
}

// forget drops what the views know by now.
func (r *recorder) forget() {
	served := r.views.Head().Seq
	for id, p := range r.pending {
		if p.seq <= served {
			delete(r.pending, id)
		}
	}
}

// merged is from how many callers on an atomic batch, which has a fixed cost,
// is cheaper than an append for each.
const merged = 12

// serve admits the callers in order. Those whose facts depend on nothing else
// are appended together; an amendment needs views that are at the head.
func (r *recorder) serve(ctx context.Context, group []*request) {
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
		if q.delicate() || q.repeats(taken) || n > store.MaxBatch || len(group) < merged {
			flush()
		}
		if err := r.admit(ctx, q); err != nil {
			q.reply <- answer{err: err}
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

// delicate requests need views that are at the head.
func (q *request) delicate() bool {
	if q.match != nil {
		return true
	}
	for _, e := range q.events {
		if _, amends := e.Amends(); amends || e.Subject.Kind == events.KindSummit {
			return true
		}
	}
	return false
}

func (q *request) repeats(taken map[string]bool) bool {
	for _, e := range q.events {
		if taken[e.ID] {
			return true
		}
	}
	return false
}

// appendWait is how long the broker may be out of reach before the callers who
// wait are told so: they may ask again, with the same ids.
const appendWait = 20 * time.Second

// append appends what several callers have, and answers each. Where it fails
// for all, each is tried alone: one refused event must not fail its
// neighbours.
func (r *recorder) append(ctx context.Context, group []*request) {
	r.appendAfter(ctx, group, store.After(r.head))
}

func (r *recorder) appendAfter(ctx context.Context, group []*request, expect store.Expect) {
	var list []events.Event
	for _, q := range group {
		for _, i := range q.fresh {
			list = append(list, q.events[i])
		}
	}
	ended := r.observe(group)
	patient, cancel := context.WithTimeout(ctx, appendWait)
	results, err := r.log.Append(patient, list, expect)
	cancel()
	ended(err)
	var conflict *store.ConflictError
	switch {
	case err == nil:
		r.accept(group, results)
	case errors.As(err, &conflict):
		r.again(ctx, group, conflict.Last)
	case len(group) > 1 && !errors.Is(err, store.ErrUnavailable):
		for _, q := range group {
			r.append(ctx, []*request{q})
		}
	default:
		for _, q := range group {
			q.reply <- answer{err: err}
		}
	}
}

// observe tells who watches that an append begins.
func (r *recorder) observe(group []*request) (ended func(error)) {
	if r.o.Append == nil || len(group) == 0 {
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
	for _, q := range group {
		for _, i := range q.fresh {
			e, res := q.events[i], results[n]
			n++
			q.outcomes[i] = Outcome{ID: e.ID, Seq: res.Seq, Outcome: res.Outcome}
			r.head = max(r.head, res.Seq)
			r.pending[e.ID] = pending{seq: res.Seq, event: e}
		}
		r.unsure = r.unsure || q.delicate()
		q.reply <- answer{outcomes: q.outcomes}
	}
}

// again admits anew after somebody else has appended. Whoever lost that race
// once would lose it again and again where the others are nearer to the broker
// and never rest: now no more is expected of the log than must be.
func (r *recorder) again(ctx context.Context, group []*request, last uint64) {
	r.head, r.unsure = max(r.head, last), true
	for _, q := range group {
		if q.ctx.Err() != nil {
			continue // nobody waits for it any more
		}
		least, err := r.least(q) // before it is admitted: what comes in between is a conflict
		if err == nil {
			err = r.admit(ctx, q)
		}
		if err != nil {
			q.reply <- answer{err: err}
			continue
		}
		r.appendAfter(ctx, []*request{q}, least(r.head))
		r.unsure = true // others may have appended before it
	}
}

// least is what must be so for a request that is admitted next to stand after
// some sequence: that the entity has not moved which a single amendment is
// about, and that the summit was not closed before a single fact. Its id is
// looked for by the broker, for longer than the views are old.
func (r *recorder) least(q *request) (func(seq uint64) store.Expect, error) {
	if len(q.events) != 1 {
		return store.After, nil
	}
	e := q.events[0]
	entity := e.Subject
	if _, amends := e.Amends(); !amends {
		entity = events.Entity{Kind: events.KindSummit, ID: e.Summit}
	}
	on, err := r.views.LastOn(entity)
	return func(seq uint64) store.Expect { return store.AfterOn(seq, e.Summit, entity, on) }, err
}
