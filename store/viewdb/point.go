package viewdb

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/gofrs/flock"
	"go.etcd.io/bbolt"

	"github.com/summit-timeline/summit/store/durable"
)

// A commit that is not synced may be lost in part with the machine. So a file that is
// written often has a restore point: a state of it that is on the disk, and whose pages
// are not written over as long as it stands. A reader that stays open keeps bbolt from
// reusing them, and a file beside has the two pages that lead to them. A file that was
// not closed is put back to that state when it is opened again.

// suffixPoint is the ending of the file with the restore point.
const suffixPoint = ".point"

// point is the content of that file.
type point struct {
	Identity uint64 `json:"file"`  // of the file that it belongs to
	Pages    []byte `json:"pages"` // its first two, which lead to the state
}

const (
	// pointAfter is how many commits are synced before a file counts as one that is
	// written often: a point costs as much as a few of them.
	pointAfter = 8
	// pointEvery is how many commits come between two points. What they hold is folded
	// again if the process ends before, and the pages that they free are not reused.
	pointEvery = 512
	// pointBytes is how much may be written between two points.
	pointBytes = 64 << 20
)

// unsynced is what a file whose commits are not always synced keeps.
type unsynced struct {
	on   bool // whether commits need not be synced
	room int  // the address space that is kept for the file

	making  sync.Mutex // held while a point is made
	writing sync.Mutex // held while the file is written; guards what follows
	retired bool       // no other point is made
	commits int        // since the last point, or since the file was opened
	written int64      // bytes since the last point
	held    *bbolt.Tx  // keeps the pages of the point; nil where there is none

	due atomic.Bool // see PointDue
}

// before makes ready for a commit: it decides whether it is synced.
func (db *DB) before() error {
	u := &db.unsynced
	if !u.on {
		return nil
	}
	u.writing.Lock()
	makes := u.held == nil && !u.retired && u.commits >= pointAfter && db.roomy()
	u.writing.Unlock()
	if makes {
		if err := db.Point(); err != nil {
			return err
		}
	}
	u.writing.Lock()
	if u.held != nil && !db.roomy() {
		if err := db.settle(); err != nil {
			u.writing.Unlock()
			return err
		}
	}
	db.synced(u.held == nil)
	return nil
}

// synced has the next commits be synced, or not. Those that are not leave out the list
// of free pages too, which costs as much as the rest of a small one: it is in the next
// point.
func (db *DB) synced(yes bool) { db.bolt.NoSync, db.bolt.NoFreelistSync = !yes, !yes }

// after ends what before began.
func (db *DB) after(written int64) {
	u := &db.unsynced
	if !u.on {
		return
	}
	u.commits++
	u.written += written
	if u.held != nil && (u.commits >= pointEvery || u.written >= pointBytes) {
		u.due.Store(true)
	}
	u.writing.Unlock()
}

// roomy reports whether the file is far from having to be remapped, for which bbolt
// would wait for the reader that keeps the point.
func (db *DB) roomy() bool {
	info, err := os.Stat(db.Path())
	return err == nil && int(info.Size()) < db.unsynced.room/2
}

// PointDue reports whether it is time for [DB.Point].
func (db *DB) PointDue() bool { return db.unsynced.due.Load() }

// Point makes the present state the one that the file is put back to if the process
// ends without closing it. It may be called while the file is written, and takes as long as the disk does.
func (db *DB) Point() error {
	u := &db.unsynced
	if !u.on {
		return nil
	}
	u.making.Lock()
	defer u.making.Unlock()
	u.due.Store(false)
	tx, pages, err := db.present()
	if err != nil {
		return fmt.Errorf("make a restore point of %s: %w", db.Path(), err)
	}
	err = db.bolt.Sync()
	if err == nil {
		err = writePoint(db.Path(), point{Identity: db.identity, Pages: pages})
	}
	u.writing.Lock()
	defer u.writing.Unlock()
	if err != nil {
		return errors.Join(fmt.Errorf("make a restore point of %s: %w", db.Path(), err), tx.Rollback())
	}
	before := u.held
	u.held, u.commits, u.written = tx, 0, 0
	if before != nil {
		return before.Rollback()
	}
	return nil
}

