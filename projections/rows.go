package projections

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/viewdb"
)

// findID gives the sequence of the event with an id.
func findID(tx *viewdb.Tx, id string) (uint64, bool) {
	u, err := uuid.Parse(id)
	if err != nil {
		return 0, false
	}
	v := tx.Get(tableIDs, u[:])
	if v == nil {
		return 0, false
	}
	return seqOf(v), true
}

var errNoVersion = errors.New("no version of the item at that position")

// rowAt is the raw row of a fact as known at a position.
func rowAt(tx *viewdb.Tx, fact, known uint64) ([]byte, error) {
	c := tx.Cursor(tableFacts, viewdb.Range{From: pairKey(fact, 0), To: pairKey(fact, known+1), Reverse: true})
	if _, v, ok := c.Next(); ok {
		return v, nil
	}
	return nil, fmt.Errorf("read fact %d at %d: %w", fact, known, errNoVersion)
}

func readRow(tx *viewdb.Tx, fact, known uint64) (itemRow, error) {
	v, err := rowAt(tx, fact, known)
	if err != nil {
		return itemRow{}, err
	}
	return decodeVersion(fact, v)
}

func readItem(tx *viewdb.Tx, fact, known uint64) (*item, error) {
	row, err := readRow(tx, fact, known)
	if err != nil {
		return nil, err
	}
	return row.item()
}

func latestItem(tx *viewdb.Tx, fact uint64) (*item, error) { return readItem(tx, fact, anySeq-1) }

// isClosed says whether a summit was closed as known at a position.
func isClosed(tx *viewdb.Tx, summit string, known uint64) bool {
	entity := events.Entity{Kind: events.KindSummit, ID: summit}
	list := slotList(entity.String(), slotClosed)
	if known == 0 || tx.Get(tableSlots, []byte(list)) == nil {
		return false
	}
	for range (walk{list: list, known: known}).postings(tx) {
		return true
	}
	return false
}

const anySeq = 1<<63 - 1

func decodeVersion(fact uint64, v []byte) (itemRow, error) {
	row, err := decodeRow(v)
	if err != nil {
		return itemRow{}, fmt.Errorf("read fact %d: %w", fact, err)
	}
	return row, nil
}
