package viewdb

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// file is a file that a test opens, closes and opens again.
type file struct {
	testing.TB
	path string
	*DB
}

func newFile(t testing.TB) *file {
	t.Helper()
	f := &file{TB: t, path: filepath.Join(t.TempDir(), "views.db")}
	f.open()
	t.Cleanup(func() { f.must(f.DB.Close()) })
	return f
}

func (f *file) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *file) open() {
	f.Helper()
	var err error
	f.DB, err = Open(f.path, Options{Append: map[string]bool{"appended": true}})
	f.must(err)
}

func (f *file) reopen() {
	f.Helper()
	f.must(f.DB.Close())
	f.open()
}

// put puts rows, each "key=value".
func (f *file) put(table string, rows ...string) {
	f.Helper()
	f.must(f.Update(func(tx *Tx) error { return putAll(tx, table, rows...) }))
}

func putAll(tx *Tx, table string, rows ...string) error {
	for _, r := range rows {
		k, v, _ := strings.Cut(r, "=")
		if err := tx.Put(table, []byte(k), []byte(v)); err != nil {
			return err
		}
	}
	return nil
}

// rows are what a range holds, as "key=value".
func (f *file) rows(table string, r Range) (list []string) {
	f.Helper()
	f.must(f.View(func(tx *Tx) error {
		for k, v := range tx.Scan(table, r) {
			list = append(list, string(k)+"="+string(v))
		}
		return nil
	}))
	return list
}

func TestWhatIsPutIsThereAfterReopening(t *testing.T) {
	f := newFile(t)
	f.put("one", "b=2", "a=1", "c=3")
	f.put("one", "a=one", "empty=")
	f.put("appended", "z=26")
	f.must(f.Update(func(tx *Tx) error {
		return errors.Join(tx.Delete("one", []byte("b")), tx.Delete("one", []byte("none")), tx.Delete("no table", []byte("k")))
	}))
	for range 2 {
		if got := f.rows("one", Range{}); !slices.Equal(got, []string{"a=one", "c=3", "empty="}) {
			t.Errorf("rows %v", got)
		}
		f.must(f.View(func(tx *Tx) error {
			if v := tx.Get("one", []byte("empty")); v == nil || len(v) != 0 {
				t.Errorf("an empty value is %v", v)
			}
			if tx.Get("one", []byte("b")) != nil || tx.Get("no table", []byte("a")) != nil {
				t.Error("what is not there is found")
			}
			if tx.Count("one") != 3 || tx.Count("no table") != 0 {
				t.Errorf("counts %d and %d", tx.Count("one"), tx.Count("no table"))
			}
			if got := tx.Tables(); !slices.Equal(got, []string{"appended", "one"}) {
				t.Errorf("tables %v", got)
			}
			return nil
		}))
		f.reopen()
	}
	if f.Path() != f.path {
		t.Errorf("path %s", f.Path())
	}
}

func TestRangesAreHalfOpenInBothDirections(t *testing.T) {
	f := newFile(t)
	keys := []string{"b", "d", "f", "ff", "h"}
	for _, k := range keys {
		f.put("t", k+"=")
	}
	f.put("other", "a=", "z=") // neighbours must not show
	f.reopen()
	ends := []string{"", "a", "b", "c", "d", "e", "f", "ff", "fg", "g", "h", "i"}
	for _, from := range ends {
		for _, to := range ends {
			r := Range{}
			var want []string
			if from != "" {
				r.From = []byte(from)
			}
			if to != "" {
				r.To = []byte(to)
			}
			for _, k := range keys {
				if (from == "" || k >= from) && (to == "" || k < to) {
					want = append(want, k+"=")
				}
			}
			if got := f.rows("t", r); !slices.Equal(got, want) {
				t.Errorf("%q to %q: %v, want %v", from, to, got, want)
			}
			r.Reverse = true
			slices.Reverse(want)
			if got := f.rows("t", r); !slices.Equal(got, want) {
				t.Errorf("%q to %q in reverse: %v, want %v", from, to, got, want)
			}
		}
	}
	if got := f.rows("no table", Range{Reverse: true}); got != nil {
		t.Errorf("no table: %v", got)
	}
}

