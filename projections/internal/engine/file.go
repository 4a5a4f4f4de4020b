package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/viewdb"
)

// DamagedError reports that a view file is not as it was written.
type DamagedError = viewdb.DamagedError

// viewFile is an open file of views, with what is kept of it in memory. One that
// another has replaced is closed when its last reader has ended: nobody waits
// for that.
type viewFile struct {
	*viewdb.DB
	readers  sync.WaitGroup
	inUse    atomic.Int64 // readers, for who does not wait for them
	fold     Fold         // its Begin and Forget are of the goroutine that commits
	middles  merkle.Middles
	noted    bool // of the goroutine that runs: whether the file says which it is
	lastRead atomic.Pointer[cursorText]
}

// ascending returns the tables of a file whose keys mostly ascend.
func ascending(fold Fold) map[string]bool {
	all := map[string]bool{tableTiles: true}
	for _, name := range fold.Ascending() {
		all[name] = true
	}
	return all
}

func (e *Engine) openFile() (*viewFile, error) {
	fold := e.newFold()
	db, err := viewdb.Open(e.path, viewdb.Options{NoSync: e.noSync, Unsynced: e.unsynced, Append: ascending(fold), Commit: e.failing})
	if err != nil {
		return nil, err
	}
	return &viewFile{DB: db, fold: fold}, nil
}

// openServing opens the file that serves and reads what is kept of it.
func (e *Engine) openServing() (f *viewFile, k kept, err error) {
	if err := finishSwap(e.path); err != nil {
		return nil, k, err
	}
	if f, err = e.openFile(); err != nil {
		return nil, k, err
	}
	if k, err = f.load(); err != nil {
		return nil, k, errors.Join(err, f.Close())
	}
	k.unproven = k.identity != 0 && f.Identity() != 0 && k.identity != f.Identity()
	return f, k, nil
}

// verifiedAtOnce is the size up to which the rows of a file are verified when it is
// opened, which takes some ms. Those of a larger one are verified by [Engine.Scrub].
const verifiedAtOnce = 4 << 20

// verifySmall verifies a file that has just begun to serve, if it is small.
func (e *Engine) verifySmall(f *viewFile) {
	size, err := f.Size()
	if err == nil && size <= verifiedAtOnce {
		err = f.Verify(context.Background())
	}
	e.notice(f, err)
}

// use returns the file that serves, which stays open until done is called. Views
// that sleep wake up.
func (e *Engine) use() (f *viewFile, done func(), err error) {
	for {
		if f := e.tryUse(); f != nil {
			return f, f.leave, nil
		}
		if err := e.reopen(); err != nil {
			return nil, nil, err
		}
	}
}

func (e *Engine) tryUse() *viewFile {
	e.files.RLock()
	defer e.files.RUnlock()
	if e.db != nil {
		e.db.readers.Add(1)
		e.db.inUse.Add(1)
	}
	return e.db
}

func (f *viewFile) leave() {
	f.inUse.Add(-1)
	f.readers.Done()
}

// swap lets the new file serve in the place of the old. Nobody waits but for two
// renames. If it fails, the file that is there keeps serving.
func (e *Engine) swap() error {
	if err := e.db.Retire(); err != nil { // its restore point would stand beside the new file
		return fmt.Errorf("swap views: %w", err)
	}
	if err := exchange(e.path); err != nil {
		return fmt.Errorf("swap views: %w", err)
	}
	old := e.db
	next, err := e.openFile()
	if err != nil {
		return fmt.Errorf("swap views: %w", errors.Join(err, takeBack(e.path)))
	}
	kept, err := next.load()
	if err != nil {
		return fmt.Errorf("swap views: %w", errors.Join(err, next.Close(), takeBack(e.path)))
	}
	e.serve(next, kept)
	e.retired.Go(func() {
		old.readers.Wait()
		if err := old.Close(); err != nil {
			e.logger.Warn("closing views that were replaced", "summit", e.log.Summit(), "error", err)
		}
	})
	return nil
}

// serve lets a file be read.
func (e *Engine) serve(f *viewFile, kept kept) {
	e.files.Lock()
	defer e.files.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.db = f
	e.head, e.created, e.last = kept.head, kept.created, max(e.last, kept.head.Seq)
	e.damage, e.unproven, e.latest = nil, kept.unproven, kept.latest
	e.wake()
}

// kept is what is kept in memory of a file.
type kept struct {
	head     Cursor
	created  time.Time // of the stream
	identity uint64    // of the file that was written; 0 where it was not noted
	unproven bool      // it is a copy of that file
	latest   time.Time // knowledge time of the last event
}

func (f *viewFile) load() (k kept, err error) {
	err = f.View(func(tx *viewdb.Tx) error {
		if k.head, err = readCursor(tx, f.fold.Version()); err != nil {
			return err
		}
		if b := tx.Get(tableMeta, identityKey); len(b) == 8 {
			k.identity = keys.Uint64(b)
		}
		if k.created, err = readCreated(tx); err != nil || k.head.Seq == 0 {
			return err
		}
		if known, err := f.fold.KnownAt(tx, k.head.Seq); err == nil { // whoever needs a row that is not there says so
			k.latest = known
		}
		return nil
	})
	f.noted = k.identity == f.Identity()
	return k, err
}

// takeBack undoes an exchange.
func takeBack(path string) error {
	return errors.Join(os.Rename(path, path+suffixNew), os.Rename(path+suffixOld, path))
}

// cursorOf reads the cursor of a state of the file, which mostly is the last
// that was read.
func (f *viewFile) cursorOf(tx *viewdb.Tx) (Cursor, error) {
	b := tx.Get(tableMeta, cursorKey)
	if last := f.lastRead.Load(); last != nil && b != nil && bytes.Equal(last.text, b) {
		return last.Cursor, nil
	}
	c, err := readCursor(tx, f.fold.Version())
	if err == nil && b != nil {
		f.lastRead.Store(&cursorText{c, bytes.Clone(b)})
	}
	return c, err
}
