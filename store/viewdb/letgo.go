package viewdb

import (
	"fmt"

	"go.etcd.io/bbolt"
)

// mostMapped is about how many bytes of files a process goes on holding that
// reads the whole of a large one. More gains nothing: what is let go of is read
// from the system's own cache again.
const mostMapped = 48 << 20

// LetGo lets go of the memory through which the file was read, where the
// process holds much of it. Nothing is lost: the pages are the file's.
func (db *DB) LetGo() error {
	return db.bolt.View(func(tx *bbolt.Tx) error { return letGo(tx) })
}

// LetGo is the same within a transaction.
func (t *Tx) LetGo() error { return letGo(t.tx) }

// letGo is called within a transaction, which keeps the file mapped where it is.
func letGo(tx *bbolt.Tx) error {
	if mapped() < mostMapped {
		return nil
	}
	db := tx.DB()
	if err := unmap(db.Info().Data, uintptr(tx.Size())); err != nil {
		return fmt.Errorf("let go of %s: %w", db.Path(), err)
	}
	return nil
}
