package keys

import "encoding/binary"

func Seq(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

func Pair(a, b uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(make([]byte, 0, 16), a), b)
}

func Uint64(b []byte) uint64 { return binary.BigEndian.Uint64(b) }

func Ordered(key int64) uint64 { return uint64(key) ^ (1 << 63) }
