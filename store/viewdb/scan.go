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
	started bool
	at      []byte // the key at hand
}

// Cursor returns a cursor before the first row of a range.
func (t *Tx) Cursor(name string, r Range) *Cursor {
	x := t.at(name)
	if x == nil {
		return &Cursor{}
	}
	return &Cursor{t: t, table: x, c: x.bucket.Cursor(), r: r}
}

// Next steps to the next row; false at the end. In a file that holds pages of
// several moments the rows may lead back to where they have been: rows out of
// order are damage, so that no reading goes round for ever.
func (c *Cursor) Next() (k, v []byte, ok bool) {
	if c.c == nil {
		return nil, nil, false
	}
	c.t.inside = true
	k, v = c.step()
	c.t.inside = false
	c.started = true
	if k == nil || !c.within(k) {
		c.c = nil
		return nil, nil, false
	}
	if order := bytes.Compare(k, c.at); c.at != nil && (order <= 0 && !c.r.Reverse || order >= 0 && c.r.Reverse) {
		panic(damaged(c.t.db.Path(), "the rows of table %s are out of order at %x", c.table.name, k))
	}
	c.at = k
	return k, c.t.value(c.table, k, v), true
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
	if k, _ := c.c.Seek(c.r.To); k == nil {
		return c.c.Last()
	}
	return c.c.Prev()
}

func (c *Cursor) within(k []byte) bool {
	if c.r.Reverse {
		return c.r.From == nil || bytes.Compare(k, c.r.From) >= 0
	}
	return c.r.To == nil || bytes.Compare(k, c.r.To) < 0
}
