package read

import (
	"bytes"

	"github.com/summit-timeline/summit/events/message"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Teller describes what was known at a position in the words of one language. It is of one
// read transaction, and not for concurrent use.
type Teller struct {
	item.Words
	tx    *viewdb.Tx
	known uint64
	until *uint64 // the last event that named anything; nil while nobody asked
	names *Names
	last  []byte // the entity that was asked for last: that of the next item, on a page of one
	name  []byte // what it is called
}

// Teller returns the teller of a position. The language nil is English.
func (r *Reader) Teller(in *message.Language, known uint64) *Teller {
	if in == nil {
		in = message.English()
	}
	names := r.Names
	if names == nil {
		names = &Names{}
	}
	t := &Teller{Words: item.Words{In: in, Told: r.Told}, tx: r.Tx, known: known, names: names}
	t.Words.Called = t.Called
	return t
}

// mostNames is how many names are kept at once.
const mostNames = 10_000

// Called returns what an entity is called, as the inside of a JSON string, or nil if
// no fact names it.
func (t *Teller) Called(entity []byte) []byte {
	if t.last == nil || !bytes.Equal(t.last, entity) {
		t.last, t.name = entity, t.named(entity)
	}
	return t.name
}

func (t *Teller) named(entity []byte) []byte {
	if t.until == nil {
		t.until = new(item.NamedUntil(t.tx))
	}
	all := t.names.of(t.tx, entity, *t.until)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Seq <= t.known {
			return all[i].Name
		}
	}
	return nil
}

// Known returns the position.
func (t *Teller) Known() uint64 { return t.known }

// Headline returns the headline of an item.
func (t *Teller) Headline(row item.Row) (string, error) { return row.Headline(t.In, t.Called) }
