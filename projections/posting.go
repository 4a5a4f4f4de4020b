package projections

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/summit-timeline/summit/store/viewdb"
)

// A posting puts a fact into a list of the index, at a place in its order.
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
// (eventRow.low and high).
type posting struct {
	list string
	key  int64
}

// noKey is the key in lists that are ordered by seq alone.
const noKey = math.MinInt64

// segmentOf is the span of the log a sequence lies in: 1–7, 8–63, 64–511, …
func segmentOf(seq uint64) byte {
	return byte((bits.Len64(seq) - 1) / 3)
}

// postingTable is the table that holds the postings.
const postingTable = "index"

const postingTail = 24 // key, fact, from

func postingKey(list string, segment byte, key int64, fact, from uint64) []byte {
	b := make([]byte, 0, len(list)+2+postingTail)
	b = append(append(b, list...), 0, segment)
	b = binary.BigEndian.AppendUint64(b, sortable(key))
	b = binary.BigEndian.AppendUint64(b, fact)
	return binary.BigEndian.AppendUint64(b, from)
}

// newPosting puts a fact into a list that it was never in.
func newPosting(tx *viewdb.Tx, p posting, fact, from uint64) error {
	return tx.Add(postingTable, postingKey(p.list, segmentOf(from), p.key, fact, from), nil)
}

// addPosting puts a fact into a list from a sequence on.
func addPosting(tx *viewdb.Tx, p posting, fact, from uint64) error {
	return tx.Put(postingTable, postingKey(p.list, segmentOf(from), p.key, fact, from), nil)
}

// endPosting takes a fact out of a list from a sequence on.
func endPosting(tx *viewdb.Tx, p posting, fact, to uint64) error {
	for s := segmentOf(fact); s <= segmentOf(to); s++ {
		r := viewdb.Range{From: postingKey(p.list, s, p.key, fact, 0), To: postingKey(p.list, s, p.key, fact+1, 0)}
		for k, v := range tx.Scan(postingTable, r) {
			if len(v) == 0 {
				return tx.Put(postingTable, bytes.Clone(k), seqKey(to))
			}
		}
	}
	return nil
}
