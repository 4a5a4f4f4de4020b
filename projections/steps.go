package projections

import (
	"context"
	"time"
)

// Step is one moment at which knowledge changed.
type Step struct {
	Seq   uint64
	Known time.Time
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
			steps = append(steps, Step{Seq: seq, Known: time.Unix(0, row.known).UTC()})
		}
		return nil
	})
	return steps, err
}
