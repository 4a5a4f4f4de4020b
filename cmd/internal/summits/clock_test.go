package summits

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
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
		// A reader of that instant sees it, and what was known before.
		at, err := s.Views.Resolve(known.Format(time.RFC3339), known)
		if err != nil || at.Seq != seq {
			t.Errorf("as known at %v: %+v, %v; want %d", known, at, err, seq)
		}
	}
}

// hosted runs a registry with a clock that the test moves.
func (b *broker) hosted(views string, offset *atomic.Int64, set ...func(*Options)) *Registry {
	b.Helper()
	return b.run(views, append(set, func(o *Options) {
		o.Clock = func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
	})...)
}

// A server whose clock is outside the range of an event's times acknowledges no event
// that cannot be read.
func TestAClockThatNoEventCanShowRecordsNothing(t *testing.T) {
	b := newBroker(t)
	var offset atomic.Int64
	h := b.run("views", func(o *Options) {
		o.Clock = func() time.Time { return time.Date(2025+int(offset.Load()), 1, 1, 0, 0, 0, 0, time.UTC) }
	})
	s := b.summit(h, "years")
	for _, years := range []int64{176, 1000, 8000, -226, -2024} {
		offset.Store(years)
		if a := record(t.Context(), s, note("years", numbered("note", int(years)), "a")); !errors.Is(a.err, ErrClock) || !errors.Is(a.err, store.ErrUnavailable) {
			t.Errorf("in %d: %+v, %v", 2025+years, a.outcomes, a.err)
		}
		if _, _, err := h.OpenSummit(t.Context(), opened("other", "", "other")); !errors.Is(err, ErrClock) {
			t.Errorf("opened in %d: %v", 2025+years, err)
		}
	}
	offset.Store(0)
	b.must(record(t.Context(), s, note("years", numbered("note", 0), "a")).err)
	b.onceEach(s, 2)
}

// A replica whose clock is off against the broker's records nothing, and says so,
// until it is set; the others go on.
func TestAReplicaWhoseClockIsOffRecordsNothing(t *testing.T) {
	b := newBroker(t)
	var here, there atomic.Int64
	off, right := b.hosted("off", &here, sharing), b.hosted("right", &there, sharing)
	b.summit(right, "geneva")
	s, other := b.known(off, "geneva"), b.known(right, "geneva")
	for i, by := range []time.Duration{time.Hour, -time.Hour, 2 * time.Second, -2 * time.Second} {
		here.Store(int64(by))
		a := record(t.Context(), s, note("geneva", numbered("off", i), "a"))
		if !errors.Is(a.err, ErrClock) {
			t.Errorf("off by %v: %+v, %v", by, a.outcomes, a.err)
		}
		off.watchClock(t.Context())
		causes := off.Unready(Surroundings{})
		if !slices.ContainsFunc(causes, func(c Cause) bool { return c.Kind == ClockOff }) {
			t.Errorf("off by %v: %v", by, causes)
		}
		if _, _, err := off.OpenSummit(t.Context(), opened("other", "", "other")); !errors.Is(err, ErrClock) {
			t.Errorf("opened, off by %v: %v", by, err)
		}
		b.must(record(t.Context(), other, note("geneva", numbered("right", i), "a")).err)
	}
	here.Store(0)
	b.must(record(t.Context(), s, note("geneva", numbered("set", 0), "a")).err)
	off.watchClock(t.Context())
	if err := off.Clock(); err != nil {
		t.Errorf("still: %v", err)
	}
	b.onceEach(s, 6)
}

// An event after one with a later time than the clock gets no earlier time than that
// one, unless the clock is too far behind.
func TestAClockThatStepsBackStampsNotBeforeTheLog(t *testing.T) {
	b := newBroker(t)
	var offset atomic.Int64
	base := time.Now().UTC().Truncate(time.Millisecond)
	s := b.summit(b.run("views", func(o *Options) { o.Clock = func() time.Time { return base.Add(time.Duration(offset.Load())) } }), "steps")
	for i, c := range []struct{ clock, want time.Duration }{
		{0, 0}, {10 * time.Second, 10 * time.Second}, {3 * time.Second, 10 * time.Second}, {-15 * time.Second, 10 * time.Second}, {-time.Hour, -time.Hour}, {11 * time.Second, 11 * time.Second},
	} {
		offset.Store(int64(c.clock))
		a := record(t.Context(), s, note("steps", numbered("note", i), "a"))
		b.must(a.err)
		rec, err := s.Log.Get(t.Context(), a.outcomes[0].Seq)
		b.must(err)
		if got := rec.Event.Recorded.Sub(base); got != c.want {
			t.Errorf("note %d at %v is stamped %v, want %v", i, c.clock, got, c.want)
		}
	}
}

