package viewdb_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/summit-timeline/summit/store/viewdb"
)

// rows are what a file holds in one of its states.
type rows map[string]string

// writer writes random rows into a file, one commit at a time.
type writer struct {
	t    *testing.T
	rng  *rand.Rand
	db   *viewdb.DB
	rows rows
}

func (w *writer) commit() {
	w.t.Helper()
	next := maps.Clone(w.rows)
	err := w.db.Update(func(tx *viewdb.Tx) error {
		for range 1 + w.rng.IntN(20) {
			key, value := fmt.Sprint(w.rng.IntN(2000)), fmt.Sprintf("%0*d", 10+w.rng.IntN(600), w.rng.Int64())
			next[key] = value
			if err := tx.Put("rows", []byte(key), []byte(value)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.rows = next
}

func read(t *testing.T, path string) rows {
	t.Helper()
	db, err := viewdb.Open(path, viewdb.Options{Unsynced: true})
	if err != nil {
		t.Fatal(err)
	}
	got := rows{}
	err = db.View(func(tx *viewdb.Tx) error {
		for k, v := range tx.Scan("rows", viewdb.Range{}) {
			got[string(k)] = string(v)
		}
		return nil
	})
	if err == nil {
		err = db.Verify(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return got
}

// powerCut puts into a folder what a disk may have of a file: of each page what was
// synced or what was written since, at random.
func powerCut(t *testing.T, rng *rand.Rand, synced, written []byte, to string) {
	t.Helper()
	const page = 4096
	image := append([]byte(nil), written...)
	if len(synced) < len(written) && rng.IntN(2) == 0 {
		image = image[:len(synced)+rng.IntN(len(written)-len(synced)+1)/page*page]
	}
	for at := 0; at+page <= len(synced); at += page {
		if rng.IntN(2) == 0 {
			copy(image[at:at+page], synced[at:at+page])
		}
	}
	// The inode stays what it was: it is the same file.
	f, err := os.OpenFile(to, os.O_RDWR|os.O_TRUNC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(image); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAfterALossOfPowerAFileIsWhatItWasAtItsRestorePoint(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		path := filepath.Join(t.TempDir(), "views.db")
		db, err := viewdb.Open(path, viewdb.Options{Unsynced: true})
		if err != nil {
			t.Fatal(err)
		}
		w := &writer{t: t, rng: rng, db: db, rows: rows{}}
		for range 20 + rng.IntN(100) {
			w.commit()
		}
		if err := db.Point(); err != nil {
			t.Fatal(err)
		}
		want, synced := w.rows, content(t, path)
		for range rng.IntN(200) {
			w.commit()
		}
		written, point := content(t, path), content(t, path+".point")
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); !maps.Equal(got, w.rows) {
			t.Fatalf("seed %d: a file that was closed has other rows", seed)
		}
		powerCut(t, rng, synced, written, path)
		if err := os.WriteFile(path+".point", point, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); !maps.Equal(got, want) {
			t.Fatalf("seed %d: %d rows, and %d at the restore point, or others", seed, len(got), len(want))
		}
		if _, err := os.Stat(path + ".point"); !os.IsNotExist(err) {
			t.Fatalf("seed %d: the restore point is still there: %v", seed, err)
		}
	}
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What makes the test above able to fail: without the reader that keeps the pages of
// the restore point, bbolt writes over them.
func TestPagesOfARestorePointAreNotWrittenOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "views.db")
	db, err := viewdb.Open(path, viewdb.Options{Unsynced: true})
	if err != nil {
		t.Fatal(err)
	}
	w := &writer{t: t, rng: rand.New(rand.NewPCG(7, 7)), db: db, rows: rows{}}
	for range 50 {
		w.commit()
	}
	if err := db.Point(); err != nil {
		t.Fatal(err)
	}
	before := content(t, path)
	for range 100 {
		w.commit()
	}
	after, changed := content(t, path), 0
	const page, metas = 4096, 2
	free := freePages(before)
	for n := metas; (n+1)*page <= len(before); n++ {
		if string(before[n*page:(n+1)*page]) != string(after[n*page:(n+1)*page]) {
			if changed++; !free[uint64(n)] {
				t.Errorf("page %d was in use and was written over", n)
			}
		}
	}
	if changed == 0 {
		t.Error("no page was used again: the test shows nothing")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// freePages reads the list of free pages of a file, and takes those after its last for
// free.
func freePages(file []byte) map[uint64]bool {
	const page = 4096
	newest := 0
	if binary.LittleEndian.Uint64(file[page+16+48:]) > binary.LittleEndian.Uint64(file[16+48:]) {
		newest = page
	}
	list, high := binary.LittleEndian.Uint64(file[newest+16+32:]), binary.LittleEndian.Uint64(file[newest+16+40:])
	free := map[uint64]bool{list: false}
	at := int(list) * page
	for i := range int(binary.LittleEndian.Uint16(file[at+10:])) {
		free[binary.LittleEndian.Uint64(file[at+16+8*i:])] = true
	}
	for n := high; int(n+1)*page <= len(file); n++ {
		free[n] = true
	}
	return free
}

func TestAFileInUseIsNotPutBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "views.db")
	db, err := viewdb.Open(path, viewdb.Options{Unsynced: true})
	if err != nil {
		t.Fatal(err)
	}
	w := &writer{t: t, rng: rand.New(rand.NewPCG(3, 3)), db: db, rows: rows{}}
	for range 30 {
		w.commit()
	}
	if err := db.Point(); err != nil {
		t.Fatal(err)
	}
	for range 30 {
		w.commit()
	}
	if _, err := viewdb.Open(path, viewdb.Options{Unsynced: true}); !errors.Is(err, viewdb.ErrHeld) {
		t.Errorf("a file that is in use was opened: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if got := read(t, path); !maps.Equal(got, w.rows) {
		t.Error("the file lost what was committed")
	}
}
