package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/summit-timeline/summit/store/durable"
	"github.com/summit-timeline/summit/store/viewdb"
)

// rebuild is the making of a new file beside the one that serves.
type rebuild struct {
	done, until atomic.Uint64
	fetched     bool // it comes from another replica, and is not folded here
}

func (r *rebuild) progress() float64 {
	until := r.until.Load()
	if until == 0 {
		return 0
	}
	return min(1, float64(r.done.Load())/float64(until))
}

// The endings of the files beside the one that serves.
const (
	suffixNew = ".new" // being built, or built and not yet swapped
	suffixOld = ".old" // what served before; kept until the next start
)

// rebuildBatch is the most events of one transaction while nobody waits. Each
// event of a long log changes a page or two of its own, which lie in memory twice
// until the commit: bigger ones gain little and take more than is to spare.
const rebuildBatch = 2_000

var errCaughtUp = errors.New("caught up")

// rebuildIfOld makes a file of this version where the one that serves is of
// another, and puts it in its place when it has caught up. The old file is
// kept beside it until the next start has found the new one good.
func (e *Engine) rebuildIfOld(ctx context.Context) error {
	if err := removeFile(e.path + suffixNew); err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	if e.head.Seq == 0 || e.head.Version == e.version {
		return removeFile(e.path + suffixOld)
	}
	job := &rebuild{}
	job.until.Store(e.head.Seq)
	e.noteRebuild(job)
	defer e.noteRebuild(nil)
	e.logger.Info("rebuilding the views", "summit", e.log.Summit(), "from", e.head.Version, "to", e.version)
	if err := Build(ctx, e.path+suffixNew, e.log, e.newFold(), e.head.Seq, func(seq uint64) { job.done.Store(seq) }); err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	if err := e.sameTree(ctx, e.path+suffixNew); err != nil {
		return err
	}
	return e.swap()
}

// readFile reads a file of views that no engine has open.
func readFile(path string, fn func(tx *viewdb.Tx) error) error {
	db, err := viewdb.Open(path, viewdb.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	return errors.Join(db.View(fn), db.Close())
}

func (e *Engine) noteRebuild(job *rebuild) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.rebuild = job
}

// Build folds the first events of a log into a file: a new one, or one that was
// built before and is to reach further.
func Build(ctx context.Context, path string, log Log, fold Fold, until uint64, progress func(seq uint64)) error {
	db, err := viewdb.Open(path, viewdb.Options{Append: ascending(fold), NoSync: true})
	if err != nil {
		return err
	}
	var from Cursor
	if err := db.View(func(tx *viewdb.Tx) error { from, err = readCursor(tx, fold.Version()); return err }); err != nil || from.Seq >= until {
		return errors.Join(err, db.Close())
	}
	err = pump(ctx, log, fold, from, rebuildBatch, func(batch []Event) error {
		if over := int(batch[len(batch)-1].Seq) - int(until); over > 0 {
			batch = batch[:len(batch)-over]
		}
		done, err := foldBatch(db, fold, batch)
		if err != nil {
			return err
		}
		progress(done.head.Seq)
		if done.head.Seq >= until {
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

// exchange renames the file that serves to the old one and the new one to the
// file that serves. The new one is whole and on disk by now, so that an
// interrupted exchange can be finished.
func exchange(path string) error {
	if err := os.Rename(path, path+suffixOld); err != nil {
		return err
	}
	if err := finishSwap(path); err != nil {
		return errors.Join(err, os.Rename(path+suffixOld, path))
	}
	return nil
}

// finishSwap makes good an exchange that was cut off between its renames:
// there is an old file and none that serves. The new file takes its place; the
// old one comes back where there is no new one.
func finishSwap(path string) error {
	if exists(path) || !exists(path+suffixOld) {
		return nil
	}
	from := path + suffixNew
	if !exists(from) {
		from = path + suffixOld
	}
	if err := os.Rename(from, path); err != nil {
		return fmt.Errorf("finish the swap of %s: %w", path, err)
	}
	return durable.SyncDir(filepath.Dir(path))
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, os.ErrNotExist)
}
