// Package summits holds every summit of this server: its log, its views, and the one place
// where events are admitted. See DESIGN.md.
//
// [Open] returns the [Registry]; [Registry.Run] keeps views and recorders running until its
// context ends. The package has more files than others because the recorder, the registry
// and what they report share the state of a summit.
package summits

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"sort"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

// Options configures a Registry.
type Options struct {
	// Views is the folder of the view files.
	Views string
	Clock func() time.Time
	// NewID makes the id of an event that came without one.
	NewID func() (string, error)
	// Vault keeps what is sealed; nil is nowhere: then nothing can be sealed.
	Vault Vault
	// Salt returns the next random bytes for a commitment.
	Salt   func() [events.SaltSize]byte
	Logger *slog.Logger
	// Scrub sets when and how fast whole logs are read again.
	Scrub Scrub
	// Every is how often summits that others opened are looked for, and how every
	// log and its views do; 0 is two seconds.
	Every time.Duration
	// RestAfter is how long nobody has asked for a summit when it is laid to rest; 0
	// is six seconds, so that with the looks between it is asleep within ten.
	RestAfter time.Duration
	// Shared reports whether other hosts use the broker too, so that a summit that is
	// asked for may have been opened by one of them this moment.
	Shared bool
	// Fetch, if it is given, brings the views of a summit from another
	// replica, for those that are empty.
	Fetch func(summit string) projections.Fetch
	// Append and Commit, if they are not nil, are called when an append begins,
	// for whom, and that a transaction of the views does. What they give is
	// called when it has ended.
	Append func(summit string, asked []context.Context, ids [][]string) (ended func(error))
	Commit func(summit string, first uint64, ids []string) (ended func(error))
}

// Registry holds the summits.
type Registry struct {
	logs *store.Logs
	o    Options

	mu       sync.Mutex // never held while a file is opened or the broker is asked
	summits  map[string]*Summit
	problems map[string]error // summits that cannot be served, and why
	waiting  []*Summit        // open and not run yet
	started  bool             // every summit that there was is open
	crowded  bool             // there are so many that they start at rest
	clock    error            // what is wrong with the server's

	joined  chan struct{} // filled while summits wait
	opening turns         // of callers that open a summit
	adding  turns         // of those that open the views of one
	copying chan struct{} // held by the caller that copies views
	finding chan struct{} // held by callers that ask the broker for a summit
}

// Summit is one summit: its log, its views and its recorder.
type Summit struct {
	ID    string
	Log   *store.Log
	Views *projections.Engine
	// Late reports that it was opened while the registry ran: no server is made unready
	// by what somebody opens.
	Late bool
	*recorder
	scrubbed scrubbed
	stalled  stalled
	unused   unused // of the goroutine that lays summits to rest
	ends     *ends
}

// Open opens every summit there is.
func Open(ctx context.Context, logs *store.Logs, o Options) (*Registry, error) {
	if err := os.MkdirAll(o.Views, 0o700); err != nil {
		return nil, fmt.Errorf("open the views: %w", err)
	}
	h := &Registry{
		logs: logs, o: o, summits: map[string]*Summit{}, problems: map[string]error{},
		joined: make(chan struct{}, 1), copying: make(chan struct{}, 1),
		finding: make(chan struct{}, finders),
	}
	if err := h.dropCopies(); err != nil {
		return nil, err
	}
	infos, err := logs.List(ctx)
	if err != nil {
		return nil, err
	}
	h.crowded = len(infos) > awakeAtStart
	if err := h.loadAll(ctx, infos); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	if err := h.findLost(ctx); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.started, h.crowded = true, false
	return h, nil
}

// loadAll adds the logs that are not open yet. A cluster lists a log that is being made
// before every server knows it: one that is new is left for the next look, and
// one that has views is not lost for that, but to be asked for again.
func (reg *Registry) loadAll(ctx context.Context, infos map[string]store.Info) error {
	for _, id := range slices.Sorted(maps.Keys(infos)) {
		if _, open := reg.Summit(id); open {
			continue
		}
		err := reg.load(ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound) && reg.hasViews(id):
			return fmt.Errorf("open log of %s: it is listed but does not exist: %w", id, store.ErrUnavailable)
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return err
		}
	}
	return nil
}

// load adds a log. One that cannot be served is noted as a problem.
func (reg *Registry) load(ctx context.Context, id string) error {
	log, err := reg.logs.Open(ctx, id)
	return reg.take(ctx, id, log, err)
}

// take is load of a log that was opened, or could not be.
func (reg *Registry) take(ctx context.Context, id string, log *store.Log, err error) error {
	var settings *store.SettingsError
	switch {
	case err == nil:
		err = reg.addAnew(ctx, log)
	case errors.As(err, &settings) && reg.hasViews(id):
		err = reg.attach(ctx, id)
	}
	var damaged *DamagedError
	switch {
	case errors.As(err, &damaged):
		reg.setProblem(id, damaged)
		return nil
	case errors.As(err, &settings):
		reg.setProblem(id, err)
		return nil
	}
	return err
}

