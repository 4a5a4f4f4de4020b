package projections

import (
	"context"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
)

// Summary reads what a summit says of itself.
func (e *Engine) Summary(ctx context.Context, at AsOf) (Summary, error) {
	var s Summary
	err := e.view(func(r *reader) (err error) {
		s, err = r.summary(ctx, at)
		return err
	})
	return s, err
}

func (r *reader) summary(ctx context.Context, at AsOf) (Summary, error) {
	s := Summary{Stamp: r.Stamp(at), ID: r.Summit, Phase: "opened"}
	row, err := item.ReadEvent(r.Tx, at.Seq)
	if err != nil || at.Seq == 0 {
		return s, err
	}
	s.Facts, s.Events, s.Amendments = uint64(row.Facts), at.Seq, uint64(row.Amendments)
	s.LastRecorded = time.Unix(0, row.Known).UTC()
	if s.Phase, err = r.Phase(ctx, at.Seq); err != nil {
		return s, err
	}
	opening, err := item.ReadItem(r.Tx, 1, at.Seq)
	if err != nil {
		return s, nil //nolint:nilerr // an opening that could not be read is named as quarantined
	}
	if d, ok := opening.Data.(*events.SummitOpened); ok {
		s.Title, s.Lang, s.Zone, s.Zones, s.Place, s.Starts, s.Ends, s.Parties = d.Title, d.Lang, d.Zone, d.Zones, d.Place, d.Starts, d.Ends, d.Parties
	}
	return s, nil
}
