package httpserver

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/http/api"
	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
	"github.com/summit-timeline/summit/cmd/internal/http/proof"
	"github.com/summit-timeline/summit/cmd/internal/http/site"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

// served is a summit as handlers see it: its views, its log and its recorder in
// one. Each handler takes the part of it that it needs.
type served struct {
	*projections.Engine
	of       *summits.Summit
	registry *summits.Registry
}

// served holds everything that a handler may ask of a summit.
var _ interface {
	api.ChangeViews
	api.ConflictViews
	api.FeedViews
	api.HistoryViews
	api.LiveViews
	api.LogBytes
	api.NameViews
	api.OpenedSummit
	api.Recorder
	api.StatusViews
	proof.ArchivedSummit
	proof.CopiedSummit
	proof.DigestViews
	proof.RowViews
	site.StoryViews
} = &served{}

func (x *server) served(s *summits.Summit) *served { return &served{s.Views, s, x.registry} }

// End returns where the log ended at now or later.
func (s *served) End(ctx context.Context, now time.Time) (uint64, error) { return s.of.End(ctx, now) }

// EndAfter returns where the log ends once t has passed.
func (s *served) EndAfter(ctx context.Context, t time.Time, now func() time.Time) (uint64, error) {
	return s.of.EndAfter(ctx, t, now)
}

// Record records events.
func (s *served) Record(ctx context.Context, list []events.Event, match *events.Position) ([]summits.Outcome, error) {
	return s.of.Record(ctx, list, match)
}

// Info describes the log.
func (s *served) Info(ctx context.Context) (store.Info, error) { return s.of.Log.Info(ctx) }

// Pick reads the stored bytes of single events.
func (s *served) Pick(ctx context.Context, seqs []uint64) ([][]byte, error) {
	return s.of.Log.Pick(ctx, seqs)
}

// Read reads stored events.
func (s *served) Read(ctx context.Context, from, to uint64) iter.Seq2[store.Record, error] {
	return s.of.Log.Read(ctx, from, to)
}

// ReadBytes reads the stored bytes of events.
func (s *served) ReadBytes(ctx context.Context, from, to uint64) iter.Seq2[store.Record, error] {
	return s.of.Log.ReadBytes(ctx, from, to)
}

// Copy copies the views into a file.
func (s *served) Copy(ctx context.Context) (*summits.Copy, error) { return s.registry.Copy(ctx, s.of) }

// find returns the summit that a path names.
func (x *server) find(r *http.Request) (*served, error) {
	id := r.PathValue("s")
	s, found, err := x.registry.Find(r.Context(), id)
	if err != nil {
		return nil, err
	}
	if found && !middleware.Hidden(r, id) {
		return x.served(s), nil
	}
	if err := x.registry.Problems()[id]; err != nil {
		return nil, class.New(class.Broken, err.Error())
	}
	return nil, class.New(class.Absent, fmt.Sprintf("there is no summit %q: GET /v1/summits lists all summits, POST /v1/summits opens one", id))
}

// on returns a handler that finds the summit that a path names. T is what next
// needs of it.
func on[T any](x *server, next func(w http.ResponseWriter, r *http.Request, s T) error) middleware.HandlerFunc {
	return found(x, func(w http.ResponseWriter, r *http.Request, s *served) error {
		w.Header().Set("Summit-Position", s.Head().String())
		return next(w, r, any(s).(T)) // served has all of them
	})
}

// current is on, and waits until the views hold what this server has
// acknowledged.
func current[T any](x *server, next func(w http.ResponseWriter, r *http.Request, s T) error) middleware.HandlerFunc {
	return found(x, func(w http.ResponseWriter, r *http.Request, s *served) error {
		err := x.reader.Current(r.Context(), s)
		w.Header().Set("Summit-Position", s.Head().String())
		if err != nil {
			return err
		}
		return next(w, r, any(s).(T)) // as above
	})
}

// found returns a handler that holds the summit that a path names.
func found(x *server, next func(w http.ResponseWriter, r *http.Request, s *served) error) middleware.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		s, err := x.find(r)
		if err != nil {
			return err
		}
		s.Hold()
		defer s.Release()
		return next(w, r, s)
	}
}
