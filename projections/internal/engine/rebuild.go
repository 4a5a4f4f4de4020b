package engine

import (
	"bytes"
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
// old one comes back if there is no new one.
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

// errUnproven is why a copy of a view file does not count yet.
var errUnproven = errors.New("the view file may be a copy of the one that was written: it is being checked")

// identityKey holds which file the views were written into: one that was copied
// while it was written may hold pages of several moments.
var identityKey = []byte("file")

// notice takes note where what was read is damaged. Views that are damaged are
// rebuilt beside those that serve.
func (e *Engine) notice(f *viewFile, err error) {
	var damage *DamagedError
	if !errors.As(err, &damage) {
		return
	}
	e.files.RLock()
	replaced := e.db != f
	e.files.RUnlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	if replaced || e.damage != nil {
		return
	}
	e.damage = damage
	e.logger.Error("the view file is damaged: it is being rebuilt from the log", "summit", e.log.Summit(), "position", e.head.Position().String(), "error", damage)
	if e.again != nil {
		e.again()
	}
	e.wake()
}

func (e *Engine) damaged() bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.damage != nil
}

func (e *Engine) isUnproven() bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.unproven
}

// prove checks a file that is a copy before it counts for anything.
func (e *Engine) prove(ctx context.Context) error {
	if !e.isUnproven() || e.damaged() {
		return nil
	}
	e.logger.Info("checking a copied view file", "summit", e.log.Summit())
	if err := e.scrubRows(ctx); !e.damaged() {
		return err
	}
	return nil
}

// makeAnew replaces views that are damaged. The log must still be what it was
// when they were read last, unless they were never known to be whole: then they
// say nothing of it.
func (e *Engine) makeAnew(ctx context.Context) error {
	if !e.damaged() {
		return nil
	}
	info, err := e.log.Info(ctx)
	if err != nil {
		return fmt.Errorf("rebuild the views: %w", err)
	}
	until, known := e.seen()
	if e.isUnproven() {
		until = info.Last
		e.knowLast(until)
	} else if err := sameStream(info, until, known); err != nil {
		return err
	}
	job := &rebuild{}
	job.until.Store(until)
	e.noteRebuild(job)
	defer e.noteRebuild(nil)
	fresh := e.path + suffixNew
	if err := removeFile(fresh); err != nil {
		return fmt.Errorf("rebuild the views: %w", err)
	}
	if err := Build(ctx, fresh, e.log, e.newFold(), until, func(seq uint64) { job.done.Store(seq) }); err != nil {
		return fmt.Errorf("rebuild the views: %w", err)
	}
	if !e.isUnproven() {
		if err := e.sameTree(ctx, fresh); err != nil {
			return err
		}
	}
	if err := e.swap(); err != nil {
		return err
	}
	e.logger.Info("the views were rebuilt", "summit", e.log.Summit(), "position", e.Head().String(), "kept", e.path+suffixOld)
	return nil
}

// knowLast notes where the log ends, whatever views that count for nothing said.
func (e *Engine) knowLast(last uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last = last
}

// sameTree returns the gate before a new file takes the place of the old: however its
// rows are, the same events must stand under it. If they do not, the old file
// keeps serving, and reading the log again says which event is another.
func (e *Engine) sameTree(ctx context.Context, path string) error {
	var made Cursor
	err := readFile(path, func(tx *viewdb.Tx) (err error) {
		made, err = readCursor(tx, e.version)
		return err
	})
	if err != nil || made.Position() == e.head.Position() && bytes.Equal(made.Root, e.head.Root) {
		return err
	}
	err = e.scrubTo(ctx, e.head.Seq, func(ctx context.Context, _ int) error { return ctx.Err() })
	switch {
	case errors.As(err, new(*DamagedError)): // it cannot say which
		return inconsistent(Altered, 1, "its first %d events come to the root %x, and %x was seen: one of them is another", made.Seq, made.Root, e.head.Root)
	case err == nil: // the log has become what it was
		err = fmt.Errorf("rebuilt views have the root %x at %s, but %x was served at %s", made.Root, made.Position(), e.head.Root, e.head.Position())
	}
	return err
}

// SetAside returns a view file that cannot be opened another name, so that the
// views are rebuilt. It does not where the log was found in doubt: the file is
// evidence then.
func SetAside(path string) (aside string, err error) {
	if evidence := inconsistencyFiles(path); len(evidence) > 0 {
		return "", fmt.Errorf("the log is in doubt (%v): the file is evidence and is left in place", evidence)
	}
	aside = path + ".damaged"
	for n := 2; exists(aside); n++ {
		aside = fmt.Sprintf("%s.damaged-%d", path, n)
	}
	if err := os.Rename(path, aside); err != nil {
		return "", fmt.Errorf("set a damaged view file aside: %w", err)
	}
	return aside, nil
}