// If the clock is set back between the stamp of a fact and its append, the fact
// seems to come from the future and is quarantined. It is recorded again before the
// caller is answered.
func TestAFactStandsThoughTheClockIsSetBackBeforeItsAppend(t *testing.T) {
	b := newBroker(t)
	var offset atomic.Int64
	h := b.hosted("views", &offset, func(o *Options) {
		o.Append = func(string, []context.Context, [][]string) func(error) {
			offset.Store(0)
			return func(error) {}
		}
	})
	s := b.summit(h, "back")
	for i := range 3 {
		offset.Store(int64(time.Hour))
		e := note("back", numbered("note", i), fmt.Sprint("note ", i))
		out, err := s.Record(t.Context(), []events.Event{e}, nil)
		b.must(err)
		if out[0].Outcome != store.Created {
			t.Errorf("note %d: %+v", i, out[0])
		}
		b.must(s.Views.Wait(t.Context(), out[0].Seq))
		if seq, found, err := s.Views.Find(e.ID); err != nil || !found || seq != out[0].Seq {
			t.Errorf("note %d was acknowledged at %d and stands at %d (%v, %v)", i, out[0].Seq, seq, found, err)
		}
		again, err := s.Record(t.Context(), []events.Event{e}, nil)
		b.must(err)
		if again[0].Outcome != store.Duplicate || again[0].Seq != out[0].Seq {
			t.Errorf("note %d again: %+v, was at %d", i, again[0], out[0].Seq)
		}
	}
}

// The same holds for an opening, which must be the first event of its log. When the
// caller is answered, the opening stands or nothing is left of it.
func TestAnOpeningStandsThoughTheClockIsSetBackBeforeItsAppend(t *testing.T) {
	b := newBroker(t)
	var ahead atomic.Int64 // how many readings of the clock are still an hour ahead
	h := b.run("views", func(o *Options) {
		o.Every = time.Hour // nobody else reads the clock
		o.Clock = func() time.Time {
			if ahead.Add(-1) >= 0 {
				return time.Now().Add(time.Hour)
			}
			return time.Now()
		}
	})
	e := opened("back", numbered("back", 0), "back")
	ahead.Store(1)
	s, out, err := h.OpenSummit(t.Context(), e)
	b.must(err)
	if out.Seq != 1 || out.Outcome != store.Created || ahead.Load() > -3 {
		t.Errorf("%+v; the clock was read %d times", out, 1-ahead.Load())
	}
	b.must(s.Views.Wait(t.Context(), 1))
	if seq, found, err := s.Views.Find(e.ID); err != nil || !found || seq != 1 {
		t.Errorf("the opening was acknowledged and stands at %d (%v, %v)", seq, found, err)
	}
	if _, out, err = h.OpenSummit(t.Context(), e); err != nil || out.Outcome != store.Duplicate {
		t.Errorf("opened again: %+v, %v", out, err)
	}
	b.must(record(t.Context(), s, note("back", numbered("note", 0), "a")).err)
	b.onceEach(s, 2)
}

// A fact whose append is held up is appended with the time at which it is, not with the
// one at which it was first tried: what was known at an instant is settled two seconds later.
func TestAnAppendThatIsHeldUpIsStampedAgain(t *testing.T) {
	b := newBroker(t)
	held := 0
	s := b.summit(b.run("views", func(o *Options) {
		o.Clock = time.Now
		o.Append = func(string, []context.Context, [][]string) func(error) {
			if held++; held == 1 {
				<-time.After(stampHolds + 200*time.Millisecond)
			}
			return func(error) {}
		}
	}), "held")
	began := time.Now()
	a := record(t.Context(), s, note("held", numbered("note", 1), "a"))
	b.must(a.err)
	rec, err := s.Log.Get(t.Context(), a.outcomes[0].Seq)
	b.must(err)
	if late := rec.Event.Recorded.Sub(began); late < stampHolds {
		t.Errorf("it is stamped %v after it was asked for", late)
	}
	b.onceEach(s, 2)
}
