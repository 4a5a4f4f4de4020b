package api

import (
	"context"
	"net/http"

	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/live"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
	"github.com/summit-timeline/summit/projections"
)

// Live sends a live stream.
func (x *API) Live(w http.ResponseWriter, r *http.Request, s LiveViews) error {
	types, err := reading.Types(r.FormValue("types"), "types")
	if err != nil {
		return err
	}
	entity := r.FormValue("entity")
	if entity != "" {
		if _, err := events.ParseEntity(entity); err != nil {
			return respond.BadParams(respond.Fault{Pointer: "entity", Detail: err.Error()})
		}
	}
	if err := x.begun(r.Context(), s); err != nil {
		return err
	}
	in := x.LanguageOf(r)
	ask := live.Ask{Summit: s.Summit(), Story: story{s, in}, Language: in.Tag, Filter: live.NewFilter(types, entity), Allowed: x.StillAllowed(r, s.Summit())}
	if err := x.beginAt(r, s, &ask); err != nil {
		return err
	}
	return x.Streams.Serve(w, r, ask)
}

// begun waits until the views hold the first event: until then they do not know
// their epoch.
func (*API) begun(ctx context.Context, s reading.Log) error {
	ctx, cancel := context.WithTimeout(ctx, reading.ReadWait)
	defer cancel()
	return s.Await(ctx, 1)
}

// beginAt finds the position to resume from. The header comes before the query,
// and a last id before since. The stream itself waits for what the log has and
// the views do not have yet.
func (x *API) beginAt(r *http.Request, s LiveViews, ask *live.Ask) error {
	id := r.Header.Get("Last-Event-ID")
	if id == "" {
		id = r.FormValue("last_event_id")
	}
	if id == "" {
		ask.After = max(s.Head().Seq, s.Owed())
		if r.FormValue("since") == "" {
			return nil
		}
		at, err := x.AsOf(r, s, "since")
		ask.After, ask.Resumed = at.Seq, true
		return err
	}
	p, err := events.ParsePosition(id)
	if err != nil {
		return respond.BadParams(respond.Fault{Pointer: "last_event_id", Detail: err.Error()})
	}
	ask.After, ask.Resumed = p.Seq, true
	ask.Gap, err = x.gap(r.Context(), s, p)
	if ask.Gap != nil {
		ask.After = ask.Gap.ServingFrom.Seq
	}
	return err
}

// gap returns why a stream cannot resume from a position; nil if it can.
func (x *API) gap(ctx context.Context, s reading.Log, p events.Position) (*live.Gap, error) {
	head := s.Head()
	if p.Epoch != head.Epoch {
		return &live.Gap{Asked: p, ServingFrom: events.Position{Epoch: head.Epoch}, Reason: "the position is of another history; this one is sent from its beginning"}, nil
	}
	if p.Seq <= head.Seq {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, reading.ReadWait)
	defer cancel()
	if end, err := x.EndPast(ctx, s, p.Seq-1); err != nil || p.Seq <= end {
		return nil, err
	}
	return &live.Gap{Asked: p, ServingFrom: s.Head(), Reason: "the position is beyond the head"}, nil
}

// story is a summit as live streams need it.
type story struct {
	LiveViews
	in *message.Language
}

// Frames passes the frames after a position, in the language of the stream.
func (x story) Frames(after uint64, most int, tell func(projections.Frame) (more bool)) (uint64, error) {
	return x.LiveViews.Frames(after, most, x.in, tell)
}

// Summary returns the answer of API.Summary as of a position.
func (x story) Summary(seq uint64) ([]byte, error) {
	return summaryJSON(context.Background(), x.LiveViews, projections.AsOf{Seq: seq, Pinned: true, Language: x.in})
}
