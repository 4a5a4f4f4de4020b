package viewdb

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
)

// What is let go of is read again as it was, in a transaction that reads, in
// one that writes, and while the file grows under readers.
func TestWhatIsLetGoOfIsReadAgain(t *testing.T) {
	db, err := Open(filepath.Join(t.TempDir(), "db"), Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	value := func(n uint64) []byte { return fmt.Appendf(nil, "%0900d", n) }
	whole := func(tx *Tx) error {
		n := uint64(0)
		for k, v := range tx.Scan("t", Range{}) {
			if string(v) != string(value(binary.BigEndian.Uint64(k))) {
				return fmt.Errorf("row %x is %.20s", k, v)
			}
			if n++; n%50 == 0 {
				if err := unmap(tx.db.bolt.Info().Data, uintptr(tx.tx.Size())); err != nil {
					return err
				}
				if err := tx.LetGo(); err != nil {
					return err
				}
			}
		}
		return nil
	}
	var all sync.WaitGroup
	for round := range uint64(20) {
		if err := db.Update(func(tx *Tx) error {
			for i := range uint64(300) {
				if err := tx.Put("t", binary.BigEndian.AppendUint64(nil, round*300+i), value(round*300+i)); err != nil {
					return err
				}
			}
			return whole(tx)
		}); err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			if err := db.View(whole); err != nil {
				t.Error(err)
			}
			if err := db.LetGo(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