func TestACursorStaysAtItsEnd(t *testing.T) {
	f := newFile(t)
	f.put("t", "a=1", "b=2")
	f.must(f.View(func(tx *Tx) error {
		c := tx.Cursor("t", Range{From: []byte("b")})
		if k, _, ok := c.Next(); !ok || string(k) != "b" {
			t.Errorf("%s %t", k, ok)
		}
		for range 2 {
			if _, _, ok := c.Next(); ok {
				t.Error("it goes on after the end")
			}
		}
		for range tx.Scan("t", Range{}) {
			break // a scan may be left
		}
		return nil
	}))
}

func TestAValueIsPutToTheKeyAtHandOfAScan(t *testing.T) {
	f := newFile(t)
	for i := range 500 {
		f.put("t", fmt.Sprintf("%04d=", i))
	}
	n := 0
	f.must(f.Update(func(tx *Tx) error {
		for k := range tx.Scan("t", Range{}) {
			n++
			if err := tx.Put("t", bytes.Clone(k), []byte("a value that is longer than before")); err != nil {
				return err
			}
		}
		return nil
	}))
	if got := f.rows("t", Range{}); n != 500 || len(got) != 500 {
		t.Errorf("%d rows gone through, %d there", n, len(got))
	}
}

func TestATransactionThatFailsLeavesNothing(t *testing.T) {
	f := newFile(t)
	f.put("t", "a=1", "b=2")
	failed := errors.New("failed")
	fails := map[string]func(){
		"an error": func() {
			if err := f.Update(func(tx *Tx) error {
				return errors.Join(putAll(tx, "t", "a=changed", "c=3"), putAll(tx, "new", "k=v"), tx.Delete("t", []byte("b")), failed)
			}); !errors.Is(err, failed) {
				t.Errorf("got %v", err)
			}
		},
		"a panic": func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = f.Update(func(tx *Tx) error {
				f.must(putAll(tx, "t", "a=changed", "c=3"))
				panic(failed)
			})
		},
	}
	for name, fail := range fails {
		fail()
		for range 2 {
			if got := f.rows("t", Range{}); !slices.Equal(got, []string{"a=1", "b=2"}) || f.rows("new", Range{}) != nil {
				t.Errorf("after %s: %v", name, got)
			}
			f.reopen()
		}
	}
	f.put("t", "c=3") // it goes on
	if got := f.rows("t", Range{}); len(got) != 3 {
		t.Errorf("afterwards %v", got)
	}
}

func TestWhoOnlyReadsCannotPut(t *testing.T) {
	f := newFile(t)
	f.put("t", "a=1")
	f.must(f.View(func(tx *Tx) error {
		if tx.Put("t", []byte("a"), nil) == nil || tx.Put("new", []byte("a"), nil) == nil || tx.Delete("t", []byte("a")) == nil {
			t.Error("a reader has put or deleted")
		}
		return nil
	}))
}

func TestAReaderKeepsToOneState(t *testing.T) {
	f := newFile(t)
	f.put("t", "a=1", "big="+strings.Repeat("x", 200<<10))
	f.must(f.Update(func(tx *Tx) error { return tx.Delete("t", []byte("big")) })) // its pages are free: no growth waits for the reader
	f.reopen()
	reading, changed, seen := make(chan struct{}), make(chan struct{}), make(chan string)
	go func() {
		_ = f.View(func(tx *Tx) error {
			before := string(tx.Get("t", []byte("a")))
			close(reading)
			<-changed
			seen <- before + string(tx.Get("t", []byte("a")))
			return nil
		})
	}()
	<-reading
	f.put("t", "a=2")
	close(changed)
	if got := <-seen; got != "11" {
		t.Errorf("saw %s", got)
	}
	f.reopen()
	if got := f.rows("t", Range{}); !slices.Equal(got, []string{"a=2"}) {
		t.Errorf("afterwards %v", got)
	}
}

