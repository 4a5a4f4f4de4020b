package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/ingest"
)

// maxBackOff is the longest that a source in trouble is left alone of our own
// accord.
const maxBackOff = time.Hour

// watcher reads a source again and again, and asks for what has changed alone.
type watcher struct {
	kind    ingest.Kind
	what    ingest.Request
	fetcher ingest.Fetcher
	teller  ingest.Recorder
	print   func(ingest.Report) error
	last    ingest.Report // of what was read last
}

// watch reads a source until ctx ends, or the source is gone for good.
func (w *watcher) watch(ctx context.Context, every time.Duration, errs io.Writer) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	busy := 0
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		err := w.read(ctx)
		if errors.Is(err, ingest.ErrGone) {
			return err
		}
		var wait time.Duration
		wait, busy = restFor(err, every, busy)
		if err != nil && ctx.Err() == nil {
			fmt.Fprintf(errs, "%s; reading it again in %v\n", cli.Clean(err.Error()), wait)
		}
		timer.Reset(wait)
	}
}

// restFor is how long a source is left alone after a reading: what it asks for,
// and twice as long each time that it is in trouble. busy counts those times.
func restFor(err error, every time.Duration, busy int) (wait time.Duration, count int) {
	trouble := (*ingest.BusyError)(nil)
	if !errors.As(err, &trouble) {
		return every, 0
	}
	wait = every
	for range busy + 1 {
		if wait < maxBackOff {
			wait = min(2*wait, maxBackOff)
		}
	}
	return max(wait, trouble.After), busy + 1
}

// read reads a source once, and says what came of it. A version counts as seen
// once all of it was told.
func (w *watcher) read(ctx context.Context) error {
	reading, err := w.kind.Read(ctx, w.fetcher, w.what)
	if errors.Is(err, ingest.ErrUnchanged) {
		return w.print(ingest.Report{Source: w.last.Source, Identity: w.last.Identity, Unchanged: true, Skipped: []ingest.Skipped{}, Refused: []ingest.Skipped{}})
	}
	if err != nil {
		return err
	}
	sum, err := w.teller.Record(ctx, reading)
	if err != nil {
		return fmt.Errorf("%w (%d recorded before that; run it again to continue)", err, sum.Created+sum.Corrected+sum.Retracted)
	}
	w.last = sum
	if err := w.print(sum); err != nil {
		return err
	}
	if len(sum.Refused) > 0 {
		return fmt.Errorf("%d of %d items were refused: %s: %s", len(sum.Refused), sum.Items, sum.Refused[0].Key, sum.Refused[0].Reason)
	}
	w.fetcher.Seen = reading.Mark
	return nil
}
