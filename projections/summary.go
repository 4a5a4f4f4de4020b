package projections

import (
	"context"
	"time"

	"github.com/summit-timeline/summit/events"
)

// Summary reads what a summit says of itself.
func (e *Engine) Summary(_ context.Context, at Reading) (Summary, error) {
	var s Summary
	err := e.view(func(r *reader) (err error) {
		s, err = r.summary(at)
		return err
	})
	return s, err
}

func (r *reader) summary(at Reading) (Summary, error) {
	s := Summary{Stamp: r.stamp(at), ID: r.summit, Phase: "opened"}
	row, err := readEvent(r.tx, at.Seq)
	if err != nil || at.Seq == 0 {
		return s, err
	}
	s.Facts, s.Events, s.Amendments = uint64(row.facts), at.Seq, uint64(row.amendments)
	s.LastRecorded = time.Unix(0, row.known).UTC()
	status, err := r.status(at, time.Time{})
	if err != nil {
		return s, err
	}
	s.Phase = status.Phase
	opening, err := readItem(r.tx, 1, at.Seq)
	if err != nil {
		return s, nil //nolint:nilerr // an opening that could not be read is named as quarantined
	}
	if d, ok := opening.data.(*events.SummitOpened); ok {
		s.Title, s.Zone, s.Zones, s.Place, s.Starts, s.Ends, s.Parties = d.Title, d.Zone, d.Zones, d.Place, d.Starts, d.Ends, d.Parties
	}
	return s, nil
}
