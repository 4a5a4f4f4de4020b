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

// recorder admits and appends, one goroutine a summit while there is something
// to record. What waits while an append runs goes into the next together: a
// group commit without a timer.
//
// An append names the sequence that it follows, so that all that stands before
// is known when an event is admitted: in the views, or among what this recorder
// has appended since. Whoever appends to the same log makes that append a
// conflict, and what was in it is admitted anew. What is in doubt holds nobody
// up: the next append may follow the same sequence, and one of the two is taken.
type recorder struct {
	log      *store.Log
	views    *projections.Engine
	o        Options
	clock    *clock
	requests chan *request
	stopped  chan struct{} // closed once nobody answers any more

	mu      sync.Mutex // guards what follows
	ctx     context.Context
	start   func(func() error) // starts a goroutine that whoever runs the recorder waits for; nil before
	running bool

	// What follows is that goroutine's.
	last    int // callers in the last group
	parked  []*request
	now     bool               // those are to be served at once
	apart   bool               // each is to be appended alone
	lost    bool               // the log must be asked where it ends
	shared  time.Duration      // how long others may still be given their turn
	turn    time.Duration      // how long the next one is
	won     bool               // the last group was appended
	head    uint64             // last sequence of the log, as far as is known
	known   uint64             // up to which the ids are in the views or pending
	pending map[string]pending // appended, perhaps not yet in the views, by id
	unsure  bool               // whether the summit is closed must be asked again
	closed  bool
	latest  time.Time // knowledge time at the head
}

type pending struct {
	seq   uint64
	event events.Event
	read  bool // from the log: whoever appended it, the views say whether it stands
}

// queue is how many callers may wait without being held up themselves.
const queue = 256

func newRecorder(log *store.Log, views *projections.Engine, o Options) *recorder {
	return &recorder{
		log: log, views: views, o: o, clock: newClock(log, o), requests: make(chan *request, queue), stopped: make(chan struct{}),
		pending: map[string]pending{}, unsure: true,
	}
}

// serveUntil lets requests be served until ctx ends; start runs a function in a
// goroutine. Once ctx has ended, stop must be called. What is served already, of a
// summit that has slept, goes on being served.
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

// wake starts the goroutine where there is none.
func (r *recorder) wake() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running || r.start == nil || r.ctx.Err() != nil {
		return
	}
	r.running = true
	r.start(r.run)
}

// stop lets callers know that nobody answers any more.
func (r *recorder) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.running {
		close(r.stopped)
	}
}

// rest ends the goroutine, unless somebody has come.
func (r *recorder) rest() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.ctx.Err() != nil:
		close(r.stopped)
		return true
	case len(r.requests) > 0 || len(r.parked) > 0:
		return false
	}
	r.running = false
	return true
}

func (r *recorder) run() error {
	for {
		group := r.await(r.ctx)
		if len(group) == 0 {
			if r.rest() {
				return nil
			}
			continue
		}
		r.serve(r.ctx, group)
		r.forget()
		r.yield(r.ctx)
	}
}

const (
	// idle is how long the goroutine of a summit outlives what is recorded.
	idle = 5 * time.Second
	// retryEvery is how often those who are put aside are served again, where
	// nothing says earlier that it is worth it.
	retryEvery = 100 * time.Millisecond
)

// await returns those who are to be served next; nobody, where nobody comes or ctx
// has ended.
func (r *recorder) await(ctx context.Context) []*request {
	most, changed := idle, (<-chan struct{})(nil)
	switch {
	case ctx.Err() != nil:
		return nil
	case r.now:
		return r.gather()
	case len(r.parked) > 0:
		most, changed = retryEvery, r.views.Changed()
	}
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return nil
	case q := <-r.requests:
		return r.gather(q)
	case <-changed:
	case <-timer.C:
	}
	return r.gather()
}

// gather takes those who were put aside and those who wait, up to one atomic
// batch. Where there are several, those that were answered a moment ago are let
// run first, for they may be about to come again: a batch costs much the same
// whatever its size. A lone caller waits for nobody.
func (r *recorder) gather(first ...*request) []*request {
	group, n, seen := append(r.parked, first...), 0, 0
	r.parked, r.now = nil, false
	for _, q := range group {
		n += len(q.events)
	}
	for len(group) > 0 && n < store.MaxBatch {
		select {
		case q := <-r.requests:
			group, n = append(group, q), n+len(q.events)
			continue
		default:
		}
		if len(group) == seen || (len(group) == 1 && r.last <= 1) {
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

const (
	// sharedFor is how long in all others are given their turn since one of them has
	// appended.
	sharedFor = time.Second
	// firstTurn is how long another may take until it knows what was appended last,
	// and has appended after it. Where it did not, it is given longer: it may be on a
	// busy machine.
	firstTurn, longestTurn = 10 * time.Millisecond, 160 * time.Millisecond
)

// yield lets others who append to the same log their turn. Whoever is nearer to
// the broker, and never rests, would else win every race for the next place.
func (r *recorder) yield(ctx context.Context) {
	if !r.won || len(r.requests) == 0 || r.shared == 0 {
		return
	}
	wait := min(r.turn, r.shared)
	r.shared -= wait
	r.turn = min(2*r.turn, longestTurn)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
