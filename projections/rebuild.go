package projections

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/viewdb"
)

// rebuild is the making of a new file beside the one that serves.
type rebuild struct {
	done  atomic.Uint64
	until uint64
}

func (r *rebuild) progress() float64 {
	if r.until == 0 {
		return 1
	}
	return min(1, float64(r.done.Load())/float64(r.until))
}

// rebuildBatch is the most events of one transaction while nobody waits. A
// bigger one gains little and takes memory for every event in hand.
const rebuildBatch = 10_000

var errCaughtUp = errors.New("caught up")

// rebuildIfOld makes a file of this version where the one that serves is of
// another, and puts it in its place when it has caught up. The old file is
// kept beside it, with the ending .old, until the next start has found the new
// one good.
func (e *Engine) rebuildIfOld(ctx context.Context) error {
	old := e.path + ".old"
	if e.head.Seq == 0 || e.head.Version == version {
		return removeFile(old)
	}
	fresh := e.path + ".new"
	if err := removeFile(fresh); err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	job := &rebuild{until: e.head.Seq}
	e.mu.Lock()
	e.rebuild = job
	e.mu.Unlock()
	e.logger.Info("rebuilding the views", "summit", e.log.Summit(), "from", e.head.Version, "to", version)
	if err := Build(ctx, fresh, e.log, e.head.Seq, func(seq uint64) { job.done.Store(seq) }); err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	return e.swap(fresh, old)
}

// Build folds the first events of a log into a file: a new one, or one that was
// built before and is to reach further.
func Build(ctx context.Context, path string, log Log, until uint64, progress func(seq uint64)) error {
	db, err := viewdb.Open(path, viewdb.Options{Append: appendOrdered, NoSync: true})
	if err != nil {
		return err
	}
	var from cursor
	if err := db.View(func(tx *viewdb.Tx) error { from, err = readCursor(tx); return err }); err != nil || from.Seq >= until {
		return errors.Join(err, db.Close())
	}
	items := newItemCache()
	err = pump(ctx, log, from.Seq+1, rebuildBatch, func(batch []store.Record) error {
		if over := int(batch[len(batch)-1].Seq) - int(until); over > 0 {
			batch = batch[:len(batch)-over]
		}
		head, _, err := fold(db, batch, items)
		if err != nil {
			return err
		}
		progress(head.Seq)
		if head.Seq >= until {
			return errCaughtUp
		}
		return nil
	})
	if errors.Is(err, errCaughtUp) {
		err = db.Sync()
	} else if err == nil {
		err = ctx.Err()
	}
	return errors.Join(err, db.Close())
}

// swap puts the new file in the place of the old. Readers wait for as long as
// two renames take.
func (e *Engine) swap(fresh, old string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.db.Close(); err != nil {
		return fmt.Errorf("swap views: %w", err)
	}
	if err := os.Rename(e.path, old); err != nil {
		return fmt.Errorf("swap views: %w", err)
	}
	if err := os.Rename(fresh, e.path); err != nil {
		return fmt.Errorf("swap views: %w", err)
	}
	db, err := viewdb.Open(e.path, e.dbOptions())
	if err != nil {
		return fmt.Errorf("swap views: %w", err)
	}
	e.db, e.rebuild, e.items = db, nil, newItemCache()
	e.statuses.Purge()
	if err := e.load(); err != nil {
		return err
	}
	close(e.changed)
	e.changed = make(chan struct{})
	return nil
}
