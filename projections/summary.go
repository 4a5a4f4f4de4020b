package projections

import (
	"context"
	"time"

	"github.com/summit-timeline/summit/events"
)

// Summary reads what a summit says of itself.
func (e *Engine) Summary(ctx context.Context, at Reading) (Summary, error) {
	var s Summary
	err := e.view(func(r *reader) (err error) {
		s, err = r.summary(ctx, at)
		return err
	})
	return s, err
}

func (r *reader) summary(ctx context.Context, at Reading) (Summary, error) {
	s := Summary{Stamp: r.stamp(at), ID: r.summit, Phase: "opened"}
	row, err := readEvent(r.tx, at.Seq)
	if err != nil || at.Seq == 0 {
		return s, err
	}
	s.Facts, s.Events, s.Amendments = uint64(row.facts), at.Seq, uint64(row.amendments)
	s.LastRecorded = time.Unix(0, row.known).UTC()
	if s.Phase, err = r.phase(ctx, at.Seq); err != nil {
		return s, err
	}
	opening, err := readItem(r.tx, 1, at.Seq)
	if err != nil {
		return s, nil //nolint:nilerr // an opening that could not be read is named as quarantined
	}
	if d, ok := opening.data.(*events.SummitOpened); ok {
		s.Title, s.Zone, s.Zones, s.Place, s.Starts, s.Ends, s.Parties = d.Title, d.Zone, d.Zones, d.Place, d.Starts, d.Ends, d.Parties
	}
	return s, nil
}
