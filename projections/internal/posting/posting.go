// Package posting keeps lists of facts that can be read as of any position of the
// log: who reads an old position neither sees nor pays for what came later.
package posting

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Posting puts a fact into a list of the index, at a place in its order.
//
// The key of its row is
//
//	list NUL segment(1) key(8) fact(8) from(8)
//
// and its value is empty, or the sequence at which it left the list again. A
// posting counts at position n where from ≤ n < to. Segments cut the log into
// spans that grow eightfold: a reader at an old position n walks only the
// segments that begin at or before n, merged, so that what came later neither
// shows nor costs. Within the last of them it keeps to the keys seen up to n
// ([Walk.Within]).
type Posting struct {
	List string
	Key  int64
}

// NoKey is the key in lists that are ordered by seq alone.
const NoKey = math.MinInt64

// SegmentOf returns the span of the log a sequence lies in: 1–7, 8–63, 64–511, …
func SegmentOf(seq uint64) byte {
	return byte((bits.Len64(seq) - 1) / 3)
}

// Table is the table that holds the postings.
const Table = "index"

const postingTail = 24 // key, fact, from

func postingKey(list string, segment byte, key int64, fact, from uint64) []byte {
	return appendPostingKey(make([]byte, 0, len(list)+2+postingTail), list, segment, key, fact, from)
}

func appendPostingKey(b []byte, list string, segment byte, key int64, fact, from uint64) []byte {
	b = append(append(b, list...), 0, segment)
	b = binary.BigEndian.AppendUint64(b, keys.Ordered(key))
	b = binary.BigEndian.AppendUint64(b, fact)
	return binary.BigEndian.AppendUint64(b, from)
}

// AddNew puts a fact into a list that it was never in.
func AddNew(tx *viewdb.Tx, p Posting, fact, from uint64) error {
	return tx.Add(Table, postingKey(p.List, SegmentOf(from), p.Key, fact, from), nil)
}

// Add puts a fact into a list from a sequence on.
func Add(tx *viewdb.Tx, p Posting, fact, from uint64) error {
	return tx.Put(Table, postingKey(p.List, SegmentOf(from), p.Key, fact, from), nil)
}

// Remove takes a fact out of a list from a sequence on.
func Remove(tx *viewdb.Tx, p Posting, fact, to uint64) error {
	for s := SegmentOf(fact); s <= SegmentOf(to); s++ {
		r := viewdb.Range{From: postingKey(p.List, s, p.Key, fact, 0), To: postingKey(p.List, s, p.Key, fact+1, 0)}
		for k, v := range tx.Scan(Table, r) {
			if len(v) == 0 {
				return tx.Put(Table, bytes.Clone(k), keys.Seq(to))
			}
		}
	}
	return nil
}
