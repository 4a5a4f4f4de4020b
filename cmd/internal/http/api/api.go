// Package api serves summits to programs: JSON, live streams and feeds.
//
// A handler takes an interface of its own: what it needs of a summit, and nothing
// else. Its tests need no broker. A file is a route or a format, so that there
// are many.
package api

import (
	"context"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/live"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

// API serves summits to programs: JSON, live streams and feeds.
type API struct {
	*reading.Reader
	Room   *respond.Room
	Cache  *respond.Cache
	Logger *slog.Logger
	// Streams sends live streams.
	Streams Streams
	// StillAllowed returns a function that checks again whether the sender of a
	// request may read a summit.
	StillAllowed func(r *http.Request, summit string) func() error
	// Summits returns every summit that is open here.
	Summits func() []reading.ListedViews
	// Open opens a summit with its first event.
	Open func(ctx context.Context, e events.Event) (OpenedSummit, summits.Outcome, error)
}

// Streams sends live streams.
type Streams interface {
	Serve(w http.ResponseWriter, r *http.Request, ask live.Ask) error
}

// What each handler needs of a summit.
type (
	// OpenedSummit is a summit that was just opened.
	OpenedSummit interface {
		SummaryViews
		Owe(seq uint64)
		Latest() projections.AsOf
	}
	// SummaryViews have the summary of a summit.
	SummaryViews interface {
		reading.Views
		Summary(ctx context.Context, at projections.AsOf) (projections.Summary, error)
	}
	// TimelineViews have a timeline.
	TimelineViews interface {
		reading.Views
		AppendTimeline(ctx context.Context, q projections.Query, now time.Time, begin func(projections.Stamp) ([]byte, error)) (projections.Page, []byte, error)
	}
	// NameViews know who and what facts are about.
	NameViews interface {
		reading.Views
		Entities(ctx context.Context, q projections.EntitiesQuery) ([]projections.NamedEntity, projections.Stamp, error)
	}
	// StatusViews have what stands.
	StatusViews interface {
		reading.Views
		StatusPage(ctx context.Context, q projections.StatusQuery) (projections.StatusAnswer, error)
	}
	// ConflictViews have contradictions.
	ConflictViews interface {
		reading.Views
		Conflicts(ctx context.Context, at projections.AsOf) ([]projections.Conflict, projections.Stamp, error)
	}
	// ChangeViews have what knowledge changed.
	ChangeViews interface {
		reading.Views
		ChangesPage(ctx context.Context, q projections.ChangesQuery, now time.Time) (projections.Changes, string, error)
	}
	// HistoryViews have facts, and the events that touch them.
	HistoryViews interface {
		reading.FactViews
		Pick(ctx context.Context, seqs []uint64) ([][]byte, error)
	}
	// FeedViews have what a feed shows.
	FeedViews interface {
		reading.Views
		Timeline(ctx context.Context, q projections.Query, now time.Time) (projections.Page, error)
		FullPage(ctx context.Context, q projections.Query, now time.Time) (projections.Page, error)
		Summary(ctx context.Context, at projections.AsOf) (projections.Summary, error)
		Status(ctx context.Context, at projections.AsOf, when time.Time) (projections.StatusAnswer, error)
		KnowledgeTime(seq uint64) (time.Time, error)
	}
	// LiveViews have frames.
	LiveViews interface {
		SummaryViews
		Owed() uint64
		Hold()
		Release()
		Changed() <-chan struct{}
		Closed() (bool, error)
		Frames(after uint64, most int, in *message.Language, tell func(projections.Frame) (more bool)) (uint64, error)
	}
	// Recorder records events.
	Recorder interface {
		Summit() string
		Head() events.Position
		Record(ctx context.Context, list []events.Event, match *events.Position) ([]summits.Outcome, error)
	}
	// LogBytes are the stored bytes of a log.
	LogBytes interface {
		reading.Log
		reading.Lasting
		ReadBytes(ctx context.Context, from, to uint64) iter.Seq2[store.Record, error]
	}
)
