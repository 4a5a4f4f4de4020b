package viewdb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"
)

// raw changes a file as nobody should.
func (f *file) raw(fn func(tx *bbolt.Tx) error) {
	f.Helper()
	f.must(f.DB.Close())
	b, err := bbolt.Open(f.path, 0o600, nil)
	f.must(err)
	f.must(b.Update(fn))
	f.must(b.Close())
	f.open()
}

func wantDamaged(t *testing.T, what string, err error) {
	t.Helper()
	var d *DamagedError
	if !errors.As(err, &d) || d.Path == "" || d.Reason == "" {
		t.Errorf("%s: %v", what, err)
	}
}

// A row that was altered is never read, and whatever was altered is found.
func TestWhatWasAlteredIsFound(t *testing.T) {
	one := []byte("one")
	for name, c := range map[string]struct {
		alter func(tx *bbolt.Tx) error
		read  bool // whether reading the row finds it
	}{
		"a value":                {func(tx *bbolt.Tx) error { return flipped(tx, "one", "b", 0) }, true},
		"a sum":                  {func(tx *bbolt.Tx) error { return flipped(tx, "one", "b", -1) }, true},
		"a value that is gone":   {func(tx *bbolt.Tx) error { return tx.Bucket(one).Put([]byte("b"), nil) }, true},
		"a row of another key":   {func(tx *bbolt.Tx) error { return moved(tx, "one", "a", "one", "b") }, true},
		"a row of another table": {func(tx *bbolt.Tx) error { return moved(tx, "two", "b", "one", "b") }, true},
		"a row that is gone":     {func(tx *bbolt.Tx) error { return tx.Bucket(one).Delete([]byte("b")) }, false},
		"a table that is gone":   {func(tx *bbolt.Tx) error { return tx.DeleteBucket(one) }, false},
		"a row of before": {func(tx *bbolt.Tx) error {
			return tx.Bucket(one).Put([]byte("b"), (&table{seed: seedOf("one")}).withSum([]byte("b"), []byte("1")))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFile(t)
			f.put("one", "a=1", "b=1", "c=3")
			f.put("one", "b=2")
			f.put("two", "b=2")
			f.must(f.Verify(t.Context()))
			f.raw(c.alter)
			wantDamaged(t, "verify", f.Verify(t.Context()))
			err := f.View(func(tx *Tx) error { tx.Get("one", []byte("b")); return nil })
			scan := f.View(func(tx *Tx) error {
				for range tx.Scan("one", Range{Reverse: true}) {
				}
				return nil
			})
			put := f.Update(func(tx *Tx) error { tx.Get("one", []byte("b")); return nil })
			if !c.read {
				f.must(errors.Join(err, scan, put))
				return
			}
			wantDamaged(t, "get", err)
			wantDamaged(t, "scan", scan)
			wantDamaged(t, "update", put)
		})
	}
}

func flipped(tx *bbolt.Tx, table, key string, at int) error {
	v := bytes.Clone(tx.Bucket([]byte(table)).Get([]byte(key)))
	if at < 0 {
		at += len(v)
	}
	v[at] ^= 1
	return tx.Bucket([]byte(table)).Put([]byte(key), v)
}

func moved(tx *bbolt.Tx, fromTable, fromKey, table, key string) error {
	v := bytes.Clone(tx.Bucket([]byte(fromTable)).Get([]byte(fromKey)))
	return tx.Bucket([]byte(table)).Put([]byte(key), v)
}

