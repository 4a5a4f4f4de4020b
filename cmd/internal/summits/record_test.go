package summits

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

// callers calls at once, and gives each one's outcome.
func callers[T any](n int, call func(i int) T) []T {
	out := make([]T, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			out[i] = call(i)
		})
	}
	close(start)
	all.Wait()
	return out
}

// answered is what a caller was answered.
type answered struct {
	outcomes []Outcome
	err      error
}

func record(ctx context.Context, s *Summit, list ...events.Event) answered {
	out, err := s.Record(ctx, list, nil)
	return answered{out, err}
}

func TestEachOfManyCallersIsRecordedOnce(t *testing.T) {
	b := newBroker(t)
	s := b.summit(b.run("views"), "geneva")
	const n, each = 64, 8
	seqs := map[uint64]string{}
	for _, caller := range callers(n, func(i int) []answered {
		var list []answered
		for k := range each {
			list = append(list, record(b.Context(), s, note("geneva", numbered("note", i*each+k), fmt.Sprint(i, " ", k))))
		}
		return list
	}) {
		last := uint64(0)
		for _, a := range caller {
			b.must(a.err)
			o := a.outcomes[0]
			if o.Outcome != store.Created || o.Seq <= last || seqs[o.Seq] != "" {
				t.Errorf("%+v after %d; %s has that sequence", o, last, seqs[o.Seq])
			}
			last, seqs[o.Seq] = o.Seq, o.ID
		}
	}
	stored := b.stored(s)
	for i := range n * each {
		if stored[numbered("note", i)] != 1 {
			t.Errorf("event %d is in the log %d times", i, stored[numbered("note", i)])
		}
	}
	if len(stored) != 1+n*each {
		t.Errorf("%d events in the log", len(stored))
	}
}

func TestBatchesOfManyCallersStandWhole(t *testing.T) {
	b := newBroker(t)
	s := b.summit(b.run("views"), "geneva")
	const n, size = 24, 90 // more than go into one atomic batch together
	for i, a := range callers(n, func(i int) answered {
		var list []events.Event
		for k := range size {
			list = append(list, note("geneva", numbered("note", i*size+k), fmt.Sprint(i, " ", k)))
		}
		return record(b.Context(), s, list...)
	}) {
		b.must(a.err)
		for k, o := range a.outcomes {
			if o.Outcome != store.Created || o.Seq != a.outcomes[0].Seq+uint64(k) || o.ID != numbered("note", i*size+k) {
				t.Fatalf("caller %d, event %d: %+v after %+v", i, k, o, a.outcomes[0])
			}
		}
	}
	if got := len(b.stored(s)); got != 1+n*size {
		t.Errorf("%d events in the log", got)
	}
}

func TestARefusedEventDoesNotFailItsNeighbours(t *testing.T) {
	b := newBroker(t)
	s := b.summit(b.run("views"), "geneva")
	const n = 64
	for i := range n {
		b.must(record(b.Context(), s, note("geneva", numbered("note", i), fmt.Sprint(i))).err)
	}
	for i, a := range callers(n, func(i int) answered {
		switch i % 4 {
		case 0: // stands
			return record(b.Context(), s, retraction("geneva", numbered("good", i), numbered("note", i)))
		case 1: // amends nothing
			return record(b.Context(), s, retraction("geneva", numbered("bad", i), numbered("nothing", i)))
		case 2: // says something else under an id that is taken
			return record(b.Context(), s, note("geneva", numbered("note", i), "something else"))
		}
		return record(b.Context(), s, note("geneva", numbered("more", i), fmt.Sprint(i)))
	}) {
		var in *projections.Inadmissible
		var taken *store.IDTakenError
		switch {
		case i%4 == 1 && !errors.As(a.err, &in), i%4 == 2 && !errors.As(a.err, &taken):
			t.Errorf("caller %d: %v", i, a.err)
		case (i%4 == 0 || i%4 == 3) && (a.err != nil || a.outcomes[0].Outcome != store.Created):
			t.Errorf("caller %d: %+v, %v", i, a.outcomes, a.err)
		}
	}
	stored := b.stored(s)
	if len(stored) != 1+n+n/2 {
		t.Errorf("%d events in the log, want %d", len(stored), 1+n+n/2)
	}
	for i := range n {
		if stored[numbered("bad", i)] != 0 {
			t.Errorf("the refused event %d is in the log", i)
		}
	}
}

func TestOneOfRivalAmendmentsStands(t *testing.T) {
	b := newBroker(t)
	s := b.summit(b.run("views"), "geneva")
	b.must(record(b.Context(), s, note("geneva", numbered("note", 0), "a")).err)
	seen := s.Views.Head()
	seen.Seq = 2
	created := 0
	for i, a := range callers(32, func(i int) answered {
		out, err := s.Record(b.Context(), []events.Event{retraction("geneva", numbered("rival", i), numbered("note", 0))}, &seen)
		return answered{out, err}
	}) {
		switch {
		case a.err == nil:
			created++
		case !errors.Is(a.err, ErrMoved):
			t.Errorf("caller %d: %v", i, a.err)
		}
	}
	if created != 1 || len(b.stored(s)) != 3 {
		t.Errorf("%d of the rivals stand", created)
	}
}

