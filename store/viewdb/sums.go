package viewdb

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
)

// Each row carries a sum over its table, its key and its value, so that none
// that was altered is ever read as if it were right. The sum of the rows of a
// table is kept too, in a table of its own, and changes with them in one
// transaction: so a file is known for what it is where pages of several moments
// were copied into it. The sums find accidents, not people.
//
// Files of earlier versions have no sums, and get none.
const tableSums = "\x00sums"

const sizeOfSum = 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func seedOf(table string) uint32 { return crc32.Checksum([]byte(table), castagnoli) }

func (x *table) rowSum(key, value []byte) uint32 {
	c := crc32.Update(x.seed^uint32(len(key)), castagnoli, key)
	return crc32.Update(c, castagnoli, value)
}

func (x *table) withSum(key, value []byte) []byte {
	b := make([]byte, 0, len(value)+sizeOfSum)
	return binary.BigEndian.AppendUint32(append(b, value...), x.rowSum(key, value))
}

// value takes the sum off what is stored, and compares it.
func (t *Tx) value(x *table, key, stored []byte) []byte {
	if !t.summed {
		return stored
	}
	at := len(stored) - sizeOfSum
	if at < 0 || binary.BigEndian.Uint32(stored[at:]) != x.rowSum(key, stored[:at]) {
		panic(damaged(t.db.Path(), "row %x of table %s is damaged", key, x.name))
	}
	return stored[:at:at]
}

// sum is the checksum of the rows of a table.
type sum struct{ rows, total uint64 }

const sizeOfTotal = 16

func (s *sum) enter(stored []byte) {
	s.rows++
	s.total += uint64(binary.BigEndian.Uint32(stored[len(stored)-sizeOfSum:]))
}

// leave takes a row out that may not be there.
func (s *sum) leave(stored []byte) {
	if len(stored) >= sizeOfSum {
		s.rows--
		s.total -= uint64(binary.BigEndian.Uint32(stored[len(stored)-sizeOfSum:]))
	}
}

func (s sum) add(other sum) sum { return sum{s.rows + other.rows, s.total + other.total} }

func (s sum) encode() []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, s.rows), s.total)
}

func decodeSum(b []byte) sum {
	if len(b) != sizeOfTotal {
		return sum{}
	}
	return sum{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}
}

// look finds out whether the rows carry sums. A file that is new gets them.
func (t *Tx) look() {
	if t.summed = t.db.summed.Load(); t.summed {
		return
	}
	if t.tx.Bucket([]byte(tableSums)) != nil {
		t.summed = true
		t.db.summed.Store(true)
	} else if t.tx.Writable() {
		first, _ := t.tx.Cursor().First()
		t.summed = first == nil
	}
}

// finish writes the sums of the tables.
func (t *Tx) finish() error {
	if !t.summed {
		return nil
	}
	all, err := t.tx.CreateBucketIfNotExists([]byte(tableSums))
	if err != nil {
		return fmt.Errorf("write %s: %w", t.db.Path(), err)
	}
	for _, x := range t.tables {
		if x.sum == (sum{}) {
			continue
		}
		now := decodeSum(all.Get([]byte(x.name))).add(x.sum)
		if err := all.Put([]byte(x.name), now.encode()); err != nil {
			return fmt.Errorf("write %s: %w", t.db.Path(), err)
		}
	}
	return nil
}

// verifiedAtOnce is about how many bytes of rows are verified between two
// questions whether to go on.
const verifiedAtOnce = 1 << 20

// Verify reads every row and compares the sums of the tables. The error is a
// *DamagedError where a row, a table or the frame of the file is not as it was
// written. The rows of a file that carry no sums are taken as they are.
func (db *DB) Verify(ctx context.Context) error {
	return db.View(func(t *Tx) error {
		if err := t.frame(false); err != nil || !t.summed {
			return err
		}
		all, err := t.totals()
		if err != nil {
			return err
		}
		names := t.Tables()
		for name := range all {
			if !slices.Contains(names, name) {
				return damaged(db.Path(), "table %s is missing", name)
			}
		}
		for _, name := range names {
			got, err := t.total(ctx, name)
			if err != nil {
				return err
			}
			if want := all[name]; got != want {
				return damaged(db.Path(), "table %s has %d rows that come to %x, and was written with %d rows that come to %x", name, got.rows, got.total, want.rows, want.total)
			}
		}
		return nil
	})
}

// totals are what the tables came to when they were written.
func (t *Tx) totals() (map[string]sum, error) {
	t.inside = true
	all := map[string]sum{}
	b := t.tx.Bucket([]byte(tableSums))
	if b == nil {
		return nil, damaged(t.db.Path(), "it lacks what its tables come to")
	}
	err := b.ForEach(func(name, v []byte) error {
		all[string(name)] = decodeSum(v)
		return nil
	})
	t.inside = false
	return all, err
}

// total adds up the rows of a table as they are.
func (t *Tx) total(ctx context.Context, name string) (s sum, err error) {
	x := t.at(name)
	read := 0
	for k, v := range t.Scan(name, Range{}) {
		s.rows++
		s.total += uint64(x.rowSum(k, v))
		if read += len(k) + len(v); read > verifiedAtOnce {
			if read = 0; ctx.Err() != nil {
				return s, ctx.Err()
			}
		}
	}
	return s, nil
}
