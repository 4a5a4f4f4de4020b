// Package viewdb is one bbolt file: rows, view versions, tree and cursor
// change together or not at all.
//
// The door is [Open]. It is the only package that knows bbolt: a table is a
// bucket, made when its first row is put.
package viewdb

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Options of a file.
type Options struct {
	// Append names the tables whose keys mostly ascend: their pages are filled
	// up instead of half.
	Append map[string]bool
	// NoSync leaves out the fsync of a commit: for scratch files alone, which
	// call Sync when they are done.
	NoSync bool
	// ReadOnly opens a file that is there and lets nothing be put into it.
	ReadOnly bool
	// Timeout is how long to wait for a file that somebody else holds; 0 is
	// one second.
	Timeout time.Duration
}

// DB is an open file. bbolt locks it: one process at a time.
type DB struct {
	bolt   *bbolt.DB
	o      Options
	faults atomic.Int64 // of the process, when it was last looked what it holds
}

// ErrClosed is the error of a file that is closed already.
var ErrClosed = bolterrors.ErrDatabaseNotOpen

// ErrHeld is the error of a file that another process has open.
var ErrHeld = errors.New("another process holds the file")

// Open opens a file, or makes it. One that is damaged is an error.
func Open(path string, o Options) (db *DB, err error) {
	defer faultsPanic()()
	defer func() {
		if p := recover(); p != nil {
			db, err = nil, fmt.Errorf("open %s: it is damaged: %v", path, p)
		}
	}()
	if o.Timeout == 0 {
		o.Timeout = time.Second
	}
	b, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: o.Timeout, NoSync: o.NoSync, NoFreelistSync: false, FreelistType: bbolt.FreelistMapType, ReadOnly: o.ReadOnly,
	})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("open %s: %w", path, ErrHeld)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if err := whole(b); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), b.Close())
	}
	return &DB{bolt: b, o: o}, nil
}

// faultsPanic lets a read past the end of a file that is damaged panic in this
// goroutine, where it would end the process, until the function it gives is
// called.
func faultsPanic() func() {
	before := debug.SetPanicOnFault(true)
	return func() { debug.SetPanicOnFault(before) }
}

// whole refuses a file that was cut off: reading past its end would end the
// process.
func whole(b *bbolt.DB) error {
	info, err := os.Stat(b.Path())
	if err != nil {
		return err
	}
	return b.View(func(tx *bbolt.Tx) error {
		if info.Size() < tx.Size() {
			return fmt.Errorf("it is damaged: it has %d bytes of at least %d", info.Size(), tx.Size())
		}
		return nil
	})
}

// Close closes the file once all transactions have ended.
func (db *DB) Close() error {
	if err := db.bolt.Close(); err != nil {
		return fmt.Errorf("close %s: %w", db.Path(), err)
	}
	return nil
}

// Path is the path of the file.
func (db *DB) Path() string { return db.bolt.Path() }

// Sync makes what a file without fsync has written durable.
func (db *DB) Sync() error { return db.bolt.Sync() }

// View reads from one consistent state. Keep it short: it holds up the reuse
// of pages.
func (db *DB) View(fn func(*Tx) error) error {
	defer faultsPanic()()
	return db.bolt.View(func(tx *bbolt.Tx) error { return fn(&Tx{tx: tx, db: db, o: &db.o}) })
}

// Update changes the file: all that fn puts, or nothing where it fails.
func (db *DB) Update(fn func(*Tx) error) error {
	defer faultsPanic()()
	return db.bolt.Update(func(tx *bbolt.Tx) error { return fn(&Tx{tx: tx, db: db, o: &db.o}) })
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

// WriteTo writes a copy of the file as the transaction sees it.
func (t *Tx) WriteTo(w io.Writer) (int64, error) { return t.tx.WriteTo(w) }

// Tx is a transaction. Keys and values it gives are valid within it only.
type Tx struct {
	tx     *bbolt.Tx
	db     *DB
	o      *Options
	tables []table
}

type table struct {
	name   string
	bucket *bbolt.Bucket
}

// bucket finds a table; nil where it has no row yet. There are few, so they
// are kept in a list.
func (t *Tx) bucket(name string) *bbolt.Bucket {
	for _, x := range t.tables {
		if x.name == name {
			return x.bucket
		}
	}
	b := t.tx.Bucket([]byte(name))
	if b != nil {
		t.keep(name, b)
	}
	return b
}

const (
	filledUp = 1.0 // a row of a quarter of a page fits four times, not three
	halfFull = bbolt.DefaultFillPercent
)

func (t *Tx) keep(name string, b *bbolt.Bucket) {
	b.FillPercent = halfFull
	if t.o.Append[name] {
		b.FillPercent = filledUp
	}
	t.tables = append(t.tables, table{name, b})
}

// Get gives the value of a key; nil where there is none.
func (t *Tx) Get(name string, key []byte) []byte {
	b := t.bucket(name)
	if b == nil {
		return nil
	}
	return b.Get(key)
}

// Put sets the value of a key.
func (t *Tx) Put(name string, key, value []byte) error {
	b := t.bucket(name)
	if b == nil {
		var err error
		if b, err = t.tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return fmt.Errorf("make table %s: %w", name, err)
		}
		t.keep(name, b)
	}
	if err := b.Put(key, value); err != nil {
		return fmt.Errorf("put into %s: %w", name, err)
	}
	return nil
}

// Delete takes a row away.
func (t *Tx) Delete(name string, key []byte) error {
	b := t.bucket(name)
	if b == nil {
		return nil
	}
	if err := b.Delete(key); err != nil {
		return fmt.Errorf("delete from %s: %w", name, err)
	}
	return nil
}

// Count is the number of rows of a table.
func (t *Tx) Count(name string) int {
	b := t.bucket(name)
	if b == nil {
		return 0
	}
	return b.Stats().KeyN
}

// Tables lists the tables that have rows.
func (t *Tx) Tables() []string {
	var names []string
	_ = t.tx.ForEach(func(name []byte, _ *bbolt.Bucket) error { // the function never fails
		names = append(names, string(bytes.Clone(name)))
		return nil
	})
	return names
}
