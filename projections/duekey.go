package projections

import "encoding/binary"

func dueKey(at int64, fact uint64) []byte {
	return binary.BigEndian.AppendUint64(seqKey(sortable(at)), fact)
}
