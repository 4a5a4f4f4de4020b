package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Log is what the engine needs of a summit's log.
type Log interface {
	Summit() string
	Get(ctx context.Context, seq uint64) (store.Record, error)
	Follow(ctx context.Context, from uint64) iter.Seq2[store.Record, error]
	Info(ctx context.Context) (store.Info, error)
}

// Options of an engine.
type Options struct {
	Logger *slog.Logger
	// NoSync leaves out the fsync of a commit: for scratch files alone.
	NoSync bool
	// Unsynced is that of viewdb.Options.
	Unsynced bool
	// Fetch, if it is given, brings the views of another replica, for views
	// that are empty to begin from.
	Fetch Fetch
	// Commit, if it is not nil, is called when a transaction begins that folds
	// events as they come, from a sequence on. What it gives is called when it has
	// ended.
	Commit func(summit string, first uint64, ids []string) (ended func(error))
	// Wanted, if it is given, is called when somebody asks for views that sleep:
	// Run is to be called then. It must not wait, and must not call the engine.
	// Without it views never sleep.
	Wanted func()
	// Failing, if it is not nil, is asked before each commit: its error is that
	// of the commit. Tests let a disk fail by it.
	Failing func() error
}

// Engine keeps the views of one summit in a file.
type Engine struct {
	log      Log
	newFold  func() Fold // for each file
	version  int         // of its folds
	tables   []string    // of its folds
	path     string
	logger   *slog.Logger
	noSync   bool
	unsynced bool
	fetch    Fetch
	// observer is called for each transaction; it is nil if nobody watches.
	observer func(summit string, first uint64, ids []string) (ended func(error))

	failing func() error // of commits, in tests; else nil
	wanted  func()       // has the engine run; nil where it never sleeps

	files   sync.RWMutex   // guards db, which the goroutine that runs alone changes
	db      *viewFile      // nil while the views sleep
	opening sync.Mutex     // held by who opens it again
	retired sync.WaitGroup // files that wait for their last readers
	points  sync.WaitGroup // restore points that are being made
	hurry   chan struct{}  // filled by who waits for a commit

	mu            sync.RWMutex // guards what follows; never held while a file is read
	head          Cursor
	changed       chan struct{} // closed at the next commit
	inconsistency *InconsistencyError
	evidence      *EvidenceError     // a doubt of before that cannot be read
	halt          context.CancelFunc // ends the following of a log in doubt; nil before Run
	paused        *PausedError       // why nothing is folded just now
	damage        *DamagedError      // of the file that serves: it is made anew
	again         context.CancelFunc // begins the following anew; nil before Run
	unproven      bool               // until a file that is a copy was found to be whole
	latest        time.Time          // knowledge time of the last event
	created       time.Time          // of the stream the views were made from; zero where not known yet
	scrub         Scrub
	last          uint64   // last sequence of the log, as far as is known
	asked         bool     // whether the log was asked for its last sequence
	held          uint64   // what it was then
	rebuild       *rebuild // nil but while a new file is made beside the old
	folded        uint64   // events that this engine has folded
	began         uint64   // where the views of another replica ended that it began from

	asleep  bool   // the file is closed, and nobody follows the log
	resting bool   // they are to sleep
	unasked bool   // they slept, and have not asked yet where the log ends
	holders int    // who keep them awake
	uses    uint64 // grows with each use

	tries int           // of the goroutine that runs: failures since something was folded
	owed  atomic.Uint64 // the last event that was acknowledged here
}

// ErrHeld is the error of a view file that another process has open.
var ErrHeld = viewdb.ErrHeld

// Open opens the views of a log, in a file that is made if there is none.
// A file of an older version keeps serving until [Engine.Run] has built its
// successor.
func Open(path string, log Log, newFold func() Fold, o Options) (*Engine, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	kind := newFold()
	e := &Engine{newFold: newFold, version: kind.Version(), tables: tablesOf(kind), wanted: o.Wanted, log: log, path: path, logger: o.Logger, noSync: o.NoSync, unsynced: o.Unsynced, fetch: o.Fetch, observer: o.Commit, failing: o.Failing, changed: make(chan struct{}), hurry: make(chan struct{}, 1)}
	f, kept, err := e.openServing()
	if err != nil {
		return nil, fmt.Errorf("open views: %w", err)
	}
	e.serve(f, kept)
	e.verifySmall(f)
	return e, nil
}

// Close closes the file. Run must have returned, and nobody may read any more.
func (e *Engine) Close() error {
	e.points.Wait()
	e.retired.Wait()
	if e.db == nil {
		return nil
	}
	if err := e.db.Close(); err != nil {
		return fmt.Errorf("close views: %w", err)
	}
	return nil
}

// Summit returns the id of the summit.
func (e *Engine) Summit() string { return e.log.Summit() }

// Head returns the position that is served.
func (e *Engine) Head() events.Position {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.head.Position()
}

// LastKnown returns the position that is served and when its last event became known.
func (e *Engine) LastKnown() (events.Position, time.Time) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.head.Position(), e.latest
}

// Version is that of the views that are served. It changes while the engine runs
// where views that are rebuilt take the place of older ones: what was kept of
// the old is then worth nothing.
func (e *Engine) Version() int {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.head.Version
}

// Changed returns a channel that is closed at the next commit.
func (e *Engine) Changed() <-chan struct{} {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.changed
}

