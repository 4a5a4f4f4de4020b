// Package host is every summit this server holds: its log, its views, and the
// one place where facts are admitted.
//
// The door is [Open]; Run keeps the views following and the recorders
// recording until its context ends.
package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sort"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

// Options of a host.
type Options struct {
	// Views is the folder of the view files.
	Views string
	Clock func() time.Time
	// NewID makes the id of an event that came without one.
	NewID  func() (string, error)
	Logger *slog.Logger
	// Scrub says when and how fast whole logs are read again.
	Scrub Scrub
	// Every is how often summits that others opened are looked for, and how every
	// log and its views do; 0 is two seconds.
	Every time.Duration
	// Shared says that other hosts use the broker too, so that a summit that is
	// asked for may have been opened by one of them this moment.
	Shared bool
	// Fetch, where it is given, brings the views of a summit from another
	// replica, for those that are empty.
	Fetch func(summit string) projections.Fetch
	// Append and Commit, where they are not nil, are told that an append begins,
	// for whom, and that a transaction of the views does. What they give is
	// called when it has ended.
	Append func(summit string, asked []context.Context, ids [][]string) (ended func(error))
	Commit func(summit string, first uint64, ids []string) (ended func(error))
}

// Host holds the summits.
type Host struct {
	logs *store.Logs
	o    Options

	mu       sync.Mutex
	summits  map[string]*Summit
	problems map[string]error // summits that cannot be served, and why
	waiting  []*Summit        // open and not run yet
	started  bool             // every summit that there was is open

	joined  chan struct{} // filled while summits wait
	opening chan struct{} // held by the caller that opens a summit
	copying chan struct{} // held by the caller that copies views
	finding chan struct{} // held by the caller that looks for a summit
}

// Summit is one summit: its log, its views and its recorder.
type Summit struct {
	ID    string
	Log   *store.Log
	Views *projections.Engine
	// Late says that it was opened while the host ran: no server is made unready
	// by what somebody opens.
	Late bool
	*recorder
	scrubbed scrubbed
	stalled  stalled
	ends     *ends
}

// Open opens every summit there is.
func Open(ctx context.Context, logs *store.Logs, o Options) (*Host, error) {
	if err := os.MkdirAll(o.Views, 0o700); err != nil {
		return nil, fmt.Errorf("open the views: %w", err)
	}
	h := &Host{
		logs: logs, o: o, summits: map[string]*Summit{}, problems: map[string]error{},
		joined: make(chan struct{}, 1), opening: make(chan struct{}, 1), copying: make(chan struct{}, 1),
		finding: make(chan struct{}, 1),
	}
	if err := h.dropCopies(); err != nil {
		return nil, err
	}
	if err := h.discover(ctx); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	if err := h.findLost(ctx); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	h.started = true
	return h, nil
}

// discover adds the logs that are not open yet.
func (h *Host) discover(ctx context.Context) error {
	names, err := h.logs.Names(ctx)
	if err != nil {
		return err
	}
	return h.bringAll(ctx, names)
}

// bringAll adds the logs of a list. A cluster lists a log that is being made
// before every server knows it: one that is new is left for the next look, and
// one that has views is not lost for that, but to be asked for again.
func (h *Host) bringAll(ctx context.Context, names []string) error {
	for _, id := range names {
		if _, open := h.Summit(id); open {
			continue
		}
		err := h.bring(ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound) && h.hasViews(id):
			return fmt.Errorf("open log of %s: it is listed and not there: %w", id, store.ErrUnavailable)
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return err
		}
	}
	return nil
}

// bring adds a log. One that cannot be served is noted as a problem.
func (h *Host) bring(ctx context.Context, id string) error {
	log, err := h.logs.Open(ctx, id)
	var settings *store.SettingsError
	switch {
	case err == nil:
		err = h.addAnew(ctx, log)
	case errors.As(err, &settings) && h.hasViews(id):
		err = h.attach(ctx, id)
	}
	var damaged *DamagedError
	switch {
	case errors.As(err, &damaged):
		h.note(id, damaged)
		return nil
	case errors.As(err, &settings):
		h.note(id, err)
		return nil
	}
	return err
}

