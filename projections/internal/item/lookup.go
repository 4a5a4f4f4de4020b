package item

import (
	"errors"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/projections/internal/posting"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Find returns the sequence of the event with an id.
func Find(tx *viewdb.Tx, id string) (uint64, bool) {
	u, err := uuid.Parse(id)
	if err != nil {
		return 0, false
	}
	v := tx.Get(TableIDs, u[:])
	if v == nil {
		return 0, false
	}
	return keys.Uint64(v), true
}

// FindFact returns the sequence of the fact with an id, or false if the event is not a fact.
func FindFact(tx *viewdb.Tx, id string) (fact uint64, found bool, err error) {
	seq, found := Find(tx, id)
	if !found {
		return 0, false, nil
	}
	row, err := ReadEvent(tx, seq)
	return row.Fact, err == nil && row.Fact != 0 && row.Kind == EventFact, err
}

// DeniedAt returns the fact that a statement denies as known at a position, or 0 if it
// denies none that is there.
func DeniedAt(tx *viewdb.Tx, statement, known uint64) (uint64, error) {
	it, err := ReadItem(tx, statement, known)
	if err != nil {
		return 0, err
	}
	id := DeniedBy(it.Data)
	if id == "" {
		return 0, nil
	}
	fact, found, err := FindFact(tx, id)
	if !found || fact > known {
		return 0, err
	}
	return fact, nil
}

// ErrNoVersion is returned for a fact that has no row at a position.
var ErrNoVersion = errors.New("no version of the item at that position")

// ReadRow reads the row of a fact as known at a position. Who reads several uses [Rows].
func ReadRow(tx *viewdb.Tx, fact, known uint64) (Row, error) { return RowsAt(tx, known).Read(fact) }

// ReadItem reads a fact as known at a position.
func ReadItem(tx *viewdb.Tx, fact, known uint64) (*Item, error) {
	row, err := ReadRow(tx, fact, known)
	if err != nil {
		return nil, err
	}
	return row.Item()
}

// ReadLatest reads a fact as known now.
func ReadLatest(tx *viewdb.Tx, fact uint64) (*Item, error) { return ReadItem(tx, fact, AnySeq-1) }

// Closed reports whether a summit was closed as known at a position.
func Closed(tx *viewdb.Tx, summit string, known uint64) bool {
	entity := events.Entity{Kind: events.KindSummit, ID: summit}
	list := SlotList(entity.String(), SlotClosed)
	if known == 0 || tx.Get(TableSlots, []byte(list)) == nil {
		return false
	}
	for range (posting.Walk{List: list, Known: known}).Places(tx) {
		return true
	}
	return false
}

// AnySeq is above every sequence.
const AnySeq = 1<<63 - 1
