package reading

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

const (
	// ReadWait is how long a read waits for what it must show.
	ReadWait = 2 * time.Second
	// minWait is how long a request waits for the position in min.
	minWait = 5 * time.Second
)

// CurrentViews are views that may be behind what this server has acknowledged.
type CurrentViews interface {
	Log
	Current() bool
	AwaitCurrent(ctx context.Context) error
}

// SearchWait is how long a page that is to be full may look for what fits it: it then has what
// was found, and leads on.
const SearchWait = 2 * time.Second

// Current waits until the views hold what this server has acknowledged. If they
// do, as they mostly do, it costs a comparison.
func (x *Reader) Current(ctx context.Context, s CurrentViews) error {
	if s.Current() && s.Head().Seq > 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, ReadWait)
	defer cancel()
	if err := s.AwaitCurrent(ctx); err != nil || s.Head().Seq > 0 {
		return err
	}
	// Without a first event no position can be told from one of another history.
	_, err := x.Reach(ctx, s, 1)
	if errors.Is(err, store.ErrUnavailable) {
		return nil // the views are served as they are
	}
	return err
}

// Reach waits until a sequence is served. It returns false if the log does not
// have it.
func (x *Reader) Reach(ctx context.Context, s Log, seq uint64) (bool, error) {
	if seq <= s.Head().Seq {
		return true, nil
	}
	ctx, cancel := context.WithTimeout(ctx, ReadWait)
	defer cancel()
	if end, err := x.EndPast(ctx, s, seq-1); err != nil || end < seq {
		return false, err
	}
	return true, s.Await(ctx, seq)
}

// EndPast returns where the log ends. Only a server that speaks for the log at
// that moment is believed to have nothing after seq.
func (x *Reader) EndPast(ctx context.Context, s Log, seq uint64) (end uint64, err error) {
	began := x.Clock()
	if end, err = s.End(ctx, began); err == nil && end <= seq {
		end, err = s.EndAfter(ctx, began, x.Clock)
	}
	return end, err
}

// awaitEnd waits until everything in the log is served. It reports whether that is
// more than was served before.
func (x *Reader) awaitEnd(ctx context.Context, s Log, before uint64) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, ReadWait)
	defer cancel()
	end, err := x.EndPast(ctx, s, before)
	if err != nil || end <= before {
		return false, err
	}
	return true, s.Await(ctx, end)
}

// reachInstant waits until everything that was known at an instant is served. An
// event that became known later proves that it is; otherwise the log is asked.
func (x *Reader) reachInstant(ctx context.Context, s Views, t time.Time) error {
	now := x.Clock()
	if now.Sub(t) < projections.Settled {
		return nil // it is answered as of the last position
	}
	if passed, err := s.Passed(t); passed || err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, ReadWait)
	defer cancel()
	end, err := s.EndAfter(ctx, t.Add(projections.Settled), x.Clock)
	if err != nil {
		return err
	}
	return s.Await(ctx, end)
}

// AwaitMin waits until the position in the parameter min is served.
func (*Reader) AwaitMin(w http.ResponseWriter, r *http.Request, s Log) error {
	text := r.FormValue("min")
	if text == "" {
		return nil
	}
	p, err := events.ParsePosition(text)
	if err != nil {
		return respond.BadParams(respond.Fault{Pointer: "min", Detail: err.Error()})
	}
	// The epoch is known from the first event on: then no waiting makes a
	// position of another history one of this.
	head := s.Head()
	if head.Seq == 0 || head.Epoch == p.Epoch {
		ctx, cancel := context.WithTimeout(r.Context(), minWait)
		defer cancel()
		if err := s.Await(ctx, p.Seq); err != nil {
			return fmt.Errorf("wait for %s: %w", p, err)
		}
		head = s.Head()
	}
	if p.Epoch != head.Epoch {
		return respond.BadParams(respond.Fault{Pointer: "min", Detail: fmt.Sprintf("position %s belongs to another history: the epoch of this one is %s", p, head.Epoch)})
	}
	w.Header().Set("Summit-Position", head.String())
	return nil
}

// AsOf resolves a parameter of knowledge time. It waits for what the log has
// and the views do not have yet.
func (x *Reader) AsOf(r *http.Request, s Views, name string) (projections.AsOf, error) {
	text := r.FormValue(name)
	if t, err := events.ParseInstant(text); err == nil {
		if err := x.reachInstant(r.Context(), s, t.Time); err != nil {
			return projections.AsOf{}, err
		}
	}
	at, err := s.Resolve(text, x.Clock())
	at.Language = x.LanguageOf(r)
	var ahead *projections.AheadError
	if errors.As(err, &ahead) {
		has, failed := x.Reach(r.Context(), s, ahead.Asked.Seq)
		switch {
		case failed != nil:
			return at, failed
		case has:
			at, err = s.Resolve(text, x.Clock())
			at.Language = x.LanguageOf(r)
		default:
			err = &projections.ParamError{Detail: ahead.Error()}
		}
	}
	var param *projections.ParamError
	if errors.As(err, &param) {
		return at, respond.BadParams(respond.Fault{Pointer: name, Detail: param.Detail})
	}
	return at, err
}

// Known waits for the position in the parameter min, and resolves the parameter known.
func (x *Reader) Known(w http.ResponseWriter, r *http.Request, s Views) (projections.AsOf, error) {
	if err := x.AwaitMin(w, r, s); err != nil {
		return projections.AsOf{}, err
	}
	return x.AsOf(r, s, "known")
}

// ReachCursor waits for the position that a cursor pins: it may come from another
// server.
func (x *Reader) ReachCursor(r *http.Request, s Log) error {
	p, ok := projections.CursorPosition(r.FormValue("cursor"))
	if !ok || p.Epoch != s.Head().Epoch {
		return nil // what is wrong with it is told when it is used
	}
	_, err := x.Reach(r.Context(), s, p.Seq)
	return err
}

// FactViews are views in which a fact can be looked up.
type FactViews interface {
	Views
	Fact(ctx context.Context, id string, at projections.AsOf, now time.Time) (projections.FactAnswer, error)
}

// Fact reads a fact. If it is missing it is read again once the views hold
// everything in the log: another server may have recorded it.
func (x *Reader) Fact(r *http.Request, s FactViews, id string, at projections.AsOf) (projections.FactAnswer, projections.AsOf, error) {
	answer, err := s.Fact(r.Context(), id, at, x.Clock())
	if at.Pinned || !errors.Is(err, projections.ErrNotFound) {
		return answer, at, err
	}
	more, failed := x.awaitEnd(r.Context(), s, at.Seq)
	if failed != nil {
		return answer, at, failed
	}
	if more {
		at.Seq = s.Head().Seq
		answer, err = s.Fact(r.Context(), id, at, x.Clock())
	}
	return answer, at, err
}
