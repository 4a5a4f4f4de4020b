package projections

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/projections/internal/read"
	"github.com/summit-timeline/summit/store/viewdb"
)

// assemble returns the JSON of an item with what depends on the reading.
func (r *reader) assemble(tell *read.Teller, fact uint64, row item.Row, present time.Time) (jsontext.Value, error) {
	return r.appendItem(make([]byte, 0, row.Size()), tell, fact, row, present)
}

// appendItem appends the JSON of an item with what depends on the reading.
func (r *reader) appendItem(b []byte, tell *read.Teller, fact uint64, row item.Row, present time.Time) ([]byte, error) {
	b, err := row.Append(b, &tell.Words)
	if err != nil {
		return nil, fmt.Errorf("tell fact %d: %w", fact, err)
	}
	b = append(b, `,"standing":"`...)
	b = append(b, row.Standing(present)...)
	b = strconv.AppendUint(append(b, `","revision":`...), row.Amendments+1, 10)
	b = append(b, `,"amendments":[`...)
	if row.Amendments > 0 {
		if b, err = r.appendAmendments(tell, b, fact); err != nil {
			return nil, err
		}
	}
	return append(b, `]}`...), nil
}

func (r *reader) appendAmendments(tell *read.Teller, b []byte, fact uint64) ([]byte, error) {
	first := true
	for k, v := range r.Tx.Scan(item.TableAmendments, viewdb.Range{From: keys.Pair(fact, 0), To: keys.Pair(fact, tell.Known()+1)}) {
		if !first {
			b = append(b, ',')
		}
		first = false
		var err error
		if b, err = item.AppendShown(b, v, &tell.Words); err != nil {
			return nil, fmt.Errorf("read amendment %d: %w", keys.Uint64(k[8:]), err)
		}
	}
	return b, nil
}

// pageItems is where the items of a page are put.
type pageItems interface {
	// begin is called with the stamp of the page and its limit.
	begin(s Stamp, limit int) error
	// room returns a text to append the next item to: it is of about a size, and of at
	// most so many that are left.
	room(size, left int) []byte
	// take takes the text with the item. It returns the size of the item.
	take(b []byte) int
}

// separateItems are items that are read one by one. Many share an allocation.
type separateItems struct {
	items []jsontext.Value
	free  []byte
	made  int // how much room was made last
}

// Room is made for few items at first, and for more each time.
const leastRoom, mostRoom = 8 << 10, 16 << 10

func (m *separateItems) begin(_ Stamp, limit int) error {
	m.items = make([]jsontext.Value, 0, limit)
	return nil
}

func (m *separateItems) room(size, left int) []byte {
	if cap(m.free) < size {
		m.made = min(max(2*m.made, leastRoom), mostRoom)
		m.free = make([]byte, 0, max(size, min(size*left, m.made)))
	}
	return m.free
}

func (m *separateItems) take(b []byte) int {
	m.items, m.free = append(m.items, b[:len(b):len(b)]), b[len(b):]
	return len(b)
}

// joinedItems are items in one text, with commas between them.
type joinedItems struct {
	start func(Stamp) ([]byte, error)
	text  []byte
	more  bool // whether there is an item already
}

func (j *joinedItems) begin(s Stamp, _ int) (err error) {
	j.text, err = j.start(s)
	return err
}

func (j *joinedItems) room(size, left int) []byte {
	if cap(j.text)-len(j.text) <= size {
		j.text = slices.Grow(j.text, max(size+1, min((size+1)*left, len(j.text)))) // twice as much at most
	}
	if j.more {
		j.text = append(j.text, ',')
	}
	return j.text
}

func (j *joinedItems) take(b []byte) int {
	size := len(b) - len(j.text)
	j.text, j.more = b, true
	return size
}
