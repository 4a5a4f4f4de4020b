package item

import (
	"encoding/binary"

	"github.com/summit-timeline/summit/projections/internal/keys"
)

func DueKey(at int64, fact uint64) []byte {
	return binary.BigEndian.AppendUint64(keys.Seq(keys.Ordered(at)), fact)
}
