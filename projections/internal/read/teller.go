package read

import (
	"github.com/summit-timeline/summit/events/message"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Teller describes what was known at a position in the words of one language. It is of one
// read transaction, and not for concurrent use.
type Teller struct {
	In    *message.Language
	tx    *viewdb.Tx
	known uint64
	names map[string][]byte
}

// Teller returns the teller of a position. The language nil is English.
func (r *Reader) Teller(in *message.Language, known uint64) *Teller {
	if in == nil {
		in = message.English()
	}
	return &Teller{In: in, tx: r.Tx, known: known, names: map[string][]byte{}}
}

// mostNames is how many names are kept at once.
const mostNames = 10_000

// Called returns what an entity is called, as the inside of a JSON string, or nil if
// no fact names it.
func (t *Teller) Called(entity []byte) []byte {
	name, known := t.names[string(entity)]
	if !known {
		name = item.NameAt(t.tx, string(entity), t.known)
		if len(t.names) >= mostNames {
			clear(t.names)
		}
		t.names[string(entity)] = name
	}
	return name
}

// Known returns the position.
func (t *Teller) Known() uint64 { return t.known }

// Headline returns the headline of an item.
func (t *Teller) Headline(row item.Row) (string, error) { return row.Headline(t.In, t.Called) }