func TestTheDigestIsThatOfTheRows(t *testing.T) {
	type digest struct {
		sum  [32]byte
		rows int
	}
	of := func(f *file, table string) (d digest) {
		f.must(f.View(func(tx *Tx) error { d.sum, d.rows = tx.Digest(table); return nil }))
		return d
	}
	a, b := newFile(t), newFile(t)
	a.put("t", "a=1", "b=2", "c=3")
	b.put("t", "c=x", "gone=")
	b.put("t", "c=3", "b=2")
	b.must(b.Update(func(tx *Tx) error { return tx.Delete("t", []byte("gone")) }))
	b.put("t", "a=1")
	b.put("other", "a=1")
	same := of(a, "t")
	if got := of(b, "t"); got != same || got.rows != 3 {
		t.Errorf("%x and %x", got, same)
	}
	b.reopen()
	if got := of(b, "t"); got != same {
		t.Errorf("reopened %x, was %x", got, same)
	}
	for _, rows := range [][]string{{"a=1", "b=2"}, {"a=1", "b=2", "c="}, {"a=1", "b=23", "c="}, {"a=1b", "=2", "c=3"}, {"a=1", "b=2", "c=3", "d="}} {
		f := newFile(t)
		for _, r := range rows {
			if !strings.HasPrefix(r, "=") {
				f.put("t", r)
			}
		}
		if of(f, "t") == same {
			t.Errorf("%v has the digest of other rows", rows)
		}
	}
	if of(a, "no table") != of(b, "nor this") {
		t.Error("two tables without rows differ")
	}
}

func TestASnapshotIsOneState(t *testing.T) {
	f := newFile(t)
	f.put("t", "a=1")
	var copied bytes.Buffer
	n, err := f.Snapshot(&copied)
	f.must(err)
	f.put("t", "a=2", "b=2")
	if n != int64(copied.Len()) || n == 0 {
		t.Errorf("%d bytes said, %d written", n, copied.Len())
	}
	c := &file{TB: t, path: filepath.Join(t.TempDir(), "copy.db")}
	f.must(os.WriteFile(c.path, copied.Bytes(), 0o600))
	c.open()
	defer func() { f.must(c.DB.Close()) }()
	if got := c.rows("t", Range{}); !slices.Equal(got, []string{"a=1"}) {
		t.Errorf("copy %v", got)
	}
	if _, err := f.Snapshot(full{}); err == nil || !strings.Contains(err.Error(), errFull.Error()) || !strings.Contains(err.Error(), f.path) {
		t.Errorf("to a full disk: %v", err)
	}
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestAFileThatIsHeldIsNamed(t *testing.T) {
	f := newFile(t)
	_, err := Open(f.path, Options{Timeout: time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), f.path) || !strings.Contains(err.Error(), "another process") {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsNoViewFileIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "views.db")
	if err := os.WriteFile(path, bytes.Repeat([]byte("no view file"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
	if _, err := Open(filepath.Join(path, "below"), Options{}); err == nil {
		t.Error("a file below a file was opened")
	}
}

func TestAFileWithoutSyncIsSyncedOnDemand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scratch.db")
	db, err := Open(path, Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	f := &file{TB: t, path: path, DB: db}
	for i := range 100 {
		f.put("appended", fmt.Sprintf("%04d=%d", i, i))
	}
	f.must(f.Sync())
	f.must(f.DB.Close())
	f.open()
	defer func() { f.must(f.DB.Close()) }()
	if got := f.rows("appended", Range{}); len(got) != 100 || got[99] != "0099=99" {
		t.Errorf("%d rows", len(got))
	}
}
