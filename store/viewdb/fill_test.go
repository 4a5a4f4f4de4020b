package viewdb

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"testing"

	"go.etcd.io/bbolt"
)

// filled is how a table of a file lies in its pages.
func (f *file) filled(table string) (part float64, bytes int) {
	f.Helper()
	f.must(f.DB.Close())
	b, err := bbolt.Open(f.path, 0o600, &bbolt.Options{ReadOnly: true})
	f.must(err)
	f.must(b.View(func(tx *bbolt.Tx) error {
		s := tx.Bucket([]byte(table)).Stats()
		part, bytes = float64(s.LeafInuse)/float64(s.LeafAlloc), s.LeafAlloc+s.BranchAlloc
		return nil
	}))
	f.must(b.Close())
	f.open()
	return part, bytes
}

// Lists that each grow at their end, as those of entities do, leave little room in the pages of
// their table, rows in ascending order hardly any, and rows in any order not half.
func TestPagesAreWellFilled(t *testing.T) {
	const rows, together, lists = 40_000, 4000, 200
	dice := rand.New(rand.NewPCG(1, 2))
	for name, c := range map[string]struct {
		table string
		key   func(n int) uint64
		least float64
	}{
		"lists":     {"lists", func(n int) uint64 { return uint64(dice.IntN(lists))<<32 | uint64(n) }, 0.65},
		"ascending": {"appended", func(n int) uint64 { return uint64(n) }, 0.95},
		"any order": {"any", func(int) uint64 { return dice.Uint64() }, 0.55},
	} {
		f := newFile(t)
		for n := 0; n < rows; n += together {
			f.must(f.Update(func(tx *Tx) error {
				for i := range together {
					if err := tx.Put(c.table, binary.BigEndian.AppendUint64(nil, c.key(n+i)), make([]byte, 24)); err != nil {
						return err
					}
				}
				return nil
			}))
		}
		if part, _ := f.filled(c.table); part < c.least {
			t.Errorf("%s: pages are filled to %.2f, want %.2f", name, part, c.least)
		}
	}
}

// Rows that come one by one in any order do not leave pages empty.
func TestPagesThatAreFilledRowByRowAreNotLeftEmpty(t *testing.T) {
	f, dice := newFile(t), rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		f.must(f.Update(func(tx *Tx) error {
			return tx.Put("any", binary.BigEndian.AppendUint64(nil, dice.Uint64()), make([]byte, 40))
		}))
	}
	if part, _ := f.filled("any"); part < 0.5 {
		t.Errorf("pages are filled to %.2f", part)
	}
}

// A file is hardly longer than what is in it, and grows in steps.
func TestAFileGrowsInSmallSteps(t *testing.T) {
	f := newFile(t)
	const rows = 30_000
	for n := 0; n < rows; n += rows / 30 {
		f.must(f.Update(func(tx *Tx) error {
			for i := range rows / 30 {
				if err := tx.Put("appended", binary.BigEndian.AppendUint64(nil, uint64(n+i)), make([]byte, 900)); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	_, bytes := f.filled("appended")
	info, err := os.Stat(f.path)
	f.must(err)
	if spare := info.Size() - int64(bytes); spare > growBy+growBy/2 {
		t.Errorf("a file of %d bytes has %d in use", info.Size(), bytes)
	}
}
