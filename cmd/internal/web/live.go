package web

import (
	"context"
	"fmt"
	"net/http"

	"github.com/summit-timeline/summit/cmd/internal/host"
	"github.com/summit-timeline/summit/cmd/internal/live"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

func (x *Handler) live(w http.ResponseWriter, r *http.Request, s *host.Summit) error {
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
	if err := begun(r.Context(), s); err != nil {
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
func begun(ctx context.Context, s *host.Summit) error {
	ctx, cancel := context.WithTimeout(ctx, minWait)
	defer cancel()
	if err := s.Views.Wait(ctx, 1); err != nil {
		return &Problem{Status: http.StatusServiceUnavailable, Detail: fmt.Sprintf("the views of %s are being made: try again", s.ID)}
	}
	return nil
}

// beginAt finds the position to go on from. The header wins over the query,
// and a position that was read over the moment since which one wants to read.
func (x *Handler) beginAt(r *http.Request, s *host.Summit, ask *live.Ask) error {
	head := s.Views.Head()
	id := r.Header.Get("Last-Event-ID")
	if id == "" {
		id = r.FormValue("last_event_id")
	}
	if id == "" {
		ask.After = head.Seq
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
	switch {
	case p.Epoch != head.Epoch:
		ask.After = 0
		ask.Gap = &live.Gap{Asked: p, ServingFrom: events.Position{Epoch: head.Epoch}, Reason: "the position is of another history; this one is sent from its beginning"}
	case p.Seq > max(head.Seq, s.Views.Health().Last): // views that are made anew come to it yet
		ask.After = head.Seq
		ask.Gap = &live.Gap{Asked: p, ServingFrom: head, Reason: "the position is beyond the head"}
	}
	return nil
}

// story is a summit as live streams tell it.
type story struct {
	*projections.Engine
	s *host.Summit
}

// Summary is the summit's own answer as of a position.
func (x story) Summary(seq uint64) ([]byte, error) {
	return summaryJSON(context.Background(), x.s, projections.Reading{Seq: seq, Pinned: true})
}
