package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Reading says as of which moment of knowledge something is read.
type Reading struct {
	// Seq is the last sequence that counts.
	Seq uint64
	// Pinned is true where a reader asked for that position: plans are then
	// judged against its knowledge time, not against the present.
	Pinned bool
	// Now is the present of a reading that is not pinned.
	Now time.Time
}

// Stamp stands at the head of every answer.
type Stamp struct {
	// Position is how far the views are; Known is as of what they were read.
	Position, Known events.Position
	// Complete is false while a stored event could not be read, or while the
	// log is in doubt.
	Complete    bool
	Quarantined []Quarantined
}

// judge is the instant against which plans are judged.
func (r *baseReader) judge(at Reading, now time.Time) (time.Time, error) {
	if !at.Pinned {
		return now, nil
	}
	row, err := readEvent(r.tx, at.Seq)
	if err != nil {
		return time.Time{}, err
	}
	return time.Unix(0, row.known), nil
}

// stamp heads an answer.
func (r *baseReader) stamp(at Reading) Stamp {
	s := Stamp{
		Position: r.head.position(), Known: events.Position{Epoch: r.head.Epoch, Seq: at.Seq},
		Quarantined: quarantinedAt(r.tx, at.Seq),
	}
	if at.Pinned {
		s.Position = s.Known // what was asked as of a position never changes
	}
	s.Complete = len(s.Quarantined) == 0 && !r.partial
	return s
}

// touched lists the facts that events of (since, until] made or amended, in
// the order of the first.
func (r *baseReader) touched(ctx context.Context, since, until uint64) ([]uint64, error) {
	var facts []uint64
	seen := map[uint64]bool{}
	for k, v := range r.tx.Scan(tableEvents, viewdb.Range{From: seqKey(since + 1), To: seqKey(until + 1)}) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row, err := decodeEventRow(v)
		if err != nil {
			return nil, fmt.Errorf("read event %d: %w", seqOf(k), err)
		}
		if row.fact == 0 || seen[row.fact] {
			continue
		}
		seen[row.fact] = true
		facts = append(facts, row.fact)
	}
	return facts, nil
}

// baseReader is one read transaction.
type baseReader struct {
	tx      *viewdb.Tx
	head    cursor
	partial bool // what is answered may lack something that the log has
	summit  string
}
