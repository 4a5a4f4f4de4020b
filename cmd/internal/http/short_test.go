package httpserver_test

import (
	"context"
	"iter"

	"github.com/summit-timeline/summit/store"
)

// short is a log that has lost its last event.
type short struct{ *store.Log }

func (l short) ReadBytes(ctx context.Context, from, to uint64) iter.Seq2[store.Record, error] {
	if from > to-1 {
		return func(func(store.Record, error) bool) {}
	}
	return l.Log.ReadBytes(ctx, from, to-1)
}
