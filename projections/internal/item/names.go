package item

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/store/viewdb"
)

// EntityRow is what the views keep of an entity, as of the last event.
type EntityRow struct {
	Last  uint64   // last event on it
	Facts uint32   // facts about it
	Given []Given  // the names that it has
	Names []string // every name that it was ever given, in that order
}

// Given is a name, and the last fact that has it.
type Given struct {
	Member string // of data
	Fact   uint64
	Text   string
}

// maxNames is how many names of one entity are kept.
const maxNames = 64

// Give notes that a fact has a name. A later fact in the log goes before an earlier
// one.
func (r *EntityRow) Give(fact uint64, name events.Name) {
	if len(r.Names) < maxNames && !slices.Contains(r.Names, name.Text) {
		r.Names = append(r.Names, name.Text)
	}
	for i, g := range r.Given {
		if g.Member == name.Member {
			if fact >= g.Fact {
				r.Given[i] = Given{name.Member, fact, name.Text}
			}
			return
		}
	}
	r.Given = append(r.Given, Given{name.Member, fact, name.Text})
}

// Take removes the name of a member.
func (r *EntityRow) Take(member string) {
	r.Given = slices.DeleteFunc(r.Given, func(g Given) bool { return g.Member == member })
}

// Called returns what the entity is called, or "" if no fact names it.
func (r *EntityRow) Called() string {
	by := make(map[string]string, len(r.Given))
	for _, g := range r.Given {
		by[g.Member] = g.Text
	}
	return events.DisplayName(by)
}

// Encode returns the row as stored.
func (r *EntityRow) Encode() []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 64), r.Last)
	b = binary.BigEndian.AppendUint32(b, r.Facts)
	b = binary.AppendUvarint(b, uint64(len(r.Given)))
	for _, g := range r.Given {
		b = appendText(appendText(binary.AppendUvarint(b, g.Fact), g.Member), g.Text)
	}
	b = binary.AppendUvarint(b, uint64(len(r.Names)))
	for _, n := range r.Names {
		b = appendText(b, n)
	}
	return b
}

// DecodeEntityRow reads a stored row. Files before version 3 keep the last event alone.
func DecodeEntityRow(b []byte) (EntityRow, error) {
	if len(b) < 8 {
		return EntityRow{}, fmt.Errorf("read entity: %w", errRow)
	}
	r := EntityRow{Last: keys.Uint64(b)}
	if len(b) < 12 {
		return r, nil
	}
	r.Facts = binary.BigEndian.Uint32(b[8:])
	d := decoder{b: b[12:]}
	for range d.uvarint() {
		g := Given{Fact: d.uvarint()}
		g.Member, g.Text = d.text(), d.text()
		if r.Given = append(r.Given, g); d.err != nil {
			break
		}
	}
	for range d.uvarint() {
		if r.Names = append(r.Names, d.text()); d.err != nil {
			break
		}
	}
	return r, d.err
}

// NameKey returns the key of what an entity is called from an event on.
func NameKey(entity string, seq uint64) []byte {
	return append(append([]byte(entity), 0), keys.Seq(seq)...)
}

// NameRow returns a name as stored: as the inside of a JSON string.
func NameRow(name string) ([]byte, error) {
	quoted, err := jsontext.AppendQuote(nil, name)
	if err != nil {
		return nil, fmt.Errorf("encode the name %q: %w", name, err)
	}
	return quoted[1 : len(quoted)-1], nil
}

// LastNamed is the key under which it is kept which event was the last to name anything:
// as long as that is the same, all names are. No entity sorts so early.
var LastNamed = []byte{0}

// NamedUntil returns the last event that named anything.
func NamedUntil(tx *viewdb.Tx) uint64 {
	if v := tx.Get(TableNames, LastNamed); len(v) == 8 {
		return keys.Uint64(v)
	}
	return 0
}

// NameSince is what an entity is called from an event on, as the inside of a JSON string;
// nil where no fact names it any more.
type NameSince struct {
	Seq  uint64
	Name []byte
}

// NamesOf returns every name of an entity, the first first.
func NamesOf(tx *viewdb.Tx, entity string) []NameSince {
	var all []NameSince
	for k, v := range tx.Scan(TableNames, viewdb.Range{From: NameKey(entity, 0), To: NameKey(entity, AnySeq)}) {
		n := NameSince{Seq: keys.Uint64(k[len(k)-8:])}
		if len(v) > 0 {
			n.Name = bytes.Clone(v)
		}
		all = append(all, n)
	}
	return all
}

// NameAt returns what an entity is called as known at a position, as the inside of a
// JSON string, or nil if no fact names it.
func NameAt(tx *viewdb.Tx, entity string, known uint64) []byte {
	c := tx.Cursor(TableNames, viewdb.Range{From: NameKey(entity, 0), To: NameKey(entity, known+1), Reverse: true})
	if _, v, ok := c.Next(); ok && len(v) > 0 {
		return v
	}
	return nil
}
