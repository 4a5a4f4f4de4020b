package viewdb

import (
	"fmt"

	"go.etcd.io/bbolt"
)

const (
	// mostMapped is about how many bytes of files a process goes on holding that
	// reads the whole of a large one, its own program among them. More gains
	// little: what is let go of is read from the system's own cache again.
	mostMapped = 96 << 20
	// faultsBetween is how many pages are read into memory before it is looked
	// at how much that has become: each may bring some of its neighbours.
	faultsBetween = 128
)

// LetGo lets go of the memory through which the file was read, where the
// process holds much of it. Nothing is lost: the pages are the file's.
func (db *DB) LetGo() error {
	return db.View(func(t *Tx) error { return t.LetGo() })
}

// LetGo is the same within a transaction.
func (t *Tx) LetGo() error { return t.db.letGo(t.tx) }

// letGo is called within a transaction, which keeps the file mapped where it is.
func (db *DB) letGo(tx *bbolt.Tx) error {
	now := faults()
	if now-db.faults.Load() < faultsBetween {
		return nil
	}
	db.faults.Store(now)
	if mapped() < mostMapped {
		return nil
	}
	if err := unmap(db.bolt.Info().Data, uintptr(tx.Size())); err != nil {
		return fmt.Errorf("let go of %s: %w", db.Path(), err)
	}
	return nil
}
