package logtest

import (
	"context"
	"errors"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// Log is what every log offers.
type Log interface {
	Summit() string
	Append(ctx context.Context, list []events.Event, expect store.Expect) ([]store.Result, error)
	Read(ctx context.Context, from, to uint64) iter.Seq2[store.Record, error]
	ReadBytes(ctx context.Context, from, to uint64) iter.Seq2[store.Record, error]
	Follow(ctx context.Context, from uint64) iter.Seq2[store.Record, error]
	Get(ctx context.Context, seq uint64) (store.Record, error)
	Info(ctx context.Context) (store.Info, error)
}

// TB is the part of a test, or of one try of a property, that a bench needs.
type TB interface {
	Helper()
	Cleanup(func())
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// Bench makes logs to be tested.
type Bench struct {
	// New makes the log of a summit that holds Opened(summit) alone.
	New func(t TB, summit string) Log
	// LosePublish makes the next append fail before anything is stored.
	LosePublish func(Log)
	// LoseAck makes the next append fail after everything is stored.
	LoseAck func(Log)
	// Walks is how many logs are walked at random at most; 0 is as many as
	// rapid tries.
	Walks int
}

// Run tests a log against what every log must do.
func Run(t *testing.T, b Bench) {
	for name, test := range map[string]func(*testing.T, Bench){
		"read back byte for byte": testReadBack, "outcomes": testOutcomes, "batches": testBatches, "ranges": testRanges,
		"lost on the way": testLosses, "follow": testFollow, "race": testRace, "walk": testWalk,
	} {
		t.Run(name, func(t *testing.T) { test(t, b) })
	}
}

// patience is how long a test waits for what must come.
const patience = time.Minute

func deadline(t TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// appendOnce repeats an append while the log is out of reach: what a caller is
// told to do. Where the log has then moved on, what stands after the expected
// sequence reports whether it was by this very append.
func appendOnce(t TB, l Log, list []events.Event, expect store.Expect) ([]store.Result, error) {
	ctx := deadline(t)
	for again := false; ; again = true {
		results, err := l.Append(ctx, list, expect)
		var conflict *store.ConflictError
		switch {
		case errors.As(err, &conflict) && again && ownAfter(ctx, l, list, expect.Last()):
			return created(list, expect.Last()), nil
		case !errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil:
			return results, err
		}
	}
}

// ownAfter reports whether an event of the list stands right after a sequence.
func ownAfter(ctx context.Context, l Log, list []events.Event, after uint64) bool {
	rec, err := l.Get(ctx, after+1)
	raw, encodeErr := events.Encode(list[0])
	return err == nil && encodeErr == nil && string(rec.Raw) == string(raw)
}

func created(list []events.Event, after uint64) []store.Result {
	results := make([]store.Result, len(list))
	for i := range results {
		results[i] = store.Result{Seq: after + uint64(i) + 1, Outcome: store.Created}
	}
	return results
}

func mustAppend(t TB, l Log, list []events.Event, expect store.Expect) []store.Result {
	t.Helper()
	results, err := appendOnce(t, l, list, expect)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// holds compares a log with the events it should hold.
func holds(t TB, l Log, want []events.Event) {
	t.Helper()
	seq := uint64(0)
	for rec, err := range l.Read(deadline(t), 1, 0) {
		if err != nil || rec.Err != nil {
			t.Fatal(err, rec.Err)
		}
		if seq++; rec.Seq != seq || seq > uint64(len(want)) {
			t.Fatalf("read event %d after %d; there should be %d", rec.Seq, seq-1, len(want))
		}
		raw, err := events.Encode(want[seq-1])
		if err != nil {
			t.Fatal(err)
		}
		if string(rec.Raw) != string(raw) {
			t.Fatalf("event %d is %s, want %s", seq, rec.Raw, raw)
		}
	}
	if seq != uint64(len(want)) {
		t.Fatalf("the log holds %d events, want %d", seq, len(want))
	}
}

func testReadBack(t *testing.T, b Bench) {
	l := b.New(t, "bytes")
	want := append([]events.Event{Opened("bytes")}, Notes("bytes", 1, 5)...)
	mustAppend(t, l, want[1:2], store.After(1))
	mustAppend(t, l, want[2:5], store.After(2))
	mustAppend(t, l, want[5:], store.After(5))
	holds(t, l, want)
	rec, err := l.Get(deadline(t), 3)
	if err != nil || rec.Event.ID != want[2].ID {
		t.Errorf("got %s, %v", rec.Event.ID, err)
	}
	if info, err := l.Info(deadline(t)); err != nil || info.First != 1 || info.Last != 6 || info.Messages != 6 {
		t.Errorf("got %+v, %v", info, err)
	}
}

func testRanges(t *testing.T, b Bench) {
	l := b.New(t, "ranges")
	mustAppend(t, l, Notes("ranges", 1, 9), store.After(1))
	for _, c := range []struct{ from, to, first, last uint64 }{{1, 0, 1, 10}, {0, 3, 1, 3}, {4, 4, 4, 4}, {9, 99, 9, 10}, {11, 0, 0, 0}, {5, 4, 0, 0}} {
		for name, read := range map[string]iter.Seq2[store.Record, error]{"events": l.Read(deadline(t), c.from, c.to), "bytes": l.ReadBytes(deadline(t), c.from, c.to)} {
			var first, last uint64
			for rec, err := range read {
				if err != nil || len(rec.Raw) == 0 || rec.Subject == "" || rec.MsgID == "" || (rec.Event.ID == "") != (name == "bytes") {
					t.Fatal(name, rec, err)
				}
				if first == 0 {
					first = rec.Seq
				}
				last = rec.Seq
			}
			if first != c.first || last != c.last {
				t.Errorf("%s, %d to %d: read %d to %d", name, c.from, c.to, first, last)
			}
		}
	}
	if _, err := l.Get(deadline(t), 11); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

// testOutcomes appends where the log does not end: nothing is taken, whether it is
// there already or not.
func testOutcomes(t *testing.T, b Bench) {
	l := b.New(t, "outcomes")
	ctx, first := deadline(t), Note("outcomes", 1)
	mustAppend(t, l, []events.Event{first}, store.After(1))
	for _, e := range []events.Event{first, Note("outcomes", 9)} {
		for _, seq := range []uint64{0, 1, 3} {
			var conflict *store.ConflictError
			if results, err := l.Append(ctx, []events.Event{e}, store.After(seq)); !errors.As(err, &conflict) || conflict.Last != 2 || conflict.Expected != seq {
				t.Errorf("expected after %d: %v, %v", seq, results, err)
			}
		}
	}
	holds(t, l, []events.Event{Opened("outcomes"), first})
}

func testBatches(t *testing.T, b Bench) {
	l := b.New(t, "batches")
	ctx, notes := deadline(t), Notes("batches", 1, 4)
	results := mustAppend(t, l, notes[:2], store.After(1))
	for i, r := range results {
		if r != (store.Result{Seq: uint64(i) + 2, Outcome: store.Created}) {
			t.Errorf("event %d: %v", i, r)
		}
	}
	var conflict *store.ConflictError
	if _, err := l.Append(ctx, notes[2:], store.After(1)); !errors.As(err, &conflict) {
		t.Errorf("another first: %v", err)
	}
	holds(t, l, append([]events.Event{Opened("batches")}, notes[:2]...))
	if results, err := l.Append(ctx, nil, store.After(3)); err != nil || len(results) != 0 {
		t.Errorf("nothing: %v, %v", results, err)
	}
}

// testLosses fails in pairs: failed and not stored, failed but stored.
func testLosses(t *testing.T, b Bench) {
	l := b.New(t, "losses")
	want := []events.Event{Opened("losses")}
	for i, lose := range []func(Log){b.LosePublish, b.LoseAck, b.LoseAck, b.LosePublish} {
		for _, size := range []int{1, 3, 40} {
			list := Notes("losses", len(want), size)
			lose(l)
			for j, r := range mustAppend(t, l, list, store.After(uint64(len(want)))) {
				if r.Seq != uint64(len(want)+j+1) || r.Outcome != store.Created {
					t.Fatalf("loss %d of %d events: event %d: %v", i, size, j, r)
				}
			}
			want = append(want, list...)
			holds(t, l, want)
		}
	}
}

func testFollow(t *testing.T, b Bench) {
	l := b.New(t, "follow")
	const total = 200
	var writer sync.WaitGroup
	defer writer.Wait()
	writer.Go(func() {
		for i := 1; i < total; i++ {
			if i%50 == 0 {
				b.LoseAck(l)
			}
			if _, err := appendOnce(t, l, []events.Event{Note("follow", i)}, store.After(uint64(i))); err != nil {
				t.Error(err)
				return
			}
		}
	})
	next := uint64(1)
	for rec, err := range l.Follow(deadline(t), 1) {
		if err != nil {
			t.Fatal(err)
		}
		if rec.Seq != next {
			t.Fatalf("event %d came, %d was next", rec.Seq, next)
		}
		if next++; rec.Seq == total {
			break
		}
	}
}

// testRace lets several writers race for every place in the log.
func testRace(t *testing.T, b Bench) {
	l := b.New(t, "race")
	const writers, each = 4, 25
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range each {
				e, end := Note("race", w*each+i), uint64(1)
				for {
					_, err := appendOnce(t, l, []events.Event{e}, store.After(end))
					var conflict *store.ConflictError
					if !errors.As(err, &conflict) {
						if err != nil {
							t.Error(err)
						}
						break
					}
					end = conflict.Last
				}
			}
		})
	}
	group.Wait()
	seen := map[string]uint64{}
	for rec, err := range l.Read(deadline(t), 1, 0) {
		if err != nil || rec.Err != nil {
			t.Fatal(err, rec.Err)
		}
		if first := seen[rec.Event.ID]; first != 0 {
			t.Errorf("event %d is event %d again", rec.Seq, first)
		}
		seen[rec.Event.ID] = rec.Seq
	}
	if len(seen) != 1+writers*each {
		t.Errorf("%d events, want %d", len(seen), 1+writers*each)
	}
}
