package api

import (
	"context"
	"net/http"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// Summary answers the description of a summit.
func (x *API) Summary(w http.ResponseWriter, r *http.Request, s SummaryViews) error {
	at, err := x.Known(w, r, s)
	if err != nil {
		return err
	}
	if done, err := x.Fresh(w, r, s, at, "known"); done || err != nil {
		return err
	}
	b, err := summaryJSON(r.Context(), s, at)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", respond.JSONType)
	_, _ = w.Write(b) // the reader may be gone
	return nil
}

// summaryJSON returns the answer of API.Summary.
func summaryJSON(ctx context.Context, s SummaryViews, at projections.AsOf) ([]byte, error) {
	sum, err := s.Summary(ctx, at)
	if err != nil {
		return nil, err
	}
	var o respond.Object
	if err := o.Stamp(s.Summit(), sum.Stamp); err != nil {
		return nil, err
	}
	var last any
	if sum.Events > 0 {
		last = events.Instant{Time: sum.LastRecorded}
	}
	for _, m := range []struct {
		name  string
		value any
	}{
		{"id", sum.ID},
		{"title", sum.Title},
		{"lang", sum.Lang},
		{"zone", sum.Zone},
		{"zones", sum.Zones},
		{"place", sum.Place},
		{"starts", optional(sum.Starts)},
		{"ends", optional(sum.Ends)},
		{"parties", sum.Parties},
		{"phase", sum.Phase},
		{"facts", sum.Facts},
		{"events", sum.Events},
		{"amendments", sum.Amendments},
		{"last_recorded", last},
	} {
		if m.value == "" && m.name == "lang" {
			continue // the opening does not say it
		}
		if err := o.Member(m.name, m.value); err != nil {
			return nil, err
		}
	}
	o.WriteByte('}')
	return o.Bytes(), nil
}

func optional(i events.Instant) *events.Instant {
	if i.IsZero() {
		return nil
	}
	return &i
}