// Wait returns once a sequence is served. The error is that of ctx.
func (e *Engine) Wait(ctx context.Context, seq uint64) error {
	for {
		changed := e.Changed()
		if e.Head().Seq >= seq {
			return nil
		}
		signal(e.hurry)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// Reach waits until a sequence is served, and no longer than most. It does
// not wait for views that have stopped: the error then explains why they have.
func (e *Engine) Reach(ctx context.Context, seq uint64, most time.Duration) error {
	timer := time.NewTimer(most)
	defer timer.Stop()
	for {
		changed := e.Changed()
		if e.Head().Seq >= seq {
			return nil
		}
		if why := e.Stopped(); why != nil {
			return why
		}
		signal(e.hurry)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			return fmt.Errorf("the views are at %d of %d: %w", e.Head().Seq, seq, ErrNotYet)
		case <-changed:
		}
	}
}

// Health is how an engine does.
type Health struct {
	Position    events.Position
	Last        uint64  // last sequence of the log
	Lag         uint64  // events that are in the log and not yet in the views
	CaughtUp    bool    // whether the views have come to where the log was when it was first asked
	Doubt       error   // a *InconsistencyError: why the log is not what it was; nil while it is
	Evidence    error   // an *EvidenceError: a doubt of before that cannot be read
	Failed      error   // a *PausedError: why nothing is folded just now; it is tried again
	Rebuilding  bool    // whether a file of a newer version is being built
	Fetching    bool    // whether the views of another replica are being fetched
	Progress    float64 // of either, 0 to 1
	Folded      uint64  // events folded since the start
	Began       uint64  // the sequence up to which the views came from another replica; 0 is none
	Quarantined int
	Scrub       Scrub
}

// Stopped reports why nothing is folded: a *InconsistencyError where the log is in doubt,
// a *PausedError where something else fails, which is tried again; nil while
// neither is.
func (e *Engine) Stopped() error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.stopped()
}

// stopped is Stopped where the lock is held.
func (e *Engine) stopped() error {
	switch {
	case e.inconsistency != nil:
		return e.inconsistency
	case e.paused != nil:
		return e.paused
	case e.damage != nil:
		return &PausedError{fmt.Errorf("%w; it is being rebuilt from the log", e.damage)}
	case e.unproven:
		return &PausedError{errUnproven}
	}
	return nil
}

// InDoubt reports whether the log is not what it was.
func (e *Engine) InDoubt() bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.inconsistency != nil
}

// Health returns how the engine does.
func (e *Engine) Health() Health {
	e.mu.RLock()
	defer e.mu.RUnlock()
	h := Health{Position: e.head.Position(), Last: e.last, Scrub: e.scrub, Folded: e.folded, Began: e.began, Quarantined: int(e.head.Quarantined)}
	if e.inconsistency != nil {
		h.Doubt = e.inconsistency
	}
	if e.evidence != nil {
		h.Evidence = e.evidence
	}
	if why := e.stopped(); why != nil && e.inconsistency == nil {
		h.Failed = why
	}
	h.CaughtUp = e.asked && e.head.Seq >= e.held
	if e.last > e.head.Seq {
		h.Lag = e.last - e.head.Seq
	}
	h.Rebuilding = e.head.Seq > 0 && e.head.Version != e.version // or about to be
	if e.rebuild != nil {
		h.Rebuilding, h.Fetching, h.Progress = !e.rebuild.fetched, e.rebuild.fetched, e.rebuild.progress()
	}
	return h
}

// Snapshot is one consistent state of the views, while it is read.
type Snapshot struct {
	Tx   *viewdb.Tx
	Head Cursor
	// Partial is set where what is answered may lack something that the log has.
	Partial bool
	// Fold is that of the file: what it keeps in memory is of this file alone.
	Fold    Fold
	middles *merkle.Middles // of the file, as well
}

// View reads from one consistent state of the file.
func (e *Engine) View(fn func(Snapshot) error) error {
	f, done, err := e.use()
	if err != nil {
		return err
	}
	defer done()
	err = f.View(func(tx *viewdb.Tx) error {
		head, err := f.cursorOf(tx)
		if err != nil {
			return err
		}
		return fn(Snapshot{Tx: tx, Head: head, Partial: e.Partial(), Fold: f.fold, middles: &f.middles})
	})
	e.notice(f, err)
	return err
}

// TryOut runs fn in a transaction that is taken back whatever comes of it, after
// the events that are served. The error is that of fn.
func (e *Engine) TryOut(fn func(Snapshot) error) error {
	f, done, err := e.use()
	if err != nil {
		return err
	}
	defer done()
	err = f.Update(func(tx *viewdb.Tx) error {
		head, err := readCursor(tx, e.version)
		if err != nil {
			return err
		}
		if err := fn(Snapshot{Tx: tx, Head: head, Partial: e.Partial(), Fold: f.fold}); err != nil {
			return err
		}
		return errTakenBack
	})
	if errors.Is(err, errTakenBack) {
		return nil
	}
	return err
}

var errTakenBack = errors.New("taken back")

// removeFile takes away a scratch file that may not be there.
func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// What tests of the packages above do to an engine that nobody runs.

// Commit folds events that come next in one transaction of their own, as Run does
// with those that have arrived.
func Commit(e *Engine, records []store.Record) error {
	batch := make([]Event, len(records))
	for i, rec := range records {
		batch[i] = eventOf(rec)
	}
	return e.commit(batch)
}

// Rebuild takes the file that serves for one of an older version, and replaces it.
func Rebuild(ctx context.Context, e *Engine) error {
	e.mu.Lock()
	e.head.Version = e.version - 1
	e.mu.Unlock()
	return e.rebuildIfOld(ctx)
}
