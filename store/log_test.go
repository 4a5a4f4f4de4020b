package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/embedded"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open starts a server on a folder and opens the logs in it.
func open(t testing.TB, dir string) (*store.Logs, func()) {
	t.Helper()
	s, err := embedded.Start(embedded.Options{Dir: dir, Secret: uuid.NewString()})
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.Connect("append")
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Connect("read")
	if err != nil {
		t.Fatal(err)
	}
	logs, err := store.Open(store.Conns{Append: w, Read: r}, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	closed := false
	stop := func() {
		if closed {
			return
		}
		closed = true
		w.Close()
		r.Close()
		if err := s.Shutdown(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return logs, stop
}

var epoch = time.Date(2025, 8, 14, 12, 0, 0, 0, time.UTC)

func opened(id string) events.Event {
	return events.Event{
		ID: uuid.NewSHA1(uuid.Nil, []byte(id)).String(), Source: "/desks/test", Type: events.TypeSummitOpened,
		Subject: events.Entity{Kind: events.KindSummit, ID: id}, Summit: id, Recorded: events.Instant{Time: epoch},
		Data: &events.SummitOpened{Title: "Test", Zone: "UTC", Parties: []events.Party{{ID: "a", Name: "A"}}},
	}
}

func note(summit string, n int) events.Event {
	return events.Event{
		ID: uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "%s %d", summit, n)).String(), Source: "/desks/test", Type: events.TypeNoteAdded,
		Subject: events.Entity{Kind: events.KindNote, ID: fmt.Sprintf("n-%d", n)}, Summit: summit,
		Recorded: events.Instant{Time: epoch.Add(time.Duration(n) * time.Second)},
		Data: &events.NoteAdded{
			Common: events.Common{Sources: events.Sources{{ID: "s", Name: "Somebody"}}}, Text: fmt.Sprintf("note %d", n),
		},
	}
}

func context10(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func create(t testing.TB, logs *store.Logs, id string) *store.Log {
	t.Helper()
	log, _, err := logs.Create(context10(t), opened(id))
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func TestAppendedEventsAreReadBackByteForByte(t *testing.T) {
	dir := t.TempDir()
	logs, stop := open(t, dir)
	ctx := context10(t)
	log := create(t, logs, "one")
	want := map[uint64]string{}
	for _, batch := range [][]events.Event{{note("one", 1)}, {note("one", 2), note("one", 3), note("one", 4)}} {
		info, err := log.Info(ctx)
		if err != nil {
			t.Fatal(err)
		}
		results, err := log.Append(ctx, batch, store.After(info.Last))
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range results {
			raw, _ := events.Encode(batch[i])
			want[r.Seq] = string(raw)
			if r.Outcome != store.Created {
				t.Errorf("event %d is %s", r.Seq, r.Outcome)
			}
		}
	}
	stop()
	logs, _ = open(t, dir)
	log, err := logs.Open(ctx, "one")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for rec, err := range log.Read(ctx, 2, 0) {
		if err != nil || rec.Err != nil {
			t.Fatal(err, rec.Err)
		}
		if string(rec.Raw) != want[rec.Seq] {
			t.Errorf("event %d is %s, want %s", rec.Seq, rec.Raw, want[rec.Seq])
		}
		n++
	}
	if n != 4 {
		t.Errorf("read %d events, want 4", n)
	}
}

func TestOutcomes(t *testing.T) {
	logs, _ := open(t, t.TempDir())
	ctx := context10(t)
	log := create(t, logs, "two")
	first := note("two", 1)
	if _, err := log.Append(ctx, []events.Event{first}, store.After(1)); err != nil {
		t.Fatal(err)
	}
	later := first
	later.Recorded = events.Instant{Time: first.Recorded.Add(time.Hour)}
	other := first
	other.Data = &events.NoteAdded{Common: *first.Data.Base(), Text: "another"}

	t.Run("the same again is a duplicate, whatever is expected", func(t *testing.T) {
		for name, expect := range map[string]store.Expect{"anywhere": store.Anywhere(), "after 2": store.After(2), "after 1": store.After(1)} {
			results, err := log.Append(ctx, []events.Event{later}, expect)
			if err != nil || results[0] != (store.Result{Seq: 2, Outcome: store.Duplicate}) {
				t.Errorf("%s: %v, %v", name, results, err)
			}
		}
	})
	t.Run("the same id with other content is refused", func(t *testing.T) {
		var taken *store.IDTakenError
		if _, err := log.Append(ctx, []events.Event{other}, store.After(2)); !errors.As(err, &taken) || taken.Seq != 2 {
			t.Errorf("got %v", err)
		}
	})
	t.Run("another event first is a conflict", func(t *testing.T) {
		var conflict *store.ConflictError
		if _, err := log.Append(ctx, []events.Event{note("two", 9)}, store.After(1)); !errors.As(err, &conflict) || conflict.Last != 2 {
			t.Errorf("got %v", err)
		}
		if _, err := log.Append(ctx, []events.Event{note("two", 8), note("two", 9)}, store.After(1)); !errors.As(err, &conflict) {
			t.Errorf("batch: got %v", err)
		}
	})
	t.Run("a batch is all or nothing", func(t *testing.T) {
		var partial *store.PartialError
		if _, err := log.Append(ctx, []events.Event{note("two", 5), first}, store.After(2)); !errors.As(err, &partial) {
			t.Errorf("got %v", err)
		}
		if info, _ := log.Info(ctx); info.Last != 2 {
			t.Errorf("the log ends at %d, want 2", info.Last)
		}
	})
	t.Run("a summit is opened once", func(t *testing.T) {
		if _, r, err := logs.Create(ctx, opened("two")); err != nil || r.Outcome != store.Duplicate && r.Outcome != store.Created || r.Seq != 1 {
			t.Errorf("%v, %v", r, err)
		}
		another := opened("two")
		another.ID = uuid.NewSHA1(uuid.Nil, []byte("x")).String()
		if _, _, err := logs.Create(ctx, another); !errors.Is(err, store.ErrExists) {
			t.Errorf("got %v", err)
		}
	})
}

func TestFollowHasNoSeam(t *testing.T) {
	logs, _ := open(t, t.TempDir())
	ctx := context10(t)
	log := create(t, logs, "three")
	const total = 300
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 1; i < total; i++ {
			if _, err := log.Append(ctx, []events.Event{note("three", i)}, store.After(uint64(i))); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	next := uint64(1)
	for rec, err := range log.Follow(ctx, 1) {
		if err != nil {
			t.Fatal(err)
		}
		if rec.Seq != next {
			t.Fatalf("got %d, want %d", rec.Seq, next)
		}
		if next++; rec.Seq == total {
			break
		}
	}
	<-done // the last acknowledgement may come after the event itself
}

func TestOneProcessAFolder(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	if _, err := embedded.Start(embedded.Options{Dir: dir, Secret: "x"}); !errors.Is(err, embedded.ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
}

func BenchmarkFdatasync(b *testing.B) {
	f, err := os.Create(b.TempDir() + "/f")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	raw := make([]byte, 600)
	for b.Loop() {
		if _, err := f.Write(raw); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendOne(b *testing.B) {
	logs, _ := open(b, b.TempDir())
	log := create(b, logs, "bench")
	ctx := context.Background()
	last := uint64(1)
	for b.Loop() {
		results, err := log.Append(ctx, []events.Event{note("bench", int(last))}, store.After(last))
		if err != nil {
			b.Fatal(err)
		}
		last = results[0].Seq
	}
}

func BenchmarkAppendBatch1000(b *testing.B) {
	logs, _ := open(b, b.TempDir())
	log := create(b, logs, "bench")
	ctx := context.Background()
	last := uint64(1)
	for b.Loop() {
		batch := make([]events.Event, store.MaxBatch)
		for i := range batch {
			batch[i] = note("bench", int(last)+i)
		}
		results, err := log.Append(ctx, batch, store.After(last))
		if err != nil {
			b.Fatal(err)
		}
		last = results[len(results)-1].Seq
	}
	b.ReportMetric(float64(b.N*store.MaxBatch)/b.Elapsed().Seconds(), "events/s")
}
