package summits

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

// ErrLost is the error of a summit whose views are there and whose log is not.
var ErrLost = class.New(class.Broken, "its log is gone, though its views show that it existed: restore it from an archive")

// DamagedError is a view file that cannot be read. It can be made again from
// the log.
type DamagedError struct {
	Path string
	Err  error
}

func (d *DamagedError) Error() string {
	return fmt.Sprintf("the view file cannot be read (%v): stop the server, move the file aside (mv %s %s.damaged) and start it again: the views are then rebuilt from the log", d.Err, d.Path, d.Path)
}

func (d *DamagedError) Unwrap() error { return d.Err }

// stopped is the answer when views that have stopped are asked for more than to be
// read: a log in doubt waits for its operator, all else passes by itself.
func stopped(why error) error {
	if paused := (*projections.PausedError)(nil); errors.As(why, &paused) {
		return paused
	}
	return fmt.Errorf("%w (%w)", ErrInDoubt, why)
}

// Class returns the class of the error: the file must be put aside.
func (*DamagedError) Class() class.Class { return class.Broken }

const viewsEnding = ".db"

func (reg *Registry) viewsPath(id string) string { return filepath.Join(reg.o.Views, id+viewsEnding) }

func (reg *Registry) hasViews(id string) bool {
	_, err := os.Stat(reg.viewsPath(id))
	return err == nil
}

func (reg *Registry) setProblem(id string, err error) {
	reg.mu.Lock()
	defer reg.mu.Unlock()
	if reg.problems[id] == nil {
		reg.o.Logger.Error("a summit cannot be served", "summit", id, "error", err)
	}
	reg.problems[id] = err
}

// findLost finds the summits that have views and no log: the views are served
// as they are, in doubt.
func (reg *Registry) findLost(ctx context.Context) error {
	entries, err := os.ReadDir(reg.o.Views)
	if err != nil {
		return fmt.Errorf("open the views: %w", err)
	}
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), viewsEnding)
		if _, open := reg.Summit(id); !ok || open || reg.Problems()[id] != nil {
			continue
		}
		err := reg.attach(ctx, id)
		var damaged *DamagedError
		if errors.As(err, &damaged) {
			reg.setProblem(id, fmt.Errorf("%w; and its view file cannot be read: %w", ErrLost, damaged.Err))
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// attach serves the views of a log that is damaged or gone.
func (reg *Registry) attach(ctx context.Context, id string) error {
	log, err := reg.logs.Attach(ctx, id)
	if err != nil {
		return err
	}
	_, err = reg.add(ctx, log)
	return err
}

// addAnew adds a log. A view file that is damaged is set aside, and the views are
// rebuilt: the log has all that they had.
func (reg *Registry) addAnew(ctx context.Context, log *store.Log) error {
	_, err := reg.add(ctx, log)
	if damaged := (*projections.DamagedError)(nil); !errors.As(err, &damaged) {
		return err
	}
	aside, failed := projections.SetAside(reg.viewsPath(log.Summit()))
	if failed != nil {
		return errors.Join(err, failed)
	}
	reg.o.Logger.Error("a view file is damaged: it was set aside, and the views are being rebuilt from the log", "summit", log.Summit(), "error", err, "kept", aside)
	_, err = reg.add(ctx, log)
	return err
}

// checkedAtOnce is how many logs are looked after at a time: one whose leader is
// slow to answer holds up none of the others.
const checkedAtOnce = 16

// check compares the log of every summit that is awake with its views: what happens to a stream while the
// server runs is found within a few seconds. How long views stand still goes by
// the ticks, not by the clock, which may jump.
func (reg *Registry) check(ctx context.Context, now time.Time) {
	var g errgroup.Group
	g.SetLimit(checkedAtOnce)
	for _, s := range reg.Summits() {
		g.Go(func() error {
			if s.Views.Asleep() {
				return nil // see look
			}
			if err := s.Views.Check(ctx); err != nil && ctx.Err() == nil {
				reg.o.Logger.Warn("looking at a log", "summit", s.ID, "error", err)
			}
			s.stalled.look(s.Views.Health(), now)
			return nil
		})
	}
	_ = g.Wait() // nobody fails
}
