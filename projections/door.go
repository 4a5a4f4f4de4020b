package projections

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/summit-timeline/summit/events"
)

// Engine keeps the views of one summit and answers queries on them.
type Engine struct{ *machine }

// Open opens the views of a log, in a file that is made where there is none.
// A file of an older version goes on serving until [Engine.Run] has built its
// successor.
func Open(path string, log Log, o Options) (*Engine, error) {
	e, err := openMachine(path, log, newFile, o)
	if err != nil {
		return nil, err
	}
	return &Engine{e}, nil
}

// Build folds the first events of a log into a file: a new one, or one that was
// built before and is to reach further.
func Build(ctx context.Context, path string, log Log, until uint64, progress func(seq uint64)) error {
	return buildFile(ctx, path, log, newFolder(), until, progress)
}

// AccountOf returns what a file of views comes to that no engine has open.
func AccountOf(ctx context.Context, path string) (Account, error) {
	return accountOfFile(ctx, path, newFolder())
}

// Vouch holds a file of views that was made elsewhere against what a trusted
// key says of it, against itself and against the log. The error says what does not
// fit.
func Vouch(ctx context.Context, path string, log Log, said Account) error {
	return vouchFile(ctx, path, log, newFolder(), said)
}

// file is what is kept in memory of an open file.
type file struct {
	*folder
	statuses *statusCache
}

func newFile() Fold { return &file{newFolder(), newStatusCache(statusBytes)} }

// Try folds events after what is served and takes all of it back: it says
// whether they could stand there, one after the other. The error is an
// *Inadmissible where one could not stand.
func (e *Engine) Try(list []events.Event) error {
	return e.TryOut(func(s Snapshot) error { return tryAll(s.Tx, s.Head, list) })
}

// view reads from one consistent state of the file.
func (e *Engine) view(fn func(r *reader) error) error {
	return e.View(func(s Snapshot) error {
		return fn(&reader{statusReader{
			baseReader: baseReader{tx: s.Tx, head: s.Head, partial: s.Partial, summit: e.Summit()},
			statuses:   s.Fold.(*file).statuses,
		}})
	})
}

// reader is one read transaction.
type reader struct{ statusReader }

// Status reads what stands: at an occurrence time, or now where when is zero,
// as known at a position.
func (e *Engine) Status(ctx context.Context, at Reading, when time.Time) (answer StatusAnswer, err error) {
	err = e.view(func(r *reader) error {
		answer, err = r.answer(ctx, at, when)
		return err
	})
	return answer, err
}

// StatusPage reads a part of what stands, as an object of the form of [Status].
func (e *Engine) StatusPage(ctx context.Context, q StatusQuery) (answer StatusAnswer, err error) {
	err = e.view(func(r *reader) error {
		answer, err = r.page(ctx, q)
		return err
	})
	return answer, err
}

// Rows reads rows of a table of the views in the order of their keys, those
// after a key, and the position at which they are so. more says whether there
// are others behind them.
func (e *Engine) Rows(ctx context.Context, table string, after []byte, most int) (at events.Position, rows []Row, more bool, err error) {
	if all := e.Tables(); !slices.Contains(all, table) {
		return at, nil, false, &ParamError{"table", fmt.Sprintf("%q is none of %v", table, all)}
	}
	return e.machine.Rows(ctx, table, after, most)
}
