package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Step is one moment at which knowledge changed.
type Step struct {
	Seq   uint64
	Known time.Time
	// Said is the headline of what was said then, as it was said; "" where it
	// could not be read.
	Said string
}

// Steps lists the last moments at which knowledge changed, oldest first.
func (e *Engine) Steps(_ context.Context, most int) ([]Step, error) {
	var steps []Step
	err := e.view(func(r *reader) error {
		from := uint64(1)
		if n := uint64(most); r.head.Seq > n {
			from = r.head.Seq - n + 1
		}
		for seq := from; seq <= r.head.Seq; seq++ {
			row, err := readEvent(r.tx, seq)
			if err != nil {
				return err
			}
			said, err := r.said(seq, row)
			if err != nil {
				return err
			}
			steps = append(steps, Step{Seq: seq, Known: time.Unix(0, row.known).UTC(), Said: said})
		}
		return nil
	})
	return steps, err
}

// said is the headline of an event as it was recorded: what came to be known
// later is no part of it.
func (r *reader) said(seq uint64, event eventRow) (string, error) {
	var told jsontext.Value
	switch {
	case event.fact == 0 || event.kind == eventQuarantined || event.kind == eventRepeated:
		return "", nil
	case event.kind == eventAmendment:
		shown, err := member(r.tx.Get(tableAmendments, pairKey(event.fact, seq)), "shown")
		if err != nil {
			return "", fmt.Errorf("read amendment %d: %w", seq, err)
		}
		told = shown
	default:
		row, err := readRow(r.tx, event.fact, seq)
		if err != nil {
			return "", err
		}
		told = row.json()
	}
	text, err := member(told, "headline")
	if err != nil {
		return "", fmt.Errorf("read the headline of %d: %w", seq, err)
	}
	var headline string
	if err := json.Unmarshal(text, &headline); err != nil {
		return "", fmt.Errorf("read the headline of %d: %w", seq, err)
	}
	return headline, nil
}
