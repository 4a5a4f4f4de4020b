package projections

import (
	"context"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
)

// Frame is what a live reader is told of one position.
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

// Frames reads what to tell of the positions after one, at most so many of
// them. A repeated event has no frame: nothing changed. The second result is
// how far it has read.
func (e *Engine) Frames(_ context.Context, after uint64, most int) ([]Frame, uint64, error) {
	var frames []Frame
	read := after
	err := e.view(func(r *reader) error {
		for seq := after + 1; seq <= r.head.Seq && len(frames) < most; seq++ {
			f, tell, err := r.frame(seq)
			if err != nil {
				return err
			}
			if tell {
				frames = append(frames, f)
			}
			read = seq
		}
		return nil
	})
	return frames, read, err
}

func (r *reader) frame(seq uint64) (Frame, bool, error) {
	f := Frame{Position: events.Position{Epoch: r.head.Epoch, Seq: seq}}
	event, err := readEvent(r.tx, seq)
	if err != nil {
		return f, false, err
	}
	switch {
	case event.kind == eventQuarantined:
		f.Event = FrameQuarantined
		f.Data, err = quarantineJSON(r.tx, seq)
		return f, true, err
	case event.fact == 0:
		return f, false, nil
	}
	row, err := readRow(r.tx, event.fact, seq)
	if err != nil {
		return f, false, err
	}
	it, err := row.item()
	if err != nil {
		return f, false, err
	}
	f.Entity, f.ItemType, f.Type = it.entity.String(), it.typ, it.typ
	if it.hidden() {
		f.Event = FrameSummit
		return f, true, nil
	}
	f.Event = FrameFact
	f.Data, err = r.assemble(event.fact, row, seq, time.Unix(0, event.known))
	return f, true, err
}
