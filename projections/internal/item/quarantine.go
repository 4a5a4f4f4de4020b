package item

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/viewdb"
)

// The kinds of reasons that come from the fold, besides those of the log.
const (
	// Refused is the kind of an event that contradicts what stands before it.
	Refused store.Reason = "refused"
	// Failed is the kind of an event that can be read, and on which this program
	// fails.
	Failed store.Reason = "failed"
)

// FailedWords is the reason for which a failed event is quarantined. It is the
// same on every machine, whatever the failure says there: the rows of all
// replicas are to be equal.
const FailedWords = "it is valid, but this version of the program failed to process it: the operator's log has the details"

// quarantineShown is how many of the events that could not be read an answer
// names.
const quarantineShown = 100

// QuarantineRow is a reason as stored.
type QuarantineRow struct {
	Kind   store.Reason `json:"kind"`
	Reason string       `json:"reason"`
}

// Encode returns the row as stored.
func (q QuarantineRow) Encode() ([]byte, error) {
	b, err := json.Marshal(q, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode a reason: %w", err)
	}
	return b, nil
}

// ReadQuarantined reads a row of the table of quarantined events. Rows of the
// first version of the views hold the words alone.
func ReadQuarantined(seq uint64, value []byte) Quarantined {
	var row QuarantineRow
	if err := json.Unmarshal(value, &row); err != nil || row.Kind == "" {
		words := string(value)
		row = QuarantineRow{store.ReasonIn(strings.TrimPrefix(words, "(event): ")), words}
	}
	return Quarantined{Seq: seq, Kind: row.Kind, Reason: row.Reason}
}

// QuarantinedAt lists the events that could not be read, as known at a
// position.
func QuarantinedAt(tx *viewdb.Tx, known uint64) []Quarantined {
	var list []Quarantined
	for k, v := range tx.Scan(TableQuarantined, viewdb.Range{To: keys.Seq(known + 1)}) {
		if list = append(list, ReadQuarantined(keys.Uint64(k), v)); len(list) == quarantineShown {
			break
		}
	}
	return list
}

// QuarantineJSON reads why an event was quarantined, as JSON.
func QuarantineJSON(tx *viewdb.Tx, seq uint64) (jsontext.Value, error) {
	b, err := json.Marshal(ReadQuarantined(seq, tx.Get(TableQuarantined, keys.Seq(seq))))
	if err != nil {
		return nil, fmt.Errorf("encode quarantined event %d: %w", seq, err)
	}
	return b, nil
}

// Quarantined is a stored event that could not be read, and why.
type Quarantined struct {
	Seq    uint64       `json:"seq"`
	Kind   store.Reason `json:"-"`
	Reason string       `json:"reason"`
}
