// Package keys writes the parts of the keys of a view file so that keys are in the
// order of what they mean.
package keys

import "encoding/binary"

// Seq returns the key of a sequence.
func Seq(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

// Pair returns the key of two numbers, in the order of the first.
func Pair(a, b uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(make([]byte, 0, 16), a), b)
}

// Uint64 reads the number at the beginning of a key.
func Uint64(b []byte) uint64 { return binary.BigEndian.Uint64(b) }

// Ordered maps a signed number to an unsigned one in the same order.
func Ordered(key int64) uint64 { return uint64(key) ^ (1 << 63) }

// Signed is the inverse of [Ordered].
func Signed(key uint64) int64 { return int64(key ^ (1 << 63)) }
