package archive

import (
	"context"
	"fmt"
	"iter"

	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/merkle"
)

// Stored goes through the events as they have to stand in a log.
func (a *Archive) Stored(ctx context.Context) iter.Seq2[store.Stored, error] {
	return func(yield func(store.Stored, error) bool) {
		for rec, err := range a.records(ctx, 1) {
			if !yield(store.Stored{Subject: rec.Subject, MsgID: rec.MsgID, Raw: rec.Raw, Stored: rec.Stored}, err) || err != nil {
				return
			}
		}
	}
}

func (a *Archive) records(ctx context.Context, from uint64) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for n := int64(from-1) / merkle.TileWidth; n < int64(len(a.bundles)); n++ {
			if ctx.Err() != nil {
				yield(store.Record{}, ctx.Err())
				return
			}
			b, err := a.read(n, true)
			if err != nil {
				yield(store.Record{}, err)
				return
			}
			for _, rec := range b.records {
				if rec.Seq >= from && !yield(rec, nil) {
					return
				}
			}
		}
	}
}

// Log reads an archive as if it were the log: views can be folded from it.
type Log struct{ a *Archive }

// Log returns the archive as a log.
func (a *Archive) Log() Log { return Log{a} }

// Summit is the id of the summit.
func (l Log) Summit() string { return l.a.Summit }

// Info returns how long it is.
func (l Log) Info(context.Context) (store.Info, error) {
	n := uint64(l.a.Checkpoint.Size)
	return store.Info{First: 1, Last: n, Messages: n}, nil
}

// Get reads one event.
func (l Log) Get(ctx context.Context, seq uint64) (store.Record, error) {
	if seq > 0 && seq <= uint64(l.a.Checkpoint.Size) {
		for rec, err := range l.a.records(ctx, seq) {
			return rec, err
		}
	}
	return store.Record{}, fmt.Errorf("read event %d of the archive: %w", seq, store.ErrNotFound)
}

// Follow goes through the events from a sequence on, and then waits: nothing
// comes any more.
func (l Log) Follow(ctx context.Context, from uint64) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for rec, err := range l.a.records(ctx, max(from, 1)) {
			if !yield(rec, err) || err != nil {
				return
			}
		}
		<-ctx.Done()
		yield(store.Record{}, ctx.Err())
	}
}
