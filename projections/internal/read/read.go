// Package read defines the moment of knowledge as of which views are read, and reads what
// every answer begins with.
package read

import (
	"context"
	"fmt"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
	"github.com/summit-timeline/summit/projections/internal/engine"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/store/viewdb"
)

// AsOf is the moment of knowledge as of which something is read.
type AsOf struct {
	// Seq is the last sequence that counts.
	Seq uint64
	// Pinned is true if a reader asked for that position: plans are then
	// judged against its knowledge time, not against the present.
	Pinned bool
	// Now is the present of a reading that is not pinned.
	Now time.Time
	// Language is that of the sentences that are made for the answer; nil is English.
	Language *message.Language
}

// Stamp stands at the head of every answer.
type Stamp struct {
	// Position is how far the views are; Known is as of what they were read.
	Position, Known events.Position
	// Complete is false while a stored event could not be read, or while the
	// log is in doubt.
	Complete    bool
	Quarantined []item.Quarantined
}

// Present returns the instant against which plans are judged.
func (r *Reader) Present(at AsOf, now time.Time) (time.Time, error) {
	if !at.Pinned {
		return now, nil
	}
	row, err := item.ReadEvent(r.Tx, at.Seq)
	if err != nil {
		return time.Time{}, err
	}
	return time.Unix(0, row.Known), nil
}

// Stamp returns the head of an answer.
func (r *Reader) Stamp(at AsOf) Stamp {
	s := Stamp{
		Position: r.Head.Position(), Known: events.Position{Epoch: r.Head.Epoch, Seq: at.Seq},
		Quarantined: item.QuarantinedAt(r.Tx, at.Seq),
	}
	if at.Pinned {
		s.Position = s.Known // what was asked as of a position never changes
	}
	s.Complete = len(s.Quarantined) == 0 && !r.Partial
	return s
}

// Touched lists the facts that events of (since, until] made or amended, in
// the order of the first.
func (r *Reader) Touched(ctx context.Context, since, until uint64) ([]uint64, error) {
	var facts []uint64
	seen := map[uint64]bool{}
	for k, v := range r.Tx.Scan(item.TableEvents, viewdb.Range{From: keys.Seq(since + 1), To: keys.Seq(until + 1)}) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row, err := item.DecodeEventRow(v)
		if err != nil {
			return nil, fmt.Errorf("read event %d: %w", keys.Uint64(k), err)
		}
		if row.Fact == 0 || seen[row.Fact] {
			continue
		}
		seen[row.Fact] = true
		facts = append(facts, row.Fact)
	}
	return facts, nil
}

// Reader is one read transaction.
type Reader struct {
	Tx      *viewdb.Tx
	Head    engine.Cursor
	Partial bool // what is answered may lack something that the log has
	Summit  string
	Names   *Names     // of the file; nil keeps none
	Told    *item.Told // likewise
}
