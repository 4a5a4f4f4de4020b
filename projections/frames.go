package projections

import (
	"bytes"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/projections/internal/objects"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Frame is what a live reader is sent for one position.
type Frame struct {
	Position events.Position
	Event    string // fact, summit, quarantined
	Type     string // of the event itself
	ItemType string // of the fact that it is or amends
	Entity   string
	Data     jsontext.Value // empty for a summit frame: the summit's own answer
}

// The kinds of frames.
const (
	FrameFact        = "fact"
	FrameSummit      = "summit"
	FrameQuarantined = "quarantined"
)

// Frames passes the frames of up to most positions after one to tell, and returns
// how far it has read: to the end of these, or to where tell wants no more. A
// repeated event has no frame: nothing changed. What is told of a position
// never changes in one language (nil is English), so it may be kept.
//
// tell is called within a read transaction: it must be quick.
func (e *Engine) Frames(after uint64, most int, in *message.Language, tell func(Frame) (more bool)) (uint64, error) {
	read := after
	err := e.view(func(r *reader) error {
		last := min(r.Head.Seq, after+uint64(most))
		if last <= after {
			return nil
		}
		facts := versions{rows: r.Tx.Cursor(item.TableFacts, viewdb.Range{From: keys.Pair(after+1, 0), To: keys.Pair(last+1, 0)})}
		for k, v := range r.Tx.Scan(item.TableEvents, viewdb.Range{From: keys.Seq(after + 1), To: keys.Seq(last + 1)}) {
			row, err := item.DecodeEventRow(v)
			if err != nil {
				return fmt.Errorf("read event %d: %w", keys.Uint64(k), err)
			}
			f, told, err := r.frame(in, keys.Uint64(k), row, &facts)
			if err != nil {
				return fmt.Errorf("describe event %d: %w", keys.Uint64(k), err)
			}
			if read = keys.Uint64(k); told && !tell(f) {
				return nil
			}
		}
		return nil
	})
	return read, err
}

// frame puts together what is stored, without decoding it.
func (r *reader) frame(in *message.Language, seq uint64, event item.EventRow, facts *versions) (f Frame, told bool, err error) {
	f.Position = events.Position{Epoch: r.Head.Epoch, Seq: seq}
	switch {
	case event.Kind == item.EventQuarantined:
		f.Event = FrameQuarantined
		f.Data, err = item.QuarantineJSON(r.Tx, seq)
		return f, true, err
	case event.Fact == 0 || event.Kind == item.EventRepeated:
		return f, false, nil
	}
	row, err := facts.read(r.Tx, event.Fact, seq)
	if err != nil {
		return f, false, err
	}
	entity, err := item.EntityIn(row.Core)
	if err != nil {
		return f, false, err
	}
	f.Entity, f.ItemType, f.Type = string(entity), row.Type, row.Type
	if event.Kind == item.EventAmendment {
		if f.Type, err = r.amendmentType(event.Fact, seq); err != nil {
			return f, false, err
		}
	}
	if bytes.HasPrefix(entity, item.SummitKind) {
		f.Event = FrameSummit
		return f, true, nil
	}
	f.Event = FrameFact
	f.Data, err = r.assemble(r.Teller(in, seq), event.Fact, row, time.Unix(0, event.Known))
	return f, true, err
}

// amendmentType returns the type of an amendment.
func (r *reader) amendmentType(fact, seq uint64) (string, error) {
	shown, err := objects.Member(r.Tx.Get(item.TableAmendments, keys.Pair(fact, seq)), "shown")
	if err != nil {
		return "", fmt.Errorf("read amendment %d: %w", seq, err)
	}
	typ, err := objects.Member(shown, "type")
	if err != nil {
		return "", fmt.Errorf("read amendment %d: %w", seq, err)
	}
	return string(bytes.Trim(typ, `"`)), nil
}

// versions goes along the rows of facts in the order of the log: the first
// version of a fact is not far from that of the fact before, so that it need not
// be looked up from the root.
type versions struct {
	rows *viewdb.Cursor
	k, v []byte // the row it stands at; nil before the first and after the last
}

// nearby is how many rows are stepped over before a look-up is cheaper.
const nearby = 8

// read returns the row of a fact as known at a position.
func (x *versions) read(tx *viewdb.Tx, fact, known uint64) (item.Row, error) {
	if fact == known {
		if v := x.first(fact); v != nil {
			return item.DecodeVersion(fact, v)
		}
	}
	return item.ReadRow(tx, fact, known)
}

// first returns the version of a fact that its own event made, or nil if that is not
// nearby.
func (x *versions) first(fact uint64) []byte {
	for range nearby {
		if x.k == nil {
			x.k, x.v, _ = x.rows.Next()
		}
		switch {
		case x.k == nil || keys.Uint64(x.k) > fact || keys.Uint64(x.k) == fact && keys.Uint64(x.k[8:]) > fact:
			return nil
		case keys.Uint64(x.k) == fact && keys.Uint64(x.k[8:]) == fact:
			return x.v
		}
		x.k = nil
	}
	return nil
}
