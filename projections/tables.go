package projections

import (
	"encoding/binary"
	"fmt"

	"github.com/summit-timeline/summit/store/viewdb"
)

// The tables of a view file. Rows are versioned by sequence: what stood at
// position n is found by a seek, never by a replay.
const (
	tableEvents      = "events"      // seq → eventRow
	tableIDs         = "ids"         // UUID → seq: idempotency for ever
	tableFacts       = "facts"       // seq of the fact | seq of the version → itemRow
	tableAmendments  = "amendments"  // seq of the fact | seq of the amendment → amendmentRow
	tableSlots       = "slots"       // list of a slot or of plans, member of data, or party → seq of the first fact in it
	tableEntities    = "entities"    // entity → seq of the last event on it
	tableDue         = "due"         // instant at which a current plan becomes overdue | seq of the fact → nothing
	tableQuarantined = "quarantined" // seq → reason
	tableConflicts   = "conflicts"   // seq | ordinal → conflictRow
	tableConflictsOf = "conflictsof" // seq of a fact | key of a conflict → nothing
	tableEnded       = "ended"       // seq at which a conflict ended | key of the conflict → nothing
)

// Tables are those that the log alone determines.
var Tables = []string{
	tableAmendments, tableConflicts, tableConflictsOf, tableDue, tableEnded, tableEntities, tableEvents, tableFacts, tableIDs,
	postingTable, tableQuarantined, tableSlots,
}

// Ascending are the tables whose keys mostly ascend.
var Ascending = []string{tableEvents, tableFacts, tableAmendments, tableIDs}

// eventRow is what the views keep of each stored event.
type eventRow struct {
	known      int64  // knowledge time, Unix nanoseconds: the running maximum of recordedtime
	fact       uint64 // the fact it is or amends; 0 where it changed nothing
	span              // index keys of its segment up to here
	reach      int64  // longest way from an index key to the end of its interval, up to here
	facts      uint32 // timeline items up to here
	amendments uint32 // amendments up to here
	kind       eventKind
}

type eventKind byte

const (
	eventFact eventKind = iota
	eventAmendment
	eventQuarantined
	eventRepeated // a second coming of an id, ignored
)

const eventRowSize = 49

func (r eventRow) encode() []byte {
	b := make([]byte, 0, eventRowSize)
	b = binary.BigEndian.AppendUint64(b, uint64(r.known))
	b = binary.BigEndian.AppendUint64(b, r.fact)
	b = binary.BigEndian.AppendUint64(b, uint64(r.low))
	b = binary.BigEndian.AppendUint64(b, uint64(r.high))
	b = binary.BigEndian.AppendUint64(b, uint64(r.reach))
	b = binary.BigEndian.AppendUint32(b, r.facts)
	b = binary.BigEndian.AppendUint32(b, r.amendments)
	return append(b, byte(r.kind))
}

func decodeEventRow(b []byte) (eventRow, error) {
	if len(b) != eventRowSize {
		return eventRow{}, fmt.Errorf("event row has %d bytes, not %d", len(b), eventRowSize)
	}
	return eventRow{
		known: int64(seqOf(b)), fact: seqOf(b[8:]), span: span{low: int64(seqOf(b[16:])), high: int64(seqOf(b[24:]))},
		reach: int64(seqOf(b[32:])),
		facts: binary.BigEndian.Uint32(b[40:]), amendments: binary.BigEndian.Uint32(b[44:]), kind: eventKind(b[48]),
	}, nil
}

// readEvent reads the row of a stored event. Position 0, before the first,
// reads as the zero row.
func readEvent(tx *viewdb.Tx, seq uint64) (eventRow, error) {
	if seq == 0 {
		return eventRow{}, nil
	}
	row, err := decodeEventRow(tx.Get(tableEvents, seqKey(seq)))
	if err != nil {
		return eventRow{}, fmt.Errorf("read event %d: %w", seq, err)
	}
	return row, nil
}
