package summits

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

// recorder admits events to the log of one summit and appends them. One goroutine
// at a time does so: that of a caller who finds nobody at it, which serves what waits
// once, and then one of the recorder's own for as long as more waits. Requests that
// arrive during an append are appended together in the next one: group commit without
// a timer.
//
// An append names the sequence it follows, so every event before it is known when
// it is admitted: from the views, or from what this recorder has appended since.
// When another server appends to the same log, the append is a conflict and its
// events are admitted again. An append in doubt delays nobody: the next append may
// follow the same sequence, and only one of the two succeeds.
type recorder struct {
	log      *store.Log
	views    *projections.Engine
	o        Options
	clock    *clock
	requests chan *request
	stopped  chan struct{} // closed once nobody answers any more

	mu      sync.Mutex // guards the next three fields
	ctx     context.Context
	start   func(func() error) // starts a goroutine that serveUntil's caller waits for; nil before
	running bool
	leading sync.WaitGroup // callers who serve

	// The fields below belong to the goroutine that serves.
	lastGroup     int // number of callers in the last group
	aside         []*request
	retry         bool               // serve those set aside at once
	separately    bool               // append each request alone
	endUnknown    bool               // ask the log where it ends before the next append
	yieldBudget   time.Duration      // how long this recorder may still wait for rivals
	yieldFor      time.Duration      // how long it waits next
	appended      bool               // the last group was appended without a conflict
	head          uint64             // last sequence of the log, as far as known
	known         uint64             // the ids up to here are in the views or pending
	pending       map[string]pending // appended, perhaps not yet in the views, by id
	closedUnknown bool               // ask the views again whether the summit is closed
	closed        bool
	latest        time.Time // knowledge time at the head
}

type pending struct {
	seq   uint64
	event events.Event
	read  bool // read from the log: the views decide whether it counts
}

// queue is how many requests can wait without blocking their callers.
const queue = 256

func newRecorder(log *store.Log, views *projections.Engine, o Options) *recorder {
	return &recorder{
		log: log, views: views, o: o, clock: newClock(log, o), requests: make(chan *request, queue), stopped: make(chan struct{}),
		pending: map[string]pending{}, closedUnknown: true,
	}
}

// serveUntil serves requests until ctx ends; start runs a function in a goroutine.
// Once ctx has ended, stop must be called. A second call, for a summit that has
// slept, changes nothing for requests that are being served.
func (r *recorder) serveUntil(ctx context.Context, start func(func() error)) {
	r.mu.Lock()
	if r.start == nil {
		r.ctx, r.start = ctx, start
	}
	r.mu.Unlock()
	if len(r.requests) > 0 {
		r.wake()
	}
}

// wake starts a goroutine that serves, unless one does.
func (r *recorder) wake() {
	if !r.take() {
		return
	}
	defer r.leading.Done()
	r.start(r.run)
}

// serveOnce serves what waits, unless another goroutine does: a lone caller needs no
// other goroutine to wake up. What is not answered then is left to one of the
// recorder's own.
func (r *recorder) serveOnce() {
	if !r.take() {
		return
	}
	defer r.leading.Done()
	if group := r.gather(); len(group) > 0 {
		r.serve(r.ctx, group)
		r.dropKnown()
	}
	if !r.rest() {
		r.start(r.run)
	}
}

// take reports whether the caller is the one to serve from now on. It must call
// leading.Done once it has passed that on.
func (r *recorder) take() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running || r.start == nil || r.ctx.Err() != nil {
		return false
	}
	r.running = true
	r.leading.Add(1)
	return true
}

// stop lets callers know that nobody answers any more.
func (r *recorder) stop() {
	r.mu.Lock()
	if !r.running {
		close(r.stopped)
	}
	r.mu.Unlock()
	r.leading.Wait()
}

// rest reports whether nothing waits to be served: the goroutine then serves no more.
func (r *recorder) rest() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.ctx.Err() != nil:
		close(r.stopped)
		return true
	case len(r.requests) > 0 || len(r.aside) > 0:
		return false
	}
	r.running = false
	return true
}

func (r *recorder) run() error {
	for !r.rest() {
		r.yieldToRivals(r.ctx)
		if group := r.await(r.ctx); len(group) > 0 {
			r.serve(r.ctx, group)
			r.dropKnown()
		}
	}
	return nil
}

// retryEvery is how often requests that were set aside are tried again, unless the
// views change earlier.
const retryEvery = 100 * time.Millisecond

// await returns the callers to be served next, or none if ctx has ended.
func (r *recorder) await(ctx context.Context) []*request {
	if ctx.Err() != nil {
		return nil
	}
	if r.retry || len(r.aside) == 0 {
		return r.gather()
	}
	timer := time.NewTimer(retryEvery)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return nil
	case q := <-r.requests:
		return r.gather(q)
	case <-r.views.Changed():
	case <-timer.C:
	}
	return r.gather()
}

// gather returns the requests that were set aside and those that wait, up to one
// atomic batch. If there are several callers, it lets those that were just answered
// run first, because they may be about to send the next request: a batch costs
// about the same whatever its size. A lone caller never waits.
func (r *recorder) gather(first ...*request) []*request {
	group, n, seen := append(r.aside, first...), 0, 0
	r.aside, r.retry = nil, false
	for _, q := range group {
		n += len(q.events)
	}
	for n < store.MaxBatch {
		select {
		case q := <-r.requests:
			group, n = append(group, q), n+len(q.events)
			continue
		default:
		}
		if len(group) == seen || len(group) == 1 && r.lastGroup <= 1 {
			break
		}
		seen = len(group)
		runtime.Gosched()
	}
	r.lastGroup = len(group)
	return group
}

// dropKnown forgets pending events that the views have by now.
func (r *recorder) dropKnown() {
	served := r.views.Head().Seq
	for id, p := range r.pending {
		if p.seq <= served {
			delete(r.pending, id)
		}
	}
}

const (
	// yieldTotal is how long this recorder waits for rivals in all after one of them
	// has appended.
	yieldTotal = time.Second
	// firstYield is how long a rival may take to learn what was appended last and to
	// append after it. Each further wait is twice as long: the rival may be on a busy
	// machine.
	firstYield, longestYield = 10 * time.Millisecond, 160 * time.Millisecond
)

// yieldToRivals lets others who append to the same log their turn. Whoever is nearer to
// the broker, and never rests, would else win every race for the next place.
func (r *recorder) yieldToRivals(ctx context.Context) {
	if !r.appended || len(r.requests) == 0 || r.yieldBudget == 0 {
		return
	}
	wait := min(r.yieldFor, r.yieldBudget)
	r.yieldBudget -= wait
	r.yieldFor = min(2*r.yieldFor, longestYield)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
