package engine

import (
	"context"

	"github.com/summit-timeline/summit/store"
)

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