func TestDuplicatesInFlightAreRecordedOnce(t *testing.T) {
	b := newBroker(t)
	s := b.summit(b.run("views"), "geneva")
	const rounds, n = 5, 64
	for round := range rounds {
		count := map[store.Outcome]int{}
		seqs := map[uint64]bool{}
		for _, a := range callers(n, func(int) answered { return record(b.Context(), s, note("geneva", numbered("same", round), "the same")) }) {
			b.must(a.err)
			count[a.outcomes[0].Outcome]++
			seqs[a.outcomes[0].Seq] = true
		}
		if count[store.Created] != 1 || count[store.Duplicate] != n-1 || len(seqs) != 1 {
			t.Errorf("round %d: %v at %v", round, count, seqs)
		}
	}
	created, taken := 0, 0
	for i, a := range callers(n, func(i int) answered {
		return record(b.Context(), s, note("geneva", numbered("rival", 0), fmt.Sprint("text ", i)))
	}) {
		var other *store.IDTakenError
		switch {
		case a.err == nil && a.outcomes[0].Outcome == store.Created:
			created++
		case errors.As(a.err, &other) && other.Seq == rounds+2:
			taken++
		default:
			t.Errorf("caller %d: %+v, %v", i, a.outcomes, a.err)
		}
	}
	if created != 1 || taken != n-1 {
		t.Errorf("%d created, %d refused", created, taken)
	}
	if got := len(b.stored(s)); got != rounds+2 {
		t.Errorf("%d events in the log", got)
	}
}

func TestTwoProcessesRecordForOneSummit(t *testing.T) {
	b := newBroker(t)
	one, two := b.run("one"), b.run("two")
	here := b.summit(one, "geneva")
	b.must(two.look(b.Context()))
	there, ok := two.Summit("geneva")
	if !ok {
		t.Fatal("the other process's summit is not found")
	}
	const n = 64
	count := map[store.Outcome]int{}
	for _, a := range callers(n, func(i int) answered {
		s := here
		if i%2 == 1 {
			s = there
		}
		return record(b.Context(), s, note("geneva", numbered("note", i), fmt.Sprint(i)), note("geneva", numbered("both", i/2), "the same on both"))
	}) {
		b.must(a.err)
		for _, o := range a.outcomes {
			count[o.Outcome]++
		}
	}
	stored := b.stored(here)
	if len(stored) != 1+n+n/2 {
		t.Errorf("%d events in the log", len(stored))
	}
	for id, times := range stored {
		if times != 1 {
			t.Errorf("%s is in the log %d times", id, times)
		}
	}
	if count[store.Created]+count[store.Duplicate] != 2*n || count[store.Duplicate] < n/2 {
		t.Errorf("outcomes %v", count)
	}
	last := uint64(len(stored))
	b.must(there.Views.Wait(b.Context(), last))
	b.must(here.Views.Wait(b.Context(), last))
	if here.Views.Head() != there.Views.Head() {
		t.Errorf("views at %s and %s", here.Views.Head(), there.Views.Head())
	}
}

// A process can amend what another has acknowledged, however far behind its own views
// are.
func TestAnAmendmentWaitsForWhatItAmends(t *testing.T) {
	b := newBroker(t)
	here := b.summit(b.run("here"), "story")
	there := b.run("there")
	var other *Summit
	for other == nil {
		other, _ = there.Summit("story")
	}
	for i := range 100 {
		id := numbered("fact", i)
		_, err := here.Record(t.Context(), []events.Event{note("story", id, "a note")}, nil)
		b.must(err)
		if _, err := other.Record(t.Context(), []events.Event{retraction("story", numbered("retraction", i), id)}, nil); err != nil {
			t.Fatalf("amendment %d: %v", i, err)
		}
	}
}

func TestAClosedSummitTakesAmendmentsOnly(t *testing.T) {
	b := newBroker(t)
	s := b.summit(b.run("views"), "geneva")
	b.must(record(b.Context(), s, note("geneva", numbered("note", 0), "a")).err)
	closing := events.Event{
		Source: "/desks/test", Type: events.TypeSummitClosed, Summit: "geneva", Subject: events.Entity{Kind: events.KindSummit, ID: "geneva"},
		Data: &events.SummitClosed{},
	}
	b.must(record(b.Context(), s, closing).err)
	for i, a := range callers(32, func(i int) answered { return record(b.Context(), s, note("geneva", numbered("late", i), "late")) }) {
		if !errors.Is(a.err, ErrClosed) {
			t.Errorf("caller %d: %+v, %v", i, a.outcomes, a.err)
		}
	}
	closed := record(b.Context(), s, retraction("geneva", numbered("amendment", 0), numbered("note", 0)))
	b.must(closed.err)
	reopened := retraction("geneva", numbered("amendment", 1), "")
	first, err := s.Log.Get(b.Context(), 3)
	b.must(err)
	reopened.Subject, reopened.Data = closing.Subject, &events.FactRetracted{Target: events.Target{Target: first.Event.ID}, Reason: "it goes on"}
	b.must(record(b.Context(), s, reopened).err)
	b.must(record(b.Context(), s, note("geneva", numbered("late", 99), "after the closing was withdrawn")).err)
}

func TestACallerWhoHasGoneIsToldSo(t *testing.T) {
	b := newBroker(t)
	h := b.open("views") // nothing runs: nobody answers
	s := b.summit(h, "geneva")
	gone, cancel := context.WithCancel(b.Context())
	cancel()
	if a := record(gone, s, note("geneva", numbered("note", 0), "a")); !errors.Is(a.err, store.ErrUnavailable) || !errors.Is(a.err, context.Canceled) {
		t.Errorf("%+v, %v", a.outcomes, a.err)
	}
}
