package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

const (
	// readWait is how long a read waits for the views to have what it must show.
	readWait = 2 * time.Second
	// minWait is how long a reader who names a position in min waits for it.
	minWait = 5 * time.Second
)

// current waits until the views hold what this server has acknowledged. Where
// they do, as they mostly do, it costs a comparison.
func (x *Handler) current(ctx context.Context, s *summits.Summit) error {
	if s.Views.Current() && s.Views.Head().Seq > 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readWait)
	defer cancel()
	if err := s.Views.AwaitCurrent(ctx); err != nil || s.Views.Head().Seq > 0 {
		return err
	}
	// Without a first event no position can be told from one of another history.
	_, err := x.reach(ctx, s, 1)
	if errors.Is(err, store.ErrUnavailable) {
		return nil // the views are served as they are
	}
	return err
}

// reach waits until a sequence is served, if the log has it; false says that it
// has not.
func (x *Handler) reach(ctx context.Context, s *summits.Summit, seq uint64) (bool, error) {
	if seq <= s.Views.Head().Seq {
		return true, nil
	}
	ctx, cancel := context.WithTimeout(ctx, readWait)
	defer cancel()
	if end, err := x.endPast(ctx, s, seq-1); err != nil || end < seq {
		return false, err
	}
	return true, s.Views.Await(ctx, seq)
}

// endPast returns where the log ends. That it has nothing after a sequence is
// believed of a server alone that speaks for the log at that moment.
func (x *Handler) endPast(ctx context.Context, s *summits.Summit, seq uint64) (end uint64, err error) {
	began := x.o.Clock()
	if end, err = s.End(ctx, began); err == nil && end <= seq {
		end, err = s.EndAfter(ctx, began, x.o.Clock)
	}
	return end, err
}

// awaitEnd waits until all that the log has is served, and reports whether that
// is more than was served before.
func (x *Handler) awaitEnd(ctx context.Context, s *summits.Summit, before uint64) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, readWait)
	defer cancel()
	end, err := x.endPast(ctx, s, before)
	if err != nil || end <= before {
		return false, err
	}
	return true, s.Views.Await(ctx, end)
}

// reachInstant waits until all that was known at an instant is served. An event
// that became known later shows that it is; else the log is asked, once for each
// instant that has passed since.
func (x *Handler) reachInstant(ctx context.Context, s *summits.Summit, t time.Time) error {
	now := x.o.Clock()
	if now.Sub(t) < projections.Settled {
		return nil // it is answered as of the last position
	}
	if passed, err := s.Views.Passed(t); passed || err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, readWait)
	defer cancel()
	end, err := s.EndAfter(ctx, t.Add(projections.Settled), x.o.Clock)
	if err != nil {
		return err
	}
	return s.Views.Await(ctx, end)
}

// await waits until the position in min is served.
func (x *Handler) await(w http.ResponseWriter, r *http.Request, s *summits.Summit) error {
	text := r.FormValue("min")
	if text == "" {
		return nil
	}
	p, err := events.ParsePosition(text)
	if err != nil {
		return badParams(Fault{Pointer: "min", Detail: err.Error()})
	}
	// The epoch is known from the first event on: then no waiting makes a
	// position of another history one of this.
	head := s.Views.Head()
	if head.Seq == 0 || head.Epoch == p.Epoch {
		ctx, cancel := context.WithTimeout(r.Context(), minWait)
		defer cancel()
		if err := s.Views.Await(ctx, p.Seq); err != nil {
			return fmt.Errorf("wait for %s: %w", p, err)
		}
		head = s.Views.Head()
	}
	if p.Epoch != head.Epoch {
		return badParams(Fault{Pointer: "min", Detail: fmt.Sprintf("position %s is of another history: this one's epoch is %s", p, head.Epoch)})
	}
	w.Header().Set("Summit-Position", head.String())
	return nil
}

// reading resolves what a parameter says of knowledge time, and waits for what
// the log has and the views do not have yet.
func (x *Handler) reading(r *http.Request, s *summits.Summit, name string) (projections.Reading, error) {
	text := r.FormValue(name)
	if t, err := events.ParseInstant(text); err == nil {
		if err := x.reachInstant(r.Context(), s, t.Time); err != nil {
			return projections.Reading{}, err
		}
	}
	at, err := s.Views.Resolve(text, x.o.Clock())
	var ahead *projections.AheadError
	if errors.As(err, &ahead) {
		has, failed := x.reach(r.Context(), s, ahead.Asked.Seq)
		switch {
		case failed != nil:
			return at, failed
		case has:
			at, err = s.Views.Resolve(text, x.o.Clock())
		default:
			err = &projections.ParamError{Detail: ahead.Error()}
		}
	}
	var param *projections.ParamError
	if errors.As(err, &param) {
		return at, badParams(Fault{Pointer: name, Detail: param.Detail})
	}
	return at, err
}

// reachCursor waits for the position that a cursor pins: another server may have
// given it.
func (x *Handler) reachCursor(r *http.Request, s *summits.Summit) error {
	p, ok := projections.CursorPosition(r.FormValue("cursor"))
	if !ok || p.Epoch != s.Views.Head().Epoch {
		return nil // what is wrong with it is told when it is used
	}
	_, err := x.reach(r.Context(), s, p.Seq)
	return err
}

// lookFor reads a fact. One that is not there is looked for again once the views
// hold all that the log has: another server may have recorded it.
func (x *Handler) lookFor(r *http.Request, s *summits.Summit, id string, at projections.Reading) (projections.FactAnswer, projections.Reading, error) {
	answer, err := s.Views.Fact(r.Context(), id, at, x.o.Clock())
	if at.Pinned || !errors.Is(err, projections.ErrNotFound) {
		return answer, at, err
	}
	more, failed := x.awaitEnd(r.Context(), s, at.Seq)
	if failed != nil {
		return answer, at, failed
	}
	if more {
		at.Seq = s.Views.Head().Seq
		answer, err = s.Views.Fact(r.Context(), id, at, x.o.Clock())
	}
	return answer, at, err
}
