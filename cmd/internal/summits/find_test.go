package summits

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// rarely is a host that looks for summits on its own once an hour.
func rarely(o *Options) { o.Every = time.Hour }

// sharing is a host among others, whose clock is right.
func sharing(o *Options) { o.Shared, o.Clock = true, time.Now }

func TestASummitThatAnotherOpenedIsFoundAtOnce(t *testing.T) {
	b := newBroker(t)
	one, other, alone := b.run("one", rarely, sharing), b.run("other", rarely, sharing), b.run("alone", rarely)
	b.summit(one, "here")
	for _, err := range callers(8, func(int) error {
		s, found, err := other.Find(t.Context(), "here")
		if err == nil && (!found || s.Views.Head().Seq != 1) {
			return errors.New("it was not found with its first event")
		}
		return err
	}) {
		b.must(err)
	}
	s, _ := other.Summit("here")
	if there, _ := b.run("later").Summit("here"); !s.Late || there.Late {
		t.Errorf("late is the one that was opened while its host ran: %v, and at the start %v", s.Late, there.Late)
	}
	if _, err := s.Record(t.Context(), []events.Event{note("here", uuid.NewString(), "recorded at the other")}, nil); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"nowhere", "No Slug", "a.b", "*", ""} {
		if _, found, err := other.Find(t.Context(), name); found || err != nil {
			t.Errorf("%q: found %v, %v", name, found, err)
		}
	}
	if _, found, err := alone.Find(t.Context(), "here"); found || err != nil {
		t.Errorf("one that shares no broker: found %v, %v", found, err)
	}
}

func TestWhereTheBrokerIsOutOfReachNobodyKnows(t *testing.T) {
	b := newBroker(t)
	h := b.run("views", rarely, sharing)
	b.must(b.server.Shutdown())
	if _, found, err := h.Find(t.Context(), "here"); found || !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("found %v, %v", found, err)
	}
}
