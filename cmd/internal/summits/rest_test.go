package summits

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"

	"github.com/summit-timeline/summit/events/eventstest"
)

// slow has a host look after its summits only when the test says so.
func slow(o *Options) { o.Every = time.Hour }

// rests lays a summit to rest that nobody has used, and waits until it sleeps.
func (b *broker) rests(h *Registry, s *Summit) {
	b.Helper()
	b.must(s.Views.AwaitCurrent(b.Context()))
	eventstest.Eventually(b, "it sleeps", func() bool {
		now := time.Now()
		h.sleepUnused(now) // notes how often it was used
		h.sleepUnused(now.Add(restAfter))
		return s.Views.Asleep()
	})
}

func (b *broker) consumers(s *Summit) int {
	b.Helper()
	stream, err := b.js.Stream(b.Context(), "SUMMIT_"+s.ID)
	b.must(err)
	return stream.CachedInfo().State.Consumers
}

// A summit at rest has no open file and no consumer. Whoever reads finds what was
// there, and whoever records is answered.
func TestASummitAtRestHoldsNothingAndIsThereWhenAskedFor(t *testing.T) {
	b := newBroker(t)
	h := b.run("views", slow)
	s := b.summit(h, "geneva")
	b.must(record(b.Context(), s, note("geneva", numbered("note", 0), "a")).err)
	for round := range 3 {
		b.rests(h, s)
		account, err := projections.ViewDigestOf(b.Context(), h.viewsPath(s.ID)) // nobody else may have the file open
		b.must(err)
		if head := s.Views.Head(); account.Position != head || head.Seq != uint64(2+round) {
			t.Errorf("the file is at %v, the summit at %v", account.Position, head)
		}
		eventstest.Eventually(b, "no consumer is left", func() bool { return b.consumers(s) == 0 })
		if causes := h.Unready(Surroundings{}); len(causes) > 0 {
			t.Errorf("a server whose summits sleep is not ready: %v", causes)
		}
		sum, err := s.Views.Summary(b.Context(), s.Views.Latest())
		if err != nil || sum.Facts != uint64(1+round) || s.Views.Asleep() {
			t.Errorf("read from sleep: %+v, %v; asleep: %t", sum, err, s.Views.Asleep())
		}
		b.rests(h, s)
		a := record(b.Context(), s, note("geneva", numbered("note", 1+round), "a"))
		b.must(a.err)
		b.must(s.Views.AwaitCurrent(b.Context()))
	}
}

// A summit that somebody holds, such as the reader of a live stream, does not sleep.
func TestASummitThatIsHeldDoesNotSleep(t *testing.T) {
	b := newBroker(t)
	h := b.run("views", slow)
	s := b.summit(h, "geneva")
	b.must(s.Views.AwaitCurrent(b.Context()))
	s.Views.Hold()
	for i := range 5 {
		h.sleepUnused(time.Now().Add(time.Duration(i) * time.Hour))
	}
	s.Views.Rest()
	b.must(record(b.Context(), s, note("geneva", numbered("note", 0), "a")).err)
	b.must(s.Views.Wait(b.Context(), 2))
	if s.Views.Asleep() {
		t.Error("it sleeps")
	}
	s.Views.Release()
	b.rests(h, s)
}

// A summit that wakes has what another server recorded meanwhile. If nobody asks for it,
// the recording itself wakes it.
func TestASummitAtRestMissesNothing(t *testing.T) {
	b := newBroker(t)
	one, two := b.run("one", slow), b.run("two", slow)
	here := b.summit(one, "geneva")
	b.must(two.look(b.Context()))
	there, _ := two.Summit("geneva")
	for n := range 20 {
		b.rests(one, here)
		b.must(record(b.Context(), there, note("geneva", numbered("note", n), "a")).err)
		if n%2 == 0 { // the look finds it
			b.must(one.look(b.Context()))
			b.must(here.Views.Wait(b.Context(), uint64(n+2)))
			continue
		}
		here.Views.Hold()
		b.must(here.Views.AwaitCurrent(b.Context()))
		if head := here.Views.Head(); head.Seq != uint64(n+2) {
			t.Errorf("read at %v, the log has %d events", head, n+2)
		}
		here.Views.Release()
	}
}

