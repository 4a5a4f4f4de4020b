package projections

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/engine"
	"github.com/summit-timeline/summit/projections/internal/fold"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/read"
	"github.com/summit-timeline/summit/projections/internal/status"
)

// Engine keeps the views of one summit and answers queries on them.
type Engine struct {
	*engine.Engine
	due atomic.Pointer[dueTimes] // what [Engine.Overdue] answered last
}

// Open opens the views of a log, in a file that is made if there is none.
// A file of an older version keeps serving until [Engine.Run] has built its
// successor.
func Open(path string, log Log, o Options) (*Engine, error) {
	e, err := engine.Open(path, log, newFile, o)
	if err != nil {
		return nil, err
	}
	return &Engine{Engine: e}, nil
}

// Build folds the first events of a log into a file: a new one, or one that was
// built before and is to reach further.
func Build(ctx context.Context, path string, log Log, until uint64, progress func(seq uint64)) error {
	return engine.Build(ctx, path, log, fold.New(), until, progress)
}

// ViewDigestOf returns what a file of views comes to that no engine has open.
func ViewDigestOf(ctx context.Context, path string) (ViewDigest, error) {
	return engine.ViewDigestOf(ctx, path, fold.New())
}

// VerifyCopy checks a file of views that was made elsewhere against what a trusted
// key attests, against itself and against the log. The error reports what does not
// fit.
func VerifyCopy(ctx context.Context, path string, log Log, said ViewDigest) error {
	return engine.VerifyCopy(ctx, path, log, fold.New(), said)
}

// file is what is kept in memory of an open file.
type file struct {
	*fold.Fold
	statuses *status.Cache
	names    *read.Names
	told     *item.Told
	keys     *nameKeys
}

func newFile() engine.Fold {
	return &file{fold.New(), status.NewCache(status.CacheBytes), &read.Names{}, &item.Told{}, &nameKeys{}}
}

// Try folds events after what is served and takes all of it back: it says
// whether they could stand there, one after the other. The error is an
// *Inadmissible where one could not stand.
func (e *Engine) Try(list []events.Event) error {
	return e.TryOut(func(s engine.Snapshot) error { return fold.Try(s.Tx, s.Head, list) })
}

// view reads from one consistent state of the file.
func (e *Engine) view(fn func(r *reader) error) error {
	return e.View(func(s engine.Snapshot) error {
		f := s.Fold.(*file)
		return fn(&reader{status.Reader{
			Reader:   read.Reader{Tx: s.Tx, Head: s.Head, Partial: s.Partial, Summit: e.Summit(), Names: f.names, Told: f.told},
			Statuses: f.statuses,
		}, f.keys})
	})
}

// reader is one read transaction.
type reader struct {
	status.Reader
	keys *nameKeys
}

// Status reads what stands: at an occurrence time, or now where when is zero,
// as known at a position.
func (e *Engine) Status(ctx context.Context, at AsOf, when time.Time) (answer StatusAnswer, err error) {
	err = e.view(func(r *reader) error {
		answer, err = r.Answer(ctx, at, when)
		return err
	})
	return answer, err
}

// StatusPage reads a part of what stands, as an object of the form of [Status].
func (e *Engine) StatusPage(ctx context.Context, q StatusQuery) (answer StatusAnswer, err error) {
	err = e.view(func(r *reader) error {
		answer, err = r.Page(ctx, q)
		return err
	})
	return answer, err
}

// Rows reads rows of a table of the views in the order of their keys, those
// after a key, and the position they are read at. more reports whether there
// are others behind them.
func (e *Engine) Rows(ctx context.Context, table string, after []byte, most int) (at events.Position, rows []Row, more bool, err error) {
	if all := e.Tables(); !slices.Contains(all, table) {
		return at, nil, false, &ParamError{Name: "table", Detail: fmt.Sprintf("%q%s", table, events.OrOneOf(table, "tables", all))}
	}
	return e.Engine.Rows(ctx, table, after, most)
}
