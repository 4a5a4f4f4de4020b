package engine

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/summit-timeline/summit/store"
)

// growing is a log to which a test appends while it is followed.
type growing struct {
	mu    sync.Mutex
	list  words
	grown chan struct{}
}

func (g *growing) append(word string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.list = append(g.list, word)
	close(g.grown)
	g.grown = make(chan struct{})
}

func (g *growing) now() (words, <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.list, g.grown
}

func (g *growing) Summit() string { return "words" }

func (g *growing) Get(ctx context.Context, seq uint64) (store.Record, error) {
	list, _ := g.now()
	return list.Get(ctx, seq)
}

func (g *growing) Info(ctx context.Context) (store.Info, error) {
	list, _ := g.now()
	return list.Info(ctx)
}

func (g *growing) Follow(ctx context.Context, from uint64) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for seq := from; ; {
			list, grown := g.now()
			for ; seq <= uint64(len(list)); seq++ {
				if !yield(list.Get(ctx, seq)) {
					return
				}
			}
			select {
			case <-grown:
			case <-ctx.Done():
				yield(store.Record{}, ctx.Err())
				return
			}
		}
	}
}

// live runs an engine on a log in a bubble of its own time, with the number of
// transactions that it made.
func live(t *testing.T, test func(t *testing.T, e *Engine, log *growing, commits func() int)) {
	synctest.Test(t, func(t *testing.T) {
		log := &growing{list: words{"a"}, grown: make(chan struct{})}
		var mu sync.Mutex
		made := 0
		count := func(string, uint64, []string) func(error) {
			return func(error) {
				mu.Lock()
				defer mu.Unlock()
				made++
			}
		}
		e, err := Open(filepath.Join(t.TempDir(), "views.db"), log, func() Fold { return &lengths{version: 1, forgotten: new(int)} }, Options{NoSync: true, Commit: count})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- e.Run(ctx) }()
		if err := e.Await(ctx, 1); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		test(t, e, log, func() int {
			mu.Lock()
			defer mu.Unlock()
			return made
		})
		cancel()
		if err := errors.Join(<-ended, e.Close()); err != nil {
			t.Fatal(err)
		}
	})
}

// Events that come one after the other are committed together, as long as nobody waits:
// the first at once, the others when they have gathered.
func TestEventsGatherForACommit(t *testing.T) {
	live(t, func(t *testing.T, e *Engine, log *growing, commits func() int) {
		before := commits()
		for range 10 {
			log.append("word")
			time.Sleep(gathering / 10)
		}
		time.Sleep(2 * gathering)
		if made := commits() - before; made < 1 || made > 3 || e.Head().Seq != 11 {
			t.Errorf("%d commits of ten events, up to %s", made, e.Head())
		}
		if got := lengthsOf(t, e); len(got) != 11 || got[10] != 4 {
			t.Errorf("rows %v", got)
		}
	})
}

// Who waits for an event has it committed without any delay.
func TestNothingGathersWhileSomebodyWaits(t *testing.T) {
	live(t, func(t *testing.T, e *Engine, log *growing, commits func() int) {
		began, before := time.Now(), commits()
		for range 10 {
			log.append("word")
			list, _ := log.now()
			if err := e.Await(t.Context(), uint64(len(list))); err != nil {
				t.Fatal(err)
			}
		}
		if waited := time.Since(began); waited != 0 || commits()-before != 10 {
			t.Errorf("%d commits within %v", commits()-before, waited)
		}
	})
}

// A read that is owed an event which does not come is told so at its deadline.
func TestAReadIsToldWhatItLacks(t *testing.T) {
	live(t, func(t *testing.T, e *Engine, log *growing, _ func() int) {
		e.Owe(2)
		e.Owe(1) // what was owed stays owed
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var behind *BehindError
		if err := e.AwaitCurrent(ctx); !errors.As(err, &behind) || behind.Want != 2 || behind.Head.Seq != 1 || e.Current() {
			t.Errorf("%v, current: %v", err, e.Current())
		}
		log.append("word")
		if err := e.AwaitCurrent(t.Context()); err != nil || !e.Current() || e.Owed() != 2 {
			t.Errorf("%v, current: %v, owed %d", err, e.Current(), e.Owed())
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := e.Await(gone, 3); !errors.Is(err, context.Canceled) {
			t.Errorf("who has gone is told %v", err)
		}
	})
}

// A queue takes so many events and no more until some were taken, and gives them in
// their order.
func TestAQueueHoldsWhatWasPut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(3)
		var group sync.WaitGroup
		group.Go(func() {
			for seq := range uint64(10) {
				if err := q.put(t.Context(), Event{Record: store.Record{Seq: seq}}); err != nil {
					t.Error(err)
				}
			}
			q.end()
		})
		next := uint64(0)
		for {
			synctest.Wait()
			list := q.take()
			if len(list) == 0 {
				break
			}
			if len(list) > 3 {
				t.Errorf("%d events of three", len(list))
			}
			for _, e := range list {
				if e.Seq != next {
					t.Errorf("event %d comes after %d", e.Seq, next)
				}
				next++
			}
		}
		group.Wait()
		if next != 10 {
			t.Errorf("%d events of ten", next)
		}
		if list := q.take(); len(list) != 0 {
			t.Errorf("%d events after the end", len(list))
		}
	})
}

func TestWhoWaitsForRoomInAQueueMayGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		first, second := q.put(ctx, Event{}), q.put(ctx, Event{})
		if first != nil || !errors.Is(second, context.DeadlineExceeded) {
			t.Errorf("%v, %v", first, second)
		}
	})
}