// Readers, recorders and sleep do not get into each other's way.
func TestASummitIsLaidToRestUnderItsUsers(t *testing.T) {
	b := newBroker(t)
	h := b.run("views", func(o *Options) { o.Every, o.RestAfter = time.Millisecond, time.Microsecond })
	s := b.summit(h, "geneva")
	const users, each = 8, 40
	faults := callers(users, func(user int) error {
		for n := range each {
			if a := record(b.Context(), s, note("geneva", numbered(fmt.Sprint(user), n), "a")); a.err != nil {
				return a.err
			}
			if err := s.Views.AwaitCurrent(b.Context()); err != nil {
				return err
			}
			sum, err := s.Views.Summary(b.Context(), s.Views.Latest())
			if err != nil || sum.Facts <= uint64(n) {
				return fmt.Errorf("%d facts after %d: %w", sum.Facts, n+1, err)
			}
			if n%10 == 9 {
				s.Views.Rest()
			}
		}
		return nil
	})
	for _, err := range faults {
		b.must(err)
	}
	if n := len(b.stored(s)); n != users*each+1 {
		t.Errorf("%d events", n)
	}
}

// Damage to the log of a sleeping summit is found.
func TestALogAtRestThatIsGoneIsFound(t *testing.T) {
	b := newBroker(t)
	h := b.run("views", slow)
	s := b.summit(h, "geneva")
	b.must(record(b.Context(), s, note("geneva", numbered("note", 0), "a")).err)
	b.rests(h, s)
	b.must(b.js.DeleteStream(b.Context(), "SUMMIT_geneva"))
	b.must(h.look(b.Context()))
	if d := b.doubted(s); d.Kind != projections.Vanished {
		t.Errorf("%v", d)
	}
}

// Views that are damaged while they sleep are rebuilt.
func TestViewsThatAreDamagedAtRestAreMadeAnew(t *testing.T) {
	b := newBroker(t)
	h := b.run("views", slow)
	s := b.summit(h, "geneva")
	b.must(record(b.Context(), s, note("geneva", numbered("note", 0), "a")).err)
	b.rests(h, s)
	b.must(os.WriteFile(h.viewsPath(s.ID), make([]byte, 1<<15), 0o600))
	s.Views.Hold()
	defer s.Views.Release()
	b.must(s.Views.Wait(b.Context(), 2))
	b.must(s.Views.AwaitCurrent(b.Context()))
	sum, err := s.Views.Summary(b.Context(), s.Views.Latest())
	if err != nil || sum.Facts != 1 {
		t.Errorf("%+v, %v", sum, err)
	}
	if kept, err := filepath.Glob(h.viewsPath(s.ID) + ".damaged*"); err != nil || len(kept) != 1 {
		t.Errorf("the damaged file was not kept: %v, %v", kept, err)
	}
}

// A server with very many summits starts with all of them at rest.
func TestVeryManySummitsStartAtRest(t *testing.T) {
	b := newBroker(t)
	const many = awakeAtStart + 6
	first := b.open("views", slow)
	ctx, stop := context.WithCancel(b.Context())
	ran := make(chan error, 1)
	go func() { ran <- first.Run(ctx) }()
	for n := range many {
		s := b.summit(first, fmt.Sprintf("summit-%d", n))
		b.must(s.Views.Wait(b.Context(), 1))
	}
	stop()
	b.must(<-ran)
	b.must(first.Close())
	h := b.run("views", slow)
	for _, s := range h.Summits() {
		if !s.Views.Asleep() {
			t.Errorf("%s is awake", s.ID)
		}
		if at, known := s.Views.LastKnown(); at.Seq != 1 || !known.Equal(recordedAt) {
			t.Errorf("%s is at %v, known since %v", s.ID, at, known)
		}
	}
	if causes := h.Unready(Surroundings{}); len(causes) > 0 || len(h.Summits()) != many {
		t.Errorf("%d summits, not ready: %v", len(h.Summits()), causes)
	}
	s, _ := h.Summit("summit-7")
	a := record(b.Context(), s, note("summit-7", uuid.NewString(), "a"))
	b.must(a.err)
	if a.outcomes[0].Seq != 2 || a.outcomes[0].Outcome != store.Created {
		t.Errorf("%+v", a.outcomes)
	}
	b.must(s.Views.Wait(b.Context(), 2))
}
