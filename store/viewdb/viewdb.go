// Package viewdb stores views in one bbolt file: rows, view versions, tree and cursor change
// together or not at all.
//
// [Open] opens a file. A table is a bucket, which is made when its first row is put. No other
// package uses bbolt.
package viewdb

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/summit-timeline/summit/events/class"
)

// Options of a file.
type Options struct {
	// Append names the tables whose keys mostly ascend: their pages are filled
	// up instead of half.
	Append map[string]bool
	// NoSync leaves out the fsync of a commit: for scratch files alone, which
	// call Sync when they are done.
	NoSync bool
	// Unsynced leaves out the fsync of most commits of a file that is written often. If
	// the process ends without closing it, it is put back to a state that was synced.
	Unsynced bool
	// ReadOnly opens a file that is there and lets nothing be put into it.
	ReadOnly bool
	// Commit, if it is given, is called before each commit; its error is that
	// of the commit. Tests let a disk fail by it.
	Commit func() error
	// Timeout is how long to wait for a file that somebody else holds; 0 is
	// one second.
	Timeout time.Duration
}

// DB is an open file. bbolt locks it: one process at a time.
type DB struct {
	bolt     *bbolt.DB
	o        Options
	identity uint64      // see [DB.Identity]
	summed   atomic.Bool // whether each row carries a sum
	unsynced unsynced
}

// ErrClosed is the error of a file that is closed already.
var ErrClosed = bolterrors.ErrDatabaseNotOpen

// ErrHeld is the error of a file that another process has open.
var ErrHeld = class.New(class.Broken, "another process is using the file")

// growBy is how many bytes a file grows by: on average half of it is not used yet. Each time
// takes a sync.
const growBy = 4 << 20

// Open opens a file, or makes it. The error is a *DamagedError where the file is
// none, or not whole, or where a page leads astray.
func Open(path string, o Options) (db *DB, err error) {
	defer faultsPanic()()
	defer func() {
		if p := recover(); p != nil {
			db, err = nil, damaged(path, "%v", p)
		}
	}()
	if o.Timeout == 0 {
		o.Timeout = time.Second
	}
	if err := putBack(path); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	kept := room(path, o)
	b, err := open(path, o, kept)
	if errors.Is(err, syscall.ENOMEM) { // the process may not have so much address space
		kept = 0
		b, err = open(path, o, kept)
	}
	var system syscall.Errno
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("open %s: %w", path, ErrHeld)
	case errors.As(err, &system):
		return nil, fmt.Errorf("open %s: %w", path, err)
	case err != nil:
		return nil, damaged(path, "%v", err)
	}
	if err := whole(b); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	b.AllocSize = growBy
	db = &DB{bolt: b, o: o, identity: identityOf(path)}
	if err := db.walk(); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	db.unsynced = unsynced{on: o.Unsynced && kept > 0 && db.identity != 0 && !o.NoSync && !o.ReadOnly, room: kept}
	return db, nil
}

func open(path string, o Options, room int) (*bbolt.DB, error) {
	return bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: o.Timeout, NoSync: o.NoSync, NoFreelistSync: false, FreelistType: bbolt.FreelistMapType, ReadOnly: o.ReadOnly, InitialMmapSize: room,
	})
}

const (
	// leastRoom is the least address space that is kept for a file. It costs no
	// memory.
	leastRoom = 4 << 30
	// roomAhead is how many times as large a file may grow, while it is open,
	// without being remapped.
	roomAhead = 8
)

// room is the address space to keep for a file. A file that grows beyond it must
// be remapped, for which all readers have to end first: one long reading
// would hold up all others.
func room(path string, o Options) int {
	if o.ReadOnly || strconv.IntSize < 64 {
		return 0
	}
	info, err := os.Stat(path)
	if err != nil {
		return leastRoom
	}
	return max(leastRoom, roomAhead*int(info.Size()))
}

// whole refuses a file that was cut off.
func whole(b *bbolt.DB) error {
	info, err := os.Stat(b.Path())
	if err != nil {
		return err
	}
	return b.View(func(tx *bbolt.Tx) error {
		if info.Size() < tx.Size() {
			return damaged(b.Path(), "it has %d bytes of at least %d", info.Size(), tx.Size())
		}
		return nil
	})
}

// walk compares the frame of the file with what bbolt writes, unless it is large.
func (db *DB) walk() error {
	return db.View(func(t *Tx) error {
		if t.tx.Size() > walked {
			return nil
		}
		return t.frame(true)
	})
}

// Size returns how many bytes of the file are in use, or were.
func (db *DB) Size() (size int64, err error) {
	err = db.View(func(t *Tx) error {
		size = t.tx.Size()
		return nil
	})
	return size, err
}

// Close closes the file once all transactions have ended.
func (db *DB) Close() error {
	if err := errors.Join(db.release(), db.bolt.Close()); err != nil {
		return fmt.Errorf("close %s: %w", db.Path(), err)
	}
	return nil
}

// Path is the path of the file.
func (db *DB) Path() string { return db.bolt.Path() }

// Sync makes what a file without fsync has written durable.
func (db *DB) Sync() error { return db.bolt.Sync() }

// Identity distinguishes this file from copies of it. It returns 0 where the system does not say.
func (db *DB) Identity() uint64 { return db.identity }

// View reads from one consistent state. Keep it short: it holds up the reuse
// of pages. The error is a *DamagedError where what is read is damaged.
func (db *DB) View(fn func(*Tx) error) (err error) {
	defer faultsPanic()()
	t := &Tx{db: db, o: &db.o, tables: make([]*table, 0, usualTables), inside: true}
	defer t.recover(&err)
	return db.bolt.View(func(tx *bbolt.Tx) error { return t.run(tx, fn) })
}

// Update changes the file: all that fn puts, or nothing if it fails. The
// error is a *DamagedError where what is there is damaged.
func (db *DB) Update(fn func(*Tx) error) (err error) {
	defer faultsPanic()()
	if err := db.before(); err != nil {
		return err
	}
	written := int64(0)
	defer func() { db.after(written) }()
	t := &Tx{db: db, o: &db.o, tables: make([]*table, 0, usualTables), inside: true}
	defer t.recover(&err)
	err = db.bolt.Update(func(tx *bbolt.Tx) error {
		tx.OnCommit(func() { s := tx.Stats(); written = s.GetPageAlloc() })
		if err := t.run(tx, fn); err != nil {
			return err
		}
		if db.o.Commit != nil {
			if err := db.o.Commit(); err != nil {
				return fmt.Errorf("write %s: %w", db.Path(), err)
			}
		}
		return t.finish()
	})
	if err == nil && t.summed {
		db.summed.Store(true)
	}
	return err
}

// run lets fn work on a transaction. What is around fn is bbolt's.
func (t *Tx) run(tx *bbolt.Tx, fn func(*Tx) error) error {
	t.tx = tx
	t.look()
	t.inside = false
	err := fn(t)
	t.inside = true
	return err
}

// Snapshot writes a copy of one consistent state while the file is in use.
func (db *DB) Snapshot(w io.Writer) (int64, error) {
	var n int64
	err := db.View(func(tx *Tx) (err error) {
		n, err = tx.WriteTo(w)
		return err
	})
	if err != nil {
		return n, fmt.Errorf("copy %s: %w", db.Path(), err)
	}
	return n, nil
}
