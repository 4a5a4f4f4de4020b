package item

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/summit-timeline/summit/store/viewdb"
)

// Rows reads the rows of facts as known at one position, with one cursor for all. It is
// of one transaction, and not for concurrent use.
type Rows struct {
	tx     *viewdb.Tx
	known  uint64
	cursor *viewdb.Cursor
	last   uint64             // the fact that was read last
	bounds [2 * pairSize]byte // of the versions that are looked for
}

const pairSize = 16

// nearby is how far apart in the log two facts are whose rows likely stand beside each
// other: amendments, which have no rows of their own, may lie between them.
const nearby = 4

// RowsAt returns a reader of the rows as known at a position.
func RowsAt(tx *viewdb.Tx, known uint64) *Rows {
	return &Rows{tx: tx, known: known, cursor: tx.Cursor(TableFacts, viewdb.Range{})}
}

// Read reads the row of a fact. The error wraps ErrNoVersion if there is none: the fact
// did not exist yet, or the file is damaged.
func (r *Rows) Read(fact uint64) (Row, error) {
	near := max(fact, r.last)-min(fact, r.last) <= nearby
	r.last = fact
	from, to := r.bounds[:pairSize], r.bounds[pairSize:]
	binary.BigEndian.PutUint64(from, fact)
	binary.BigEndian.PutUint64(to, fact)
	binary.BigEndian.PutUint64(to[pairSize/2:], r.known+1)
	r.cursor.Seek(viewdb.Range{From: from, To: to, Reverse: true}, near)
	_, v, ok := r.cursor.Next()
	if !ok {
		err := ErrNoVersion
		if fact <= r.known { // whatever led here says that it is there
			err = errors.Join(err, r.tx.Damaged("table %s lacks fact %d as known at %d", TableFacts, fact, r.known))
		}
		return Row{}, fmt.Errorf("read fact %d at %d: %w", fact, r.known, err)
	}
	return DecodeVersion(fact, v)
}

// DecodeVersion reads the header of a row of a fact; what follows it is not copied.
func DecodeVersion(fact uint64, v []byte) (Row, error) {
	row, err := DecodeRow(v)
	if err != nil {
		return Row{}, fmt.Errorf("read fact %d: %w", fact, err)
	}
	return row, nil
}
