package projections

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/summit-timeline/summit/events/message"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/keys"
)

// Step is one moment at which knowledge changed.
type Step struct {
	Seq   uint64
	Known time.Time
	// Said is the headline of what was said then, as it was said, or "" if it
	// could not be read.
	Said string
}

// Steps lists the last moments at which knowledge changed, oldest first.
func (e *Engine) Steps(ctx context.Context, most int, in *message.Language) ([]Step, error) {
	var steps []Step
	err := e.view(func(r *reader) error {
		from := uint64(1)
		if n := uint64(most); r.Head.Seq > n {
			from = r.Head.Seq - n + 1
		}
		for seq := from; seq <= r.Head.Seq; seq++ {
			row, err := item.ReadEvent(r.Tx, seq)
			if err = errors.Join(err, ctx.Err()); err != nil {
				return err
			}
			said, err := r.said(in, seq, row)
			if err != nil {
				return err
			}
			steps = append(steps, Step{Seq: seq, Known: time.Unix(0, row.Known).UTC(), Said: said})
		}
		return nil
	})
	return steps, err
}

// said returns the headline of an event as it was recorded: what came to be known
// later is no part of it.
func (r *reader) said(in *message.Language, seq uint64, event item.EventRow) (string, error) {
	tell := r.Teller(in, seq)
	switch {
	case event.Fact == 0 || event.Kind == item.EventQuarantined || event.Kind == item.EventRepeated:
		return "", nil
	case event.Kind == item.EventAmendment:
		s, err := item.ShownHeadline(r.Tx.Get(item.TableAmendments, keys.Pair(event.Fact, seq)), &tell.Words)
		if err != nil {
			return "", fmt.Errorf("read amendment %d: %w", seq, err)
		}
		return s, nil
	}
	row, err := item.ReadRow(r.Tx, event.Fact, seq)
	if err != nil {
		return "", err
	}
	return tell.Headline(row)
}
