package engine

import (
	"context"
	"errors"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

const (
	// liveBatch is the most events of one transaction while readers wait for
	// the next one; what arrived while the last commit ran goes in together.
	liveBatch = 2_000
	// queued is how many events wait, written down, for the transaction at hand:
	// each takes a few kilobytes.
	queued = 2_000
	// gathering is how long events gather after a commit before the next one, while
	// nobody waits for them: a commit costs as much as folding some dozens of them.
	gathering = 2 * time.Millisecond
	// manyGathered is how many events were committed where more need not gather.
	manyGathered = 250
)

// gather lets events gather for the next commit, unless somebody waits for one.
func (e *Engine) gather(ctx context.Context) {
	timer := time.NewTimer(gathering)
	defer timer.Stop()
	select {
	case <-e.hurry:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Run follows the log until ctx ends, or until the views are laid to rest: it is
// to be called again when they are wanted. A log that is in doubt is followed no
// further, and its views keep serving; Health says why. Whatever else fails,
// such as a full disk, is tried again until it passes.
func (e *Engine) Run(ctx context.Context) error {
	inner, halt := context.WithCancel(ctx)
	defer halt()
	e.mu.Lock()
	e.halt = halt
	e.mu.Unlock()
	for !e.InDoubt() && inner.Err() == nil {
		again := e.followAgain(inner)
		if e.isResting() && ctx.Err() == nil && e.sleep() {
			return nil
		}
		if again != nil && e.pause(inner, again) != nil {
			break
		}
	}
	<-ctx.Done()
	return nil
}

// followAgain follows the log until something fails. The error reports what passes by
// itself; it is nil if the log is in doubt, and where the views have to be
// rebuilt before anything else.
func (e *Engine) followAgain(inner context.Context) error {
	ctx, again := context.WithCancel(inner)
	defer again()
	e.mu.Lock()
	e.again = again
	e.mu.Unlock()
	if err := e.reopen(); err != nil {
		return err
	}
	damaged, before := e.damaged(), e.Health().Folded
	err := e.follow(ctx)
	if e.Health().Folded > before {
		e.tries = 0
	}
	if d := inconsistencyIn(err); d != nil {
		e.Doubt(d)
		return nil
	}
	e.notice(e.db, err)
	if e.suspect(err) {
		_ = e.scrubRows(ctx) // where that finds nothing, the first error counts
	}
	if ctx.Err() != nil || !damaged && e.damaged() {
		return nil // it is to begin anew, to rest or to end
	}
	if err == nil {
		err = errors.New("the log ended")
	}
	return err
}

// suspect reports whether an error may come of a damaged view file: it says
// neither that the log is out of reach nor that the system fails.
func (e *Engine) suspect(err error) bool {
	return err != nil && !e.damaged() && !errors.Is(err, store.ErrUnavailable) && !errors.As(err, new(syscall.Errno)) && !errors.Is(err, context.Canceled)
}

// wake wakes who waits for a change. The lock is held.
func (e *Engine) wake() {
	close(e.changed)
	e.changed = make(chan struct{})
}

func (e *Engine) follow(ctx context.Context) error {
	if err := e.prove(ctx); err != nil {
		return err
	}
	if err := e.makeAnew(ctx); err != nil {
		return err
	}
	created, err := e.examine(ctx)
	if err != nil {
		return err
	}
	if err := e.beginElsewhere(ctx); err != nil {
		return err
	}
	if err := e.rebuildIfOld(ctx); err != nil {
		return err
	}
	if err := e.remember(created); err != nil {
		return err
	}
	if e.Health().Lag == 0 { // else it is the next commit that shows
		e.resume()
	}
	return pump(ctx, e.log, e.db.fold, e.head, liveBatch, func(batch []Event) error {
		if err := e.commit(batch); err != nil {
			return err
		}
		if len(batch) < manyGathered {
			e.gather(ctx)
		}
		return nil
	})
}

// pump reads the log after a cursor on one goroutine and hands what has arrived
// to another: decoding and writing items overlap with committing.
func pump(ctx context.Context, log Log, fold Fold, after Cursor, most int, commit func([]Event) error) error {
	g, ctx := errgroup.WithContext(ctx)
	records := newQueue(min(queued, most))
	g.Go(func() (err error) {
		defer records.end()
		none := uint64(0)
		defer Caught(&none, &err)
		epoch := after.Epoch
		for rec, err := range log.Follow(ctx, after.Seq+1) {
			if err != nil {
				return err
			}
			if rec.Seq == 1 {
				epoch = events.EpochOf(rec.Raw)
			}
			e := eventOf(rec)
			e.prepare(fold, epoch)
			if err := records.put(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
	g.Go(func() error {
		for batch := records.take(); len(batch) > 0; batch = records.take() {
			if err := commit(drain(records, batch, most)); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

// drain takes what waits besides, without waiting for more, until there is enough.
func drain(records *queue, batch []Event, most int) []Event {
	for len(batch) < most {
		more, _ := records.now()
		if len(more) == 0 {
			break
		}
		batch = append(batch, more...)
	}
	return batch
}

func (e *Engine) noteLast(last uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.asked || e.unasked {
		e.asked, e.held = true, last
	}
	e.last = max(e.last, last)
	if e.unasked {
		e.unasked = false
		e.wake()
	}
}

// commit folds a batch in one transaction and then announces it.
func (e *Engine) commit(batch []Event) error {
	e.noteLast(batch[len(batch)-1].Seq) // it was asked before it was followed
	if e.InDoubt() {
		return nil // what is there is evidence: nothing is added to it
	}
	ended := e.observe(batch)
	done, err := foldBatch(e.db.DB, e.db.fold, batch)
	ended(err)
	if err != nil {
		return err
	}
	e.tellAside(done)
	e.point()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.head, e.latest = done.head, done.latest
	e.uses++
	e.folded += uint64(len(batch))
	e.paused = nil
	e.wake()
	return nil
}

// point makes a restore point of the file beside what is committed next, where it is
// time for one.
func (e *Engine) point() {
	f := e.db
	if !f.PointDue() {
		return
	}
	f.readers.Add(1)
	e.points.Go(func() {
		defer f.readers.Done()
		if err := f.Point(); err != nil {
			e.logger.Warn("the view file could not be synced: more of it will be folded again after a loss of the machine", "summit", e.log.Summit(), "error", err)
		}
	})
}

// observe calls the observer if there is one, and returns what it wants called at
// the end of the transaction.
func (e *Engine) observe(batch []Event) (ended func(error)) {
	if e.observer == nil {
		return func(error) {}
	}
	ids := make([]string, len(batch))
	for i, rec := range batch {
		ids[i] = rec.Event.ID
	}
	return e.observer(e.log.Summit(), batch[0].Seq, ids)
}

// asideTold is the most events that are named when a transaction sets events
// aside.
const asideTold = 10

// tellAside logs as errors which events were quarantined.
func (e *Engine) tellAside(done folded) {
	for i, q := range done.aside {
		if i == asideTold {
			e.logger.Error("further events were quarantined", "summit", e.log.Summit(), "events", len(done.aside)-i, "try", "summit audit "+e.log.Summit())
			return
		}
		e.logger.Error("an event was quarantined: it has no effect", "summit", e.log.Summit(), "event", q.Seq, "kind", string(q.Kind), "reason", q.Reason)
		if err := done.failures[q.Seq]; err != nil {
			e.logger.Error("the program failed on an event", "summit", e.log.Summit(), "event", q.Seq, "error", err, "stack", stackOf(err))
		}
	}
}

// queue holds what was read and waits to be committed, up to a number. It takes
// no room while nothing waits: there are many summits, and most are at rest.
type queue struct {
	most int
	some chan struct{} // filled when something was put, or the end was reached
	room chan struct{} // filled when something was taken

	mu    sync.Mutex // guards what follows
	list  []Event
	ended bool
}

func newQueue(most int) *queue {
	return &queue{most: most, some: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// put waits until there is room. The error is that of ctx.
func (q *queue) put(ctx context.Context, e Event) error {
	for !q.add(e) {
		select {
		case <-q.room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	signal(q.some)
	return nil
}

func (q *queue) add(e Event) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.list) >= q.most {
		return false
	}
	q.list = append(q.list, e)
	return true
}

// end marks the queue as ended.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	signal(q.some)
}

// take waits for something, and gives all there is; nothing at the end.
func (q *queue) take() []Event {
	for {
		list, ended := q.now()
		if len(list) > 0 || ended {
			return list
		}
		<-q.some
	}
}

// now returns what there is, without waiting.
func (q *queue) now() (list []Event, ended bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	list, q.list = q.list, nil
	signal(q.room)
	return list, q.ended
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is filled already
	}
}
