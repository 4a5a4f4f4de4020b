package projections

import (
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/store/viewdb"
)

// quarantineShown is how many of the events that could not be read an answer
// names.
const quarantineShown = 100

// quarantinedAt lists the events that could not be read, as known at a
// position.
func quarantinedAt(tx *viewdb.Tx, known uint64) []Quarantined {
	var list []Quarantined
	for k, v := range tx.Scan(tableQuarantined, viewdb.Range{To: seqKey(known + 1)}) {
		if list = append(list, Quarantined{Seq: seqOf(k), Reason: string(v)}); len(list) == quarantineShown {
			break
		}
	}
	return list
}

func quarantineJSON(tx *viewdb.Tx, seq uint64) (jsontext.Value, error) {
	b, err := json.Marshal(Quarantined{Seq: seq, Reason: string(tx.Get(tableQuarantined, seqKey(seq)))})
	if err != nil {
		return nil, fmt.Errorf("encode quarantined event %d: %w", seq, err)
	}
	return b, nil
}
