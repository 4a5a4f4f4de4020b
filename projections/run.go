package projections

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/viewdb"
)

const (
	// liveBatch is the most events of one transaction while readers wait for
	// the next one; what arrived while the last commit ran goes in together.
	liveBatch = 2_000
	// queued is how many events wait, written down, for the transaction at hand:
	// each takes a few kilobytes.
	queued = 2_000
	// askAgain is how long a log that cannot be reached is left alone.
	askAgain = time.Second
)

// Run follows the log until ctx ends. A log that is in doubt, and a view that
// cannot be folded, stop it from going on but not from serving: it then waits
// for ctx to end, and Health says why.
func (e *Engine) Run(ctx context.Context) error {
	inner, halt := context.WithCancel(ctx)
	defer halt()
	e.mu.Lock()
	e.halt = halt
	e.mu.Unlock()
	err := e.follow(inner)
	for errors.Is(err, store.ErrUnavailable) && inner.Err() == nil { // a log that cannot be asked just now is asked again
		e.logger.Warn("waiting for the log", "summit", e.log.Summit(), "error", err)
		select {
		case <-inner.Done():
		case <-time.After(askAgain):
			err = e.follow(inner)
		}
	}
	if ctx.Err() != nil {
		return nil
	}
	e.stop(err)
	<-ctx.Done()
	return nil
}

// stop notes why the views went no further. A doubt that halted them is noted
// already.
func (e *Engine) stop(err error) {
	if d := doubtOf(err); d != nil {
		e.Doubt(d)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.doubt != nil {
		return
	}
	var bug *PanicError
	if errors.As(err, &bug) {
		e.logger.Error("a panic while folding", "summit", e.log.Summit(), "event", bug.Seq, "stack", string(bug.Stack))
	}
	e.failed = err
	e.logger.Error("the views stopped", "summit", e.log.Summit(), "position", e.head.position().String(), "error", err)
	e.wake()
}

// wake wakes who waits for a change. The lock is held.
func (e *Engine) wake() {
	close(e.changed)
	e.changed = make(chan struct{})
}

func (e *Engine) follow(ctx context.Context) error {
	if e.InDoubt() {
		return nil
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
	return pump(ctx, e.log, e.head, liveBatch, e.commit)
}

// pump reads the log after a cursor on one goroutine and hands what has arrived
// to another: decoding and writing items overlap with committing.
func pump(ctx context.Context, log Log, after cursor, most int, commit func([]ready) error) error {
	g, ctx := errgroup.WithContext(ctx)
	records := make(chan ready, min(queued, most))
	g.Go(func() (err error) {
		defer close(records)
		hand, epoch := after.Seq+1, after.Epoch
		defer caught(&hand, &err)
		for rec, err := range log.Follow(ctx, hand) {
			if err != nil {
				return err
			}
			hand = rec.Seq
			if rec.Seq == 1 {
				epoch = events.EpochOf(rec.Raw)
			}
			r := prepare(rec)
			if err := r.write(epoch); err != nil {
				return err
			}
			select {
			case records <- r:
			case <-ctx.Done():
				return ctx.Err()
			}
			hand = rec.Seq + 1
		}
		return nil
	})
	g.Go(func() error {
		var batch []ready
		for rec := range records {
			batch = append(batch[:0], rec)
			batch = drain(records, batch, most)
			if err := commit(batch); err != nil {
				return err
			}
			clear(batch) // what is committed is not held while the next are gathered
		}
		return nil
	})
	return g.Wait()
}

// drain takes what waits, without waiting for more.
func drain(records <-chan ready, batch []ready, most int) []ready {
	for len(batch) < most {
		select {
		case rec, open := <-records:
			if !open {
				return batch
			}
			batch = append(batch, rec)
		default:
			return batch
		}
	}
	return batch
}

func (e *Engine) noteLast(last uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.asked {
		e.asked, e.held = true, last
	}
	e.last = max(e.last, last)
}

// commit folds a batch in one transaction and then announces it.
func (e *Engine) commit(batch []ready) error {
	e.noteLast(batch[len(batch)-1].Seq)
	if e.InDoubt() {
		return nil // what is there is evidence: nothing is added to it
	}
	ended := e.observe(batch)
	head, err := fold(e.db, batch, e.recent)
	ended(err)
	var bug *PanicError
	if errors.As(err, &bug) && bug.Seq > batch[0].Seq { // what came before it can be served
		return errors.Join(err, e.commit(batch[:bug.Seq-batch[0].Seq]))
	}
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.head = head
	e.folded += uint64(len(batch))
	e.wake()
	return nil
}

// observe tells who watches that a transaction begins.
func (e *Engine) observe(batch []ready) (ended func(error)) {
	if e.observer == nil {
		return func(error) {}
	}
	ids := make([]string, len(batch))
	for i, rec := range batch {
		ids[i] = rec.Event.ID
	}
	return e.observer(e.log.Summit(), batch[0].Seq, ids)
}

// fold applies a batch to a file in one transaction. Where that fails, or
// panics, nothing of it stands: neither in the file nor in what is kept of it.
func fold(db *viewdb.DB, batch []ready, known *recent) (head cursor, err error) {
	var hand uint64
	defer func() {
		if err != nil {
			known.forget()
		}
	}()
	defer caught(&hand, &err)
	err = db.Update(func(tx *viewdb.Tx) error {
		at, err := readCursor(tx)
		if err != nil {
			return err
		}
		w, err := newWriter(tx, at, known)
		if err != nil {
			return err
		}
		for _, rec := range batch {
			hand = rec.Seq
			if err := w.apply(rec); err != nil {
				return err
			}
			if err := tx.LetGo(); err != nil {
				return err
			}
		}
		head, err = w.finish()
		return err
	})
	return head, err
}