// add opens the views of a log and holds the log against them. Only then is
// anything recorded: a log in doubt takes no facts from the first moment on.
func (h *Host) add(ctx context.Context, log *store.Log) (*Summit, error) {
	s, fresh, err := h.register(log)
	if err != nil || !fresh {
		return s, err
	}
	if err := s.Views.Check(ctx); err != nil {
		h.o.Logger.Warn("looking at a log", "summit", s.ID, "error", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting = append(h.waiting, s)
	select {
	case h.joined <- struct{}{}:
	default: // it is filled already
	}
	return s, nil
}

func (h *Host) register(log *store.Log) (s *Summit, fresh bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	id := log.Summit()
	if s := h.summits[id]; s != nil {
		return s, false, nil
	}
	path := h.viewsPath(id)
	o := projections.Options{Logger: h.o.Logger, Commit: h.o.Commit}
	if h.o.Fetch != nil {
		o.Fetch = h.o.Fetch(id)
	}
	views, err := projections.Open(path, log, o)
	if errors.Is(err, projections.ErrHeld) {
		return nil, false, fmt.Errorf("open summit %s: %w", id, err)
	}
	if err != nil {
		return nil, false, fmt.Errorf("open summit %s: %w", id, &DamagedError{Path: path, Err: err})
	}
	log.Seen(views.Head().Seq)
	s = &Summit{ID: id, Log: log, Views: views, Late: h.started, recorder: newRecorder(log, views, h.o), ends: newEnds()}
	h.summits[id] = s
	delete(h.problems, id)
	return s, true, nil
}

// take gives the summits that wait to be run.
func (h *Host) take() []*Summit {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := h.waiting
	h.waiting = nil
	return list
}

// lookEvery is Every where it is not given.
const lookEvery = 2 * time.Second

// Run runs every summit until ctx ends.
func (h *Host) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		tick := time.NewTicker(cmp.Or(h.o.Every, lookEvery))
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-h.joined:
				for _, s := range h.take() {
					g.Go(func() error { return s.Views.Run(ctx) })
					g.Go(func() error { return s.recorder.run(ctx) })
					g.Go(func() error { return h.scrub(ctx, s) })
				}
			case now := <-tick.C:
				if err := h.discover(ctx); err != nil && ctx.Err() == nil {
					h.o.Logger.Warn("looking for summits", "error", err)
				}
				h.check(ctx, now)
				h.letGo()
			}
		}
	})
	return g.Wait()
}

// letGo keeps the views that are read from filling the memory.
func (h *Host) letGo() {
	for _, s := range h.Summits() {
		if err := s.Views.LetGo(); err != nil {
			h.o.Logger.Warn("letting go of memory", "summit", s.ID, "error", err)
		}
	}
}

// Close closes the view files. Run must have returned.
func (h *Host) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var errs []error
	for _, s := range h.summits {
		errs = append(errs, s.Views.Close())
	}
	return errors.Join(errs...)
}

// Summits lists the summits by id.
func (h *Host) Summits() []*Summit {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]*Summit, 0, len(h.summits))
	for _, s := range h.summits {
		list = append(list, s)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].ID < list[j].ID })
	return list
}

// Summit finds a summit that is here; [Host.Find] looks further.
func (h *Host) Summit(id string) (*Summit, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, ok := h.summits[id]
	return s, ok
}

// Problems are the summits that cannot be served, and why.
func (h *Host) Problems() map[string]error {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make(map[string]error, len(h.problems))
	for id, err := range h.problems {
		out[id] = err
	}
	return out
}

// OpenSummit opens a summit with its first event. The same event again is a
// duplicate; another under that id is store.ErrExists.
func (h *Host) OpenSummit(ctx context.Context, e events.Event) (*Summit, Outcome, error) {
	if err := h.Problems()[e.Summit]; err != nil {
		return nil, Outcome{}, fmt.Errorf("open summit %s: %w", e.Summit, err)
	}
	if err := h.o.stamp(&e); err != nil {
		return nil, Outcome{}, err
	}
	select { // one at a time: the same opening twice at once is one
	case h.opening <- struct{}{}:
		defer func() { <-h.opening }()
	case <-ctx.Done():
		return nil, Outcome{}, fmt.Errorf("open summit %s: %w: %w", e.Summit, store.ErrUnavailable, ctx.Err())
	}
	if s, open := h.Summit(e.Summit); open {
		if doubt := s.Views.Health().Doubt; doubt != nil {
			return nil, Outcome{}, fmt.Errorf("open summit %s: %w (%w)", e.Summit, ErrInDoubt, doubt)
		}
		_, outcome, err := h.openedAlready(ctx, s, e)
		switch {
		case err == nil:
			return s, outcome, nil
		case !errors.Is(err, store.ErrNotFound) || s.Views.Head().Seq > 0:
			return nil, Outcome{}, err
		}
		// The log was made and got no event: it is continued.
	}
	log, result, err := h.logs.Create(ctx, e)
	exists := errors.Is(err, store.ErrExists)
	if exists { // another process opened it
		log, err = h.logs.Open(ctx, e.Summit)
	}
	if err != nil {
		return nil, Outcome{}, err
	}
	s, err := h.add(ctx, log)
	if err != nil {
		return nil, Outcome{}, err
	}
	if exists {
		return h.openedAlready(ctx, s, e)
	}
	return s, Outcome{ID: e.ID, Seq: result.Seq, Outcome: result.Outcome}, nil
}

// openedAlready compares an opening with the one there is. An opening that came
// without an id is the same where it says the same.
func (h *Host) openedAlready(ctx context.Context, s *Summit, e events.Event) (*Summit, Outcome, error) {
	first, err := s.Log.Get(ctx, 1)
	if err != nil {
		return nil, Outcome{}, err
	}
	e.ID = first.Event.ID
	same, err := events.Same(e, first.Event)
	if err != nil {
		return nil, Outcome{}, err
	}
	if !same {
		return nil, Outcome{}, fmt.Errorf("open summit %s: %w", s.ID, store.ErrExists)
	}
	return s, Outcome{ID: e.ID, Seq: 1, Outcome: store.Duplicate}, nil
}

// stamp fills in what the server sets.
func (o Options) stamp(e *events.Event) error {
	if e.ID == "" {
		id, err := o.NewID()
		if err != nil {
			return fmt.Errorf("make an id: %w", err)
		}
		e.ID = id
	}
	e.Recorded = events.Instant{Time: o.Clock().UTC().Truncate(time.Millisecond)}
	return nil
}