// add opens the views of a log and compares the log with them. Only then is
// anything recorded: a log in doubt accepts no facts from the start.
func (reg *Registry) add(ctx context.Context, log *store.Log) (*Summit, error) {
	leave, err := reg.adding.take(ctx, log.Summit())
	if err != nil {
		return nil, fmt.Errorf("open summit %s: %w: %w", log.Summit(), store.ErrUnavailable, err)
	}
	defer leave()
	if s, open := reg.Summit(log.Summit()); open {
		return s, nil
	}
	s, err := reg.open(ctx, log)
	if err != nil {
		return nil, err
	}
	reg.mu.Lock()
	defer reg.mu.Unlock()
	s.Late = reg.started
	reg.summits[s.ID] = s
	delete(reg.problems, s.ID)
	if !s.Views.Asleep() {
		reg.queue(s)
	}
	return s, nil
}

func (reg *Registry) open(ctx context.Context, log *store.Log) (*Summit, error) {
	id := log.Summit()
	path := reg.viewsPath(id)
	s := &Summit{ID: id, Log: log, ends: newEnds()}
	o := projections.Options{Logger: reg.o.Logger, Unsynced: true, Commit: reg.o.Commit, Wanted: func() { reg.run(s) }}
	if reg.o.Fetch != nil {
		o.Fetch = reg.o.Fetch(id)
	}
	views, err := projections.Open(path, log, o)
	if errors.Is(err, projections.ErrHeld) {
		return nil, fmt.Errorf("open summit %s: %w", id, err)
	}
	if err != nil {
		return nil, fmt.Errorf("open summit %s: %w", id, &DamagedError{Path: path, Err: err})
	}
	log.Seen(views.Head().Seq)
	log.OnDisk(views.Head().Seq)
	if err := views.Check(ctx); err != nil {
		reg.o.Logger.Warn("looking at a log", "summit", id, "error", err)
	}
	s.Views, s.recorder = views, newRecorder(log, views, reg.o)
	if reg.crowded {
		views.RestUnrun()
	}
	return s, nil
}

// takeWaiting returns the summits that wait to be run.
func (reg *Registry) takeWaiting() []*Summit {
	reg.mu.Lock()
	defer reg.mu.Unlock()
	list := reg.waiting
	reg.waiting = nil
	return list
}

// lookEvery is Every if it is not given.
const lookEvery = 2 * time.Second

// Run runs every summit that is awake until ctx ends. Starting those that join
// waits for nothing, and looking after each of the others for none but itself.
func (reg *Registry) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		for {
			select {
			case <-ctx.Done():
				return reg.stop()
			case <-reg.joined:
				for _, s := range reg.takeWaiting() {
					g.Go(func() error { return s.Views.Run(ctx) })
					s.serveUntil(ctx, g.Go)
				}
			}
		}
	})
	g.Go(func() error {
		return reg.keepLooking(ctx)
	})
	g.Go(func() error { return reg.scrub(ctx) })
	g.Go(func() error {
		return reg.forEachSummit(ctx, reg.sleepUnused)
	})
	g.Go(func() error {
		return reg.forEachSummit(ctx, func(now time.Time) {
			reg.watchClock(ctx)
			reg.check(ctx, now)
		})
	})
	return g.Wait()
}

// forEachSummit does something from time to time until ctx ends.
func (reg *Registry) forEachSummit(ctx context.Context, do func(now time.Time)) error {
	tick := time.NewTicker(cmp.Or(reg.o.Every, lookEvery))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			do(now)
		}
	}
}

// stop lets callers know that nobody answers any more.
func (reg *Registry) stop() error {
	for _, s := range reg.Summits() {
		s.recorder.stop()
	}
	return nil
}

// Close closes the view files. Run must have returned.
func (reg *Registry) Close() error {
	reg.mu.Lock()
	defer reg.mu.Unlock()
	var errs []error
	for _, s := range reg.summits {
		errs = append(errs, s.Views.Close())
	}
	return errors.Join(errs...)
}

// Summits lists the summits by id.
func (reg *Registry) Summits() []*Summit {
	reg.mu.Lock()
	defer reg.mu.Unlock()
	list := make([]*Summit, 0, len(reg.summits))
	for _, s := range reg.summits {
		list = append(list, s)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].ID < list[j].ID })
	return list
}

// Summit finds a summit that is here; [Registry.Find] looks further.
func (reg *Registry) Summit(id string) (*Summit, bool) {
	reg.mu.Lock()
	defer reg.mu.Unlock()
	s, ok := reg.summits[id]
	return s, ok
}

// Problems are the summits that cannot be served, and why.
func (reg *Registry) Problems() map[string]error {
	reg.mu.Lock()
	defer reg.mu.Unlock()
	out := make(map[string]error, len(reg.problems))
	for id, err := range reg.problems {
		out[id] = err
	}
	return out
}
