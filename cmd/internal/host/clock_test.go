package host

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// A clock that jumps an hour back and an hour forward moves no fact and turns
// no knowledge back: knowledge time is the running maximum along the log.
func TestAClockThatJumpsTurnsNoKnowledgeBack(t *testing.T) {
	b := newBroker(t)
	var offset atomic.Int64
	logs, err := store.Open(store.Conns{Append: b.connect("append"), Read: b.connect("read")}, store.Options{})
	b.must(err)
	h, err := Open(t.Context(), logs, Options{
		Views: filepath.Join(b.dir, "views"), Logger: slog.New(slog.DiscardHandler),
		Clock: func() time.Time { return recordedAt.Add(time.Duration(offset.Load())) },
	})
	b.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- h.Run(ctx) }()
	defer func() {
		cancel()
		b.must(<-ran)
		b.must(h.Close())
	}()
	s := b.summit(h, "jumps")
	known := recordedAt
	for i, jump := range []time.Duration{0, time.Minute, -time.Hour, -time.Hour + time.Second, 2 * time.Minute, time.Hour, 30 * time.Minute, time.Hour + time.Minute} {
		offset.Store(int64(jump))
		out, err := s.Record(t.Context(), []events.Event{note("jumps", numbered("note", i), fmt.Sprint("note ", i))}, nil)
		b.must(err)
		seq := out[0].Seq
		if seq != uint64(i)+2 {
			t.Fatalf("note %d stands at %d", i, seq)
		}
		b.must(s.Views.Wait(t.Context(), seq))
		if now := recordedAt.Add(jump); now.After(known) {
			known = now
		}
		if got, err := s.Views.KnowledgeTime(seq); err != nil || !got.Equal(known) {
			t.Errorf("note %d is known since %v (%v), not %v", i, got, err, known)
		}
		// Whoever asks for that instant sees it, and what was known before.
		at, err := s.Views.Resolve(known.Format(time.RFC3339), known)
		if err != nil || at.Seq != seq {
			t.Errorf("as known at %v: %+v, %v; want %d", known, at, err, seq)
		}
	}
}
