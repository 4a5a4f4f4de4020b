package viewdb

import (
	"bytes"
	"fmt"
	"io"

	"go.etcd.io/bbolt"
)

// Tx is a transaction. Keys and values it gives are valid within it only.
type Tx struct {
	tx     *bbolt.Tx
	db     *DB
	o      *Options
	tables []*table
	inside bool // whether bbolt is at work: a panic then comes of a damaged file
	summed bool // whether rows carry sums
}

type table struct {
	name   string
	bucket *bbolt.Bucket
	seed   uint32 // of the sums of its rows
	sum    sum    // what the transaction changes of it
}

// usualTables is how many tables a transaction mostly uses at most.
const usualTables = 12

// at finds a table, or nil if it has no row yet. There are few, so they are
// kept in a list.
func (t *Tx) at(name string) *table {
	for _, x := range t.tables {
		if x.name == name {
			return x
		}
	}
	t.inside = true
	b := t.tx.Bucket([]byte(name))
	t.inside = false
	if b == nil {
		return nil
	}
	return t.keep(name, b)
}

const (
	filledUp = 1.0 // a row of a quarter of a page fits four times, not three
	// wellFilled leaves room for rows that come in between. Most rows are added at the end of one
	// of many lists: pages that are split in the middle then stay half empty. Where rows come in
	// any order it wastes a little more than half would (0.6 in place of 0.7 of a page is used).
	wellFilled = 0.75
)

func (t *Tx) keep(name string, b *bbolt.Bucket) *table {
	b.FillPercent = wellFilled
	if t.o.Append[name] {
		b.FillPercent = filledUp
	}
	x := &table{name: name, bucket: b, seed: seedOf(name)}
	t.tables = append(t.tables, x)
	return x
}

// Get returns the value of a key, or nil if there is none.
func (t *Tx) Get(name string, key []byte) []byte {
	x := t.at(name)
	if x == nil {
		return nil
	}
	t.inside = true
	v := x.bucket.Get(key)
	t.inside = false
	if v == nil {
		return nil
	}
	return t.value(x, key, v)
}

// Put sets the value of a key.
func (t *Tx) Put(name string, key, value []byte) error { return t.put(name, key, value, false) }

// Add is Put for a key that does not exist yet, which is not looked for: the sum of
// the table would tell one that is.
func (t *Tx) Add(name string, key, value []byte) error { return t.put(name, key, value, true) }

func (t *Tx) put(name string, key, value []byte, fresh bool) error {
	x := t.at(name)
	if x == nil {
		t.inside = true
		b, err := t.tx.CreateBucketIfNotExists([]byte(name))
		t.inside = false
		if err != nil {
			return fmt.Errorf("make table %s: %w", name, err)
		}
		x = t.keep(name, b)
	}
	t.inside = true
	stored := value
	if t.summed {
		stored = x.withSum(key, value)
	}
	if t.summed && !fresh {
		x.sum.leave(x.bucket.Get(key))
	}
	err := x.bucket.Put(key, stored)
	t.inside = false
	if err != nil {
		return fmt.Errorf("put into %s: %w", name, err)
	}
	if t.summed {
		x.sum.enter(stored)
	}
	return nil
}

// Delete takes a row away.
func (t *Tx) Delete(name string, key []byte) error {
	x := t.at(name)
	if x == nil {
		return nil
	}
	t.inside = true
	if t.summed {
		x.sum.leave(x.bucket.Get(key))
	}
	err := x.bucket.Delete(key)
	t.inside = false
	if err != nil {
		return fmt.Errorf("delete from %s: %w", name, err)
	}
	return nil
}

// Count is the number of rows of a table.
func (t *Tx) Count(name string) int {
	x := t.at(name)
	if x == nil {
		return 0
	}
	t.inside = true
	n := x.bucket.Stats().KeyN
	t.inside = false
	return n
}

// Tables lists the tables that have rows.
func (t *Tx) Tables() []string {
	t.inside = true
	var names []string
	_ = t.tx.ForEach(func(name []byte, _ *bbolt.Bucket) error { // the function never fails
		if string(name) != tableSums {
			names = append(names, string(bytes.Clone(name)))
		}
		return nil
	})
	t.inside = false
	return names
}

// WriteTo writes a copy of the file as the transaction sees it.
func (t *Tx) WriteTo(w io.Writer) (int64, error) { return t.tx.WriteTo(w) }
