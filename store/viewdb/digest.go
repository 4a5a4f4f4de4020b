package viewdb

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// Digest is the SHA-256 over the rows of a table in the order of their keys,
// each key and value with its length before it (8 bytes, big endian), and the
// number of rows. Two tables with the same rows have the same digest, however
// they came about.
func (t *Tx) Digest(name string) (sum [sha256.Size]byte, rows int) {
	h := sha256.New()
	for k, v := range t.Scan(name, Range{}) {
		writeText(h, k)
		writeText(h, v)
		rows++
	}
	h.Sum(sum[:0])
	return sum, rows
}

func writeText(h hash.Hash, b []byte) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(b)))
	h.Write(n[:])
	h.Write(b)
}
