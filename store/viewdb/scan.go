package viewdb

import (
	"bytes"
	"iter"

	"go.etcd.io/bbolt"
)

// Range is part of a table: From ≤ key < To. Either end may be nil: open.
type Range struct {
	From, To []byte
	// Reverse goes from the greatest key to the least.
	Reverse bool
}

// Scan goes through the rows of a range. The table must not be changed
// meanwhile but by putting values to the key at hand.
func (t *Tx) Scan(name string, r Range) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		c := t.Cursor(name, r)
		for k, v, ok := c.Next(); ok; k, v, ok = c.Next() {
			if !yield(k, v) {
				return
			}
		}
	}
}

// Cursor goes through a range step by step.
type Cursor struct {
	t       *Tx
	table   *table
	c       *bbolt.Cursor
	r       Range
	near    bool   // whether the range may begin beside the key at hand
	started bool   // whether a row of the range was reached
	ended   bool   // whether the range was left
	at      []byte // the key at hand; nil where there is none
}

// Cursor returns a cursor before the first row of a range.
func (t *Tx) Cursor(name string, r Range) *Cursor {
	x := t.at(name)
	if x == nil {
		return &Cursor{}
	}
	return &Cursor{t: t, table: x, c: x.bucket.Cursor(), r: r}
}

// Seek puts the cursor before the first row of another range of its table. near
// says that this row is likely the one at hand or one beside it: the last row of a
// range is then looked for there before it is looked for in the whole table.
func (c *Cursor) Seek(r Range, near bool) {
	c.r, c.near, c.started, c.ended = r, near, false, false
}

// Next steps to the next row; false at the end. In a file that holds pages of
// several moments the rows may lead back to where they have been: rows out of
// order are damage, so that no reading goes round for ever.
func (c *Cursor) Next() (k, v []byte, ok bool) {
	if c.c == nil || c.ended {
		return nil, nil, false
	}
	before := c.at
	c.t.inside = true
	k, v = c.step()
	c.t.inside = false
	c.at = k
	if k == nil || !c.within(k) {
		c.ended = true
		return nil, nil, false
	}
	if order := bytes.Compare(k, before); c.started && (order <= 0 && !c.r.Reverse || order >= 0 && c.r.Reverse) {
		panic(damaged(c.t.db.Path(), "the rows of table %s are out of order at %x", c.table.name, k))
	}
	c.started = true
	return k, c.t.value(c.table, k, v), true
}

// Beyond returns the key at which the cursor left its range, or nil if it has not, or
// if there was none.
func (c *Cursor) Beyond() []byte {
	if !c.ended {
		return nil
	}
	return c.at
}

func (c *Cursor) step() (k, v []byte) {
	switch {
	case c.started && c.r.Reverse:
		return c.c.Prev()
	case c.started:
		return c.c.Next()
	case c.r.Reverse:
		return c.last()
	}
	return c.first()
}

func (c *Cursor) first() (k, v []byte) {
	if c.r.From == nil {
		return c.c.First()
	}
	return c.c.Seek(c.r.From)
}

func (c *Cursor) last() (k, v []byte) {
	if c.r.To == nil {
		return c.c.Last()
	}
	if c.near && c.at != nil {
		if k, v, found := c.beside(); found {
			return k, v
		}
	}
	if k, _ := c.c.Seek(c.r.To); k == nil {
		return c.c.Last()
	}
	return c.c.Prev()
}

// beside looks for the last row before the end of the range from the row at hand: the
// one before it, itself, and the one after it. It returns false if it is none of them.
func (c *Cursor) beside() (k, v []byte, found bool) {
	if c.beyond(c.at) {
		k, v = c.c.Prev()
		return k, v, !c.beyond(k)
	}
	after, v := c.c.Next()
	if after == nil {
		return nil, nil, false
	}
	if c.beyond(after) {
		k, v = c.c.Prev()
		return k, v, true
	}
	switch behind, _ := c.c.Next(); {
	case behind == nil:
		return after, v, true // the cursor stays at the last row
	case c.beyond(behind):
		k, v = c.c.Prev()
		return k, v, true
	}
	return nil, nil, false
}

// beyond reports whether a key is at the end of the range or after it.
func (c *Cursor) beyond(k []byte) bool { return bytes.Compare(k, c.r.To) >= 0 }

func (c *Cursor) within(k []byte) bool {
	if c.r.Reverse {
		return c.r.From == nil || bytes.Compare(k, c.r.From) >= 0
	}
	return c.r.To == nil || bytes.Compare(k, c.r.To) < 0
}
