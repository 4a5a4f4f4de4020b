package web

import (
	"context"
	"net/http"

	"github.com/summit-timeline/summit/cmd/internal/live"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

func (x *Handler) live(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
	types, err := typesParam(r.FormValue("types"), "types")
	if err != nil {
		return err
	}
	entity := r.FormValue("entity")
	if entity != "" {
		if _, err := events.ParseEntity(entity); err != nil {
			return badParams(Fault{Pointer: "entity", Detail: err.Error()})
		}
	}
	if err := x.begun(r.Context(), s); err != nil {
		return err
	}
	ask := live.Ask{Summit: s.ID, Story: story{s.Views, s}, Filter: live.NewFilter(types, entity), Allowed: x.stillAllowed(r, s.ID)}
	if err := x.beginAt(r, s, &ask); err != nil {
		return err
	}
	return x.o.Live.Serve(w, r, ask)
}

// begun waits until the views hold the first event: before that they know no
// history from another.
func (x *Handler) begun(ctx context.Context, s *summits.Summit) error {
	ctx, cancel := context.WithTimeout(ctx, readWait)
	defer cancel()
	return s.Views.Await(ctx, 1)
}

// beginAt finds the position to go on from. The header wins over the query,
// and a position that was read over the moment since which one wants to read.
// What the log has and the views do not have yet is waited for in the stream.
func (x *Handler) beginAt(r *http.Request, s *summits.Summit, ask *live.Ask) error {
	id := r.Header.Get("Last-Event-ID")
	if id == "" {
		id = r.FormValue("last_event_id")
	}
	if id == "" {
		ask.After = max(s.Views.Head().Seq, s.Views.Owed())
		if r.FormValue("since") == "" {
			return nil
		}
		at, err := x.reading(r, s, "since")
		ask.After, ask.Resumed = at.Seq, true
		return err
	}
	p, err := events.ParsePosition(id)
	if err != nil {
		return badParams(Fault{Pointer: "last_event_id", Detail: err.Error()})
	}
	ask.After, ask.Resumed = p.Seq, true
	ask.Gap, err = x.gap(r.Context(), s, p)
	if ask.Gap != nil {
		ask.After = ask.Gap.ServingFrom.Seq
	}
	return err
}

// gap says why a stream cannot go on from a position: the log does not have it.
func (x *Handler) gap(ctx context.Context, s *summits.Summit, p events.Position) (*live.Gap, error) {
	head := s.Views.Head()
	if p.Epoch != head.Epoch {
		return &live.Gap{Asked: p, ServingFrom: events.Position{Epoch: head.Epoch}, Reason: "the position is of another history; this one is sent from its beginning"}, nil
	}
	if p.Seq <= head.Seq {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, readWait)
	defer cancel()
	if end, err := x.endPast(ctx, s, p.Seq-1); err != nil || p.Seq <= end {
		return nil, err
	}
	return &live.Gap{Asked: p, ServingFrom: s.Views.Head(), Reason: "the position is beyond the head"}, nil
}

// story is a summit as live streams tell it.
type story struct {
	*projections.Engine
	s *summits.Summit
}

// Summary is the summit's own answer as of a position.
func (x story) Summary(seq uint64) ([]byte, error) {
	return summaryJSON(context.Background(), x.s, projections.Reading{Seq: seq, Pinned: true})
}