// present returns a reader of the present state and the pages that lead to it.
func (db *DB) present() (*bbolt.Tx, []byte, error) {
	db.unsynced.writing.Lock()
	defer db.unsynced.writing.Unlock()
	if err := db.listFree(); err != nil {
		return nil, nil, err
	}
	pages := make([]byte, 2*db.bolt.Info().PageSize)
	f, err := os.Open(db.Path())
	if err != nil {
		return nil, nil, err
	}
	_, err = f.ReadAt(pages, 0)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, nil, err
	}
	tx, err := db.bolt.Begin(false)
	return tx, pages, err
}

// listFree commits the list of free pages.
func (db *DB) listFree() error {
	db.bolt.NoFreelistSync = false
	return db.bolt.Update(func(*bbolt.Tx) error { return nil })
}

func writePoint(path string, p point) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return durable.WriteFile(path+suffixPoint, b, 0o600)
}

// Settle syncs what was committed and removes the restore point.
func (db *DB) Settle() error { return db.settleAll(false) }

// Retire is Settle for a file that gets no other point before it is opened again.
func (db *DB) Retire() error { return db.settleAll(true) }

func (db *DB) settleAll(retire bool) error {
	u := &db.unsynced
	u.making.Lock()
	defer u.making.Unlock()
	u.writing.Lock()
	defer u.writing.Unlock()
	u.retired = u.retired || retire
	return db.settle()
}

// settle is Settle where the lock is held.
func (db *DB) settle() error {
	u := &db.unsynced
	if u.held == nil {
		return nil
	}
	db.synced(true)
	err := db.listFree()
	if err == nil {
		err = removePoint(db.Path())
	}
	if err != nil {
		return fmt.Errorf("settle %s: %w", db.Path(), err)
	}
	held := u.held
	u.held, u.commits, u.written = nil, 0, 0
	return held.Rollback()
}

// release lets the file be closed.
func (db *DB) release() error {
	if !db.unsynced.on {
		return nil
	}
	err := db.Retire()
	db.unsynced.writing.Lock()
	defer db.unsynced.writing.Unlock()
	if held := db.unsynced.held; held != nil { // the point stands, and nothing more is written
		db.unsynced.held = nil
		err = errors.Join(err, held.Rollback())
	}
	return err
}

func removePoint(path string) error {
	if err := os.Remove(path + suffixPoint); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return durable.SyncDir(filepath.Dir(path))
}

// putBack puts a file back to its restore point, if it has one.
func putBack(path string) error {
	p, err := readPoint(path)
	if p == nil || err != nil {
		return err
	}
	if id := identityOf(path); p.Identity != id || id == 0 {
		return removePoint(path) // it is of a file that stood here before
	}
	return alone(path, func() error {
		if p, err = readPoint(path); p == nil || err != nil {
			return err // another process came first
		}
		if err := overwrite(path, p.Pages); err != nil {
			return err
		}
		return removePoint(path)
	})
}

// readPoint returns nil if there is none.
func readPoint(path string) (*point, error) {
	b, err := os.ReadFile(path + suffixPoint)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p := &point{}
	if err := json.Unmarshal(b, p); err != nil {
		return nil, damaged(path+suffixPoint, "%v", err)
	}
	return p, nil
}

// alone runs fn while no process has the file open.
func alone(path string, fn func() error) error {
	lock := flock.New(path) // bbolt locks the file itself
	held, err := lock.TryLock()
	if err != nil {
		return err
	}
	if !held {
		return ErrHeld
	}
	return errors.Join(fn(), lock.Unlock())
}

// overwrite puts pages at the beginning of a file.
func overwrite(path string, pages []byte) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(pages, 0)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