// What the tables come to keeps step with every change, and with changes that are
// taken back.
func TestSumsKeepStep(t *testing.T) {
	f := newFile(t)
	f.must(f.Verify(t.Context()))
	for round := range 20 {
		err := f.Update(func(tx *Tx) error {
			for i := range 50 {
				key := fmt.Appendf(nil, "%03d", (i*7+round*3)%90)
				if (i+round)%4 == 0 {
					f.must(tx.Delete("t", key))
					continue
				}
				f.must(tx.Put("t", key, fmt.Appendf(nil, "%d", i*round%5)))
			}
			if round%3 == 2 {
				return errFull
			}
			return nil
		})
		if err != nil && !errors.Is(err, errFull) {
			t.Fatal(err)
		}
		if round%5 == 0 {
			f.reopen()
		}
		f.must(f.Verify(t.Context()))
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	f.must(f.Update(func(tx *Tx) error { return tx.Put("t", []byte("long"), bytes.Repeat([]byte("x"), 2*verifiedAtOnce)) }))
	if err := f.Verify(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("verify: %v", err)
	}
}

// A file of an earlier version has no sums: it is read and written as before.
func TestAFileWithoutSumsStaysOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	b, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	put := func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucket([]byte("one"))
		return errors.Join(err, bucket.Put([]byte("a"), []byte("1")))
	}
	if err := errors.Join(b.Update(put), b.Close()); err != nil {
		t.Fatal(err)
	}
	f := &file{TB: t, path: path}
	f.open()
	f.put("one", "b=2")
	f.put("new", "c=3")
	f.reopen()
	defer func() { f.must(f.DB.Close()) }()
	if got := strings.Join(append(f.rows("one", Range{}), f.rows("new", Range{})...), " "); got != "a=1 b=2 c=3" {
		t.Errorf("rows %s", got)
	}
	f.must(f.Verify(t.Context()))
}

// A file grows while one long reading continues, and neither who writes nor who
// reads waits for that.
func TestAFileGrowsUnderALongReading(t *testing.T) {
	db, err := Open(filepath.Join(t.TempDir(), "db"), Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	reading, let, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- db.View(func(*Tx) error {
			close(reading)
			<-let
			return nil
		})
	}()
	<-reading
	value := bytes.Repeat([]byte("x"), 1<<20)
	for i := range 80 { // eighty times the file, which bbolt would map anew several times
		if err := db.Update(func(tx *Tx) error { return tx.Put("t", fmt.Appendf(nil, "%d", i), value) }); err != nil {
			t.Fatal(err)
		}
		if err := db.View(func(tx *Tx) error { tx.Get("t", []byte("0")); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	close(let)
	if err := errors.Join(<-ended, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// A commit that fails leaves nothing, and the file continues.
func TestACommitThatFailsLeavesNothing(t *testing.T) {
	var failure error
	path := filepath.Join(t.TempDir(), "db")
	db, err := Open(path, Options{Commit: func() error { return failure }})
	if err != nil {
		t.Fatal(err)
	}
	f := &file{TB: t, path: path, DB: db}
	defer func() { f.must(f.DB.Close()) }()
	f.put("t", "a=1")
	failure = syscall.ENOSPC
	if err := f.Update(func(tx *Tx) error { return putAll(tx, "t", "a=2", "b=2") }); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	failure = nil
	f.put("t", "c=3")
	if got := f.rows("t", Range{}); strings.Join(got, " ") != "a=1 c=3" {
		t.Errorf("rows %v", got)
	}
	f.must(f.Verify(t.Context()))
}

// A file that is not whole is damaged; one that the system does not give is not.
func TestADamagedFileIsToldFromOneThatIsOutOfReach(t *testing.T) {
	f := newFile(t)
	f.put("t", "a="+strings.Repeat("x", 100<<10))
	f.must(f.DB.Close())
	good, err := os.ReadFile(f.path)
	f.must(err)
	for name, bad := range map[string][]byte{
		"cut": good[:40<<10], "short": good[:100], "no file of views": bytes.Repeat([]byte("no"), 9000), "zeroes": make([]byte, 64<<10),
	} {
		path := filepath.Join(t.TempDir(), "bad.db")
		f.must(os.WriteFile(path, bad, 0o600))
		_, err := Open(path, Options{})
		wantDamaged(t, name, err)
	}
	f.open()
	if _, err := Open(filepath.Join(f.path, "below"), Options{}); err == nil || errors.As(err, new(*DamagedError)) {
		t.Errorf("a file below a file: %v", err)
	}
}
