package item

import (
	"encoding/binary"
	"fmt"

	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/projections/internal/posting"
	"github.com/summit-timeline/summit/store/viewdb"
)

// The tables of a view file. Rows are versioned by sequence: what stood at
// position n is found by a seek, never by a replay.
const (
	TableEvents      = "events"      // seq → EventRow
	TableIDs         = "ids"         // UUID → seq: idempotency for ever
	TableFacts       = "facts"       // seq of the fact | seq of the version → Row
	TableAmendments  = "amendments"  // seq of the fact | seq of the amendment → AmendmentRow
	TableSlots       = "slots"       // list of a slot or of plans, member of data, or party → seq of the first fact in it
	TableEntities    = "entities"    // entity → EntityRow
	TableNames       = "names"       // entity, 0, seq → what it is called from then on
	TableDue         = "due"         // instant at which a current plan becomes overdue | seq of the fact → nothing
	TableQuarantined = "quarantined" // seq → reason
	TableConflicts   = "conflicts"   // seq | ordinal → conflictRow
	TableConflictsOf = "conflictsof" // seq of a fact | key of a conflict → nothing
	TableEnded       = "ended"       // seq at which a conflict ended | key of the conflict → nothing
)

// Tables are those that the log alone determines.
var Tables = []string{
	TableAmendments, TableConflicts, TableConflictsOf, TableDue, TableEnded, TableEntities, TableEvents, TableFacts, TableIDs, TableNames,
	posting.Table, TableQuarantined, TableSlots,
}

// Ascending are the tables whose keys mostly ascend.
var Ascending = []string{TableEvents, TableFacts, TableAmendments, TableIDs}

// EventRow is what the views keep of each stored event.
type EventRow struct {
	Known        int64  // knowledge time, Unix nanoseconds: the running maximum of recordedtime
	Fact         uint64 // the fact it is or amends; 0 where it changed nothing
	posting.Span        // index keys of its segment up to here
	Reach        int64  // longest way from an index key to the end of its interval, up to here
	Facts        uint32 // timeline items up to here
	Amendments   uint32 // amendments up to here
	Kind         eventKind
}

type eventKind byte

// What a stored event is.
const (
	EventFact eventKind = iota
	EventAmendment
	EventQuarantined
	EventRepeated // a second coming of an id, ignored
)

const eventRowSize = 49

// Encode returns the row as stored.
func (r EventRow) Encode() []byte {
	b := make([]byte, 0, eventRowSize)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Known))
	b = binary.BigEndian.AppendUint64(b, r.Fact)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Low))
	b = binary.BigEndian.AppendUint64(b, uint64(r.High))
	b = binary.BigEndian.AppendUint64(b, uint64(r.Reach))
	b = binary.BigEndian.AppendUint32(b, r.Facts)
	b = binary.BigEndian.AppendUint32(b, r.Amendments)
	return append(b, byte(r.Kind))
}

// DecodeEventRow reads a stored row.
func DecodeEventRow(b []byte) (EventRow, error) {
	if len(b) != eventRowSize {
		return EventRow{}, fmt.Errorf("event row has %d bytes, not %d", len(b), eventRowSize)
	}
	return EventRow{
		Known: int64(keys.Uint64(b)), Fact: keys.Uint64(b[8:]), Span: posting.Span{Low: int64(keys.Uint64(b[16:])), High: int64(keys.Uint64(b[24:]))},
		Reach: int64(keys.Uint64(b[32:])),
		Facts: binary.BigEndian.Uint32(b[40:]), Amendments: binary.BigEndian.Uint32(b[44:]), Kind: eventKind(b[48]),
	}, nil
}

// ReadEvent reads the row of a stored event. Position 0, before the first,
// reads as the zero row.
func ReadEvent(tx *viewdb.Tx, seq uint64) (EventRow, error) {
	if seq == 0 {
		return EventRow{}, nil
	}
	stored := tx.Get(TableEvents, keys.Seq(seq))
	if stored == nil && hasLater(tx, seq) {
		return EventRow{}, fmt.Errorf("read event %d: %w", seq, tx.Damaged("table %s lacks event %d", TableEvents, seq))
	}
	row, err := DecodeEventRow(stored)
	if err != nil {
		return EventRow{}, fmt.Errorf("read event %d: %w", seq, err)
	}
	return row, nil
}

// hasLater reports whether there is an event after one.
func hasLater(tx *viewdb.Tx, seq uint64) bool {
	_, _, later := tx.Cursor(TableEvents, viewdb.Range{From: keys.Seq(seq + 1)}).Next()
	return later
}

// DueKey returns the key of a deadline of a fact.
func DueKey(at int64, fact uint64) []byte {
	return binary.BigEndian.AppendUint64(keys.Seq(keys.Ordered(at)), fact)
}

// Version is raised whenever the same log would give other rows: the file is
// then rebuilt beside the old one.
const Version = 5

// VersionOfMembers is the first version that notes which members of data were
// ever given.
const VersionOfMembers = 2

// VersionOfIndexes is the first version that lists the items of an entity by
// seq, what ever had a deadline, the delegates of a party and ended conflicts.
const VersionOfIndexes = 2
