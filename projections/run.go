package projections

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/viewdb"
)

const (
	// liveBatch is the most events of one transaction while readers wait for
	// the next one; what arrived while the last commit ran goes in together.
	liveBatch = 20_000
	// queued is how many decoded events wait for the transaction at hand.
	queued = 20_000
)

// Run follows the log until ctx ends. A log that is in doubt, and a view that
// cannot be folded, stop it from going on but not from serving: it then waits
// for ctx to end, and Health says why.
func (e *Engine) Run(ctx context.Context) error {
	err := e.follow(ctx)
	if ctx.Err() != nil {
		return nil
	}
	e.stop(err)
	<-ctx.Done()
	return nil
}

func (e *Engine) stop(err error) {
	var gap *store.GapError
	var doubt *DoubtError
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case errors.As(err, &doubt):
		e.doubt = err
	case errors.As(err, &gap):
		e.doubt = &DoubtError{Seq: gap.Want, Reason: err.Error()}
	default:
		e.failed = err
	}
	var bug *PanicError
	if errors.As(err, &bug) {
		e.logger.Error("a panic while folding", "summit", e.log.Summit(), "event", bug.Seq, "stack", string(bug.Stack))
	}
	e.logger.Error("the views stopped", "summit", e.log.Summit(), "position", e.head.position().String(), "error", err)
	close(e.changed)
	e.changed = make(chan struct{})
}

// DoubtError says that the log is not what it was when the views were made.
type DoubtError struct {
	Seq    uint64 // the first position known to be wrong
	Reason string
}

func (d *DoubtError) Error() string {
	return fmt.Sprintf("the log is in doubt at %d: %s", d.Seq, d.Reason)
}

func (e *Engine) follow(ctx context.Context) error {
	if err := e.compare(ctx); err != nil {
		return err
	}
	if err := e.rebuildIfOld(ctx); err != nil {
		return err
	}
	return pump(ctx, e.log, e.head.Seq+1, liveBatch, e.commit)
}

// pump reads the log on one goroutine and hands what has arrived to another:
// decoding and committing overlap.
func pump(ctx context.Context, log Log, from uint64, most int, commit func([]store.Record) error) error {
	g, ctx := errgroup.WithContext(ctx)
	records := make(chan store.Record, queued)
	g.Go(func() (err error) {
		defer close(records)
		hand := from
		defer caught(&hand, &err)
		for rec, err := range log.Follow(ctx, from) {
			if err != nil {
				return err
			}
			hand = rec.Seq + 1
			select {
			case records <- rec:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	g.Go(func() error {
		var batch []store.Record
		for rec := range records {
			batch = append(batch[:0], rec)
			batch = drain(records, batch, most)
			if err := commit(batch); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

// drain takes what waits, without waiting for more.
func drain(records <-chan store.Record, batch []store.Record, most int) []store.Record {
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

// compare holds the log against the cursor: the log must begin at 1, reach the
// cursor, and hold there the event whose hash the cursor has.
func (e *Engine) compare(ctx context.Context) error {
	info, err := e.log.Info(ctx)
	if err != nil {
		return fmt.Errorf("ask the log: %w", err)
	}
	e.noteLast(info.Last)
	if info.Messages > 0 && info.First != 1 {
		return &DoubtError{Seq: 1, Reason: fmt.Sprintf("it begins at %d instead of 1: it was trimmed", info.First)}
	}
	head := e.head
	if head.Seq == 0 {
		return nil
	}
	if info.Last < head.Seq {
		return &DoubtError{Seq: info.Last + 1, Reason: fmt.Sprintf("it ends at %d, but %d was seen: it was rolled back", info.Last, head.Seq)}
	}
	rec, err := e.log.Get(ctx, head.Seq)
	if err != nil {
		return &DoubtError{Seq: head.Seq, Reason: fmt.Sprintf("event %d cannot be read: %v", head.Seq, err)}
	}
	if leaf := merkle.LeafHash(rec.Raw); !bytes.Equal(leaf[:], head.Leaf) {
		return &DoubtError{Seq: head.Seq, Reason: fmt.Sprintf("event %d is another than the one that was seen", head.Seq)}
	}
	return nil
}

func (e *Engine) noteLast(last uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last = max(e.last, last)
}

// commit folds a batch in one transaction and then announces it.
func (e *Engine) commit(batch []store.Record) error {
	e.noteLast(batch[len(batch)-1].Seq)
	head, due, err := fold(e.db, batch, e.items)
	var bug *PanicError
	if errors.As(err, &bug) && bug.Seq > batch[0].Seq { // what came before it can be served
		return errors.Join(err, e.commit(batch[:bug.Seq-batch[0].Seq]))
	}
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.head, e.due = head, due
	close(e.changed)
	e.changed = make(chan struct{})
	return nil
}

// fold applies a batch to a file in one transaction. Where that fails, or
// panics, nothing of it stands: neither in the file nor among the items.
func fold(db *viewdb.DB, batch []store.Record, items *itemCache) (head cursor, due map[uint64]int64, err error) {
	var hand uint64
	defer func() {
		if err != nil {
			items.forget()
		}
	}()
	defer caught(&hand, &err)
	err = db.Update(func(tx *viewdb.Tx) error {
		at, err := readCursor(tx)
		if err != nil {
			return err
		}
		w, err := newWriter(tx, at, items)
		if err != nil {
			return err
		}
		for _, rec := range batch {
			hand = rec.Seq
			if err := w.apply(rec); err != nil {
				return err
			}
		}
		if head, err = w.finish(); err != nil {
			return err
		}
		due, err = deadlines(tx, head.Seq)
		return err
	})
	return head, due, err
}
