package summits

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
)

// over opens a host whose appends go over a wire.
func (b *broker) over(wire *logtest.Wire, views string) *Registry {
	b.Helper()
	c, err := b.server.Connect(views, nats.InProcessServer(wire), nats.ReconnectWait(time.Millisecond), nats.ReconnectJitter(0, 0),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	b.must(err)
	b.Cleanup(c.Close)
	h := b.openOver(c, views)
	b.running(h)
	return h
}

// known waits until a host has found a summit that another opened.
func (b *broker) known(h *Registry, id string) *Summit {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	for {
		if s, ok := h.Summit(id); ok {
			return s
		}
		b.must(h.look(ctx))
	}
}

// onceEach holds the log against itself: no id stands twice, and nothing is
// quarantined.
func (b *broker) onceEach(s *Summit, want int) {
	b.Helper()
	ids := b.stored(s)
	for id, times := range ids {
		if times != 1 {
			b.Errorf("%s is in the log %d times", id, times)
		}
	}
	if len(ids) != want {
		b.Errorf("%d events in the log, want %d", len(ids), want)
	}
	b.must(s.Views.Wait(b.Context(), uint64(len(ids))))
	if n := s.Views.Health().Quarantined; n != 0 {
		b.Errorf("%d events are quarantined", n)
	}
}

// The network of one replica fails during a publish, and the caller goes to another
// replica. However late the bytes arrive, the event is recorded once.
func TestAPublishThatArrivesLateIsNoSecondComing(t *testing.T) {
	t.Parallel()
	b := newBroker(t)
	wire := logtest.NewWire(b.server.InProcessConn)
	away, there := b.over(wire, "away"), b.run("there")
	b.summit(there, "geneva")
	cut, other := b.known(away, "geneva"), b.known(there, "geneva")
	b.must(record(b.Context(), cut, note("geneva", numbered("note", 0), "the wire is whole")).err)
	e := note("geneva", numbered("note", 1), "sent to both")
	wire.HoldPublish()
	wire.Away(true)
	impatient, cancel := context.WithTimeout(b.Context(), 300*time.Millisecond)
	defer cancel()
	if a := record(impatient, cut, e); !errors.Is(a.err, store.ErrUnavailable) {
		t.Fatalf("with its network gone: %+v, %v", a.outcomes, a.err)
	}
	a := record(b.Context(), other, e)
	b.must(a.err)
	if a.outcomes[0] != (Outcome{ID: e.ID, Seq: 3, Outcome: store.Created}) {
		t.Errorf("at the other: %+v", a.outcomes[0])
	}
	if answer, err := wire.Deliver(); err != nil || !strings.Contains(answer, "wrong last sequence") {
		t.Errorf("the late publish is answered %q, %v", answer, err)
	}
	wire.Away(false)
	again := record(b.Context(), cut, e)
	b.must(again.err)
	if again.outcomes[0] != (Outcome{ID: e.ID, Seq: 3, Outcome: store.Duplicate}) {
		t.Errorf("again where it was sent first: %+v", again.outcomes[0])
	}
	b.onceEach(other, 3)
}

// An event that was appended but not acknowledged still counts as the caller's own.
func TestALostAcknowledgementIsNoDuplicate(t *testing.T) {
	const held = "the publish is held"
	for name, loss := range map[string]func(*logtest.Wire){"the acknowledgement is lost": (*logtest.Wire).LoseAck, held: (*logtest.Wire).HoldPublish} {
		for what, list := range map[string][]events.Event{
			"one":        {note("geneva", numbered("note", 0), "a")},
			"a batch":    {note("geneva", numbered("two", 0), "a"), note("geneva", numbered("three", 0), "a")},
			"retraction": {retraction("geneva", numbered("retracted", 0), numbered("first", 0))},
		} {
			t.Run(name+", "+what, func(t *testing.T) {
				t.Parallel()
				b := newBroker(t)
				wire := logtest.NewWire(b.server.InProcessConn)
				s := b.summit(b.over(wire, "lossy"), "geneva")
				b.must(record(b.Context(), s, note("geneva", numbered("first", 0), "a")).err)
				loss(wire)
				a := record(b.Context(), s, list...)
				b.must(a.err)
				for _, o := range a.outcomes {
					if o.Outcome != store.Created {
						t.Errorf("%+v", o)
					}
				}
				switch {
				case name == held && len(list) > 1:
					b.must(wire.Drop())
				case name == held: // it arrives after all
					if answer, err := wire.Deliver(); err != nil || !strings.Contains(answer, "wrong last sequence") {
						t.Errorf("the late publish is answered %q, %v", answer, err)
					}
				}
				b.onceEach(s, 2+len(list))
			})
		}
	}
}

// If two replicas get one event at once, only one of them creates it.
func TestOneEventToTwoReplicasIsCreatedOnce(t *testing.T) {
	b := newBroker(t)
	replicas := []*Registry{b.run("one"), b.run("two")}
	b.summit(replicas[0], "geneva")
	list := []*Summit{b.known(replicas[0], "geneva"), b.known(replicas[1], "geneva")}
	const n = 150
	for i := range n {
		count := map[store.Outcome]int{}
		seqs := map[uint64]bool{}
		for _, a := range callers(2, func(k int) answered {
			return record(b.Context(), list[k], note("geneva", numbered("note", i), "the same"))
		}) {
			b.must(a.err)
			count[a.outcomes[0].Outcome]++
			seqs[a.outcomes[0].Seq] = true
		}
		if count[store.Created] != 1 || count[store.Duplicate] != 1 || len(seqs) != 1 {
			t.Errorf("note %d: %v at %v", i, count, seqs)
		}
	}
	b.onceEach(list[1], 1+n)
}

// An id that the broker knows from a message that is not an event delays nobody, not
// even the recorder who uses it.
func TestAnIDThatTheBrokerKnowsHoldsUpNobody(t *testing.T) {
	b := newBroker(t)
	s := b.summit(b.run("views"), "geneva")
	for i := range 20 {
		e := note("geneva", numbered("note", i), "a")
		_, err := b.js.Publish(b.Context(), store.Subject(e), []byte("{"), jetstream.WithMsgID(e.ID))
		b.must(err)
		began := time.Now()
		for _, a := range callers(16, func(k int) answered {
			if k == 0 {
				return record(b.Context(), s, e)
			}
			return record(b.Context(), s, note("geneva", numbered(fmt.Sprint("other ", i), k), "a"))
		}) {
			b.must(a.err)
			if a.outcomes[0].Outcome != store.Created {
				t.Errorf("%+v", a.outcomes[0])
			}
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("round %d took %v", i, took)
		}
	}
}

// Somebody writes into the log past every server, with the ids of what is being
// recorded: what was acknowledged stands.
func TestWhatWasAcknowledgedStandsWhateverIsWrittenPastTheServer(t *testing.T) {
	b := newBroker(t)
	s := b.summit(b.run("views"), "geneva")
	const n = 400
	for i := range n {
		e := note("geneva", numbered("note", i), "what is recorded")
		foreign := e
		foreign.Recorded, foreign.Data = events.Instant{Time: recordedAt}, note("geneva", "", "something else").Data
		raw, err := events.Encode(foreign)
		b.must(err)
		a := callers(2, func(k int) answered {
			if k == 0 {
				_, err := b.js.Publish(b.Context(), store.Subject(e), raw)
				return answered{err: err}
			}
			return record(b.Context(), s, e)
		})
		b.must(a[0].err)
		var taken *store.IDTakenError
		if a[1].err != nil && !errors.As(a[1].err, &taken) {
			t.Fatal(a[1].err)
		}
		if a[1].err == nil {
			seq, found, err := s.Views.Find(e.ID)
			if b.must(s.Views.Wait(b.Context(), a[1].outcomes[0].Seq)); !found {
				seq, found, err = s.Views.Find(e.ID)
			}
			if b.must(err); !found || seq != a[1].outcomes[0].Seq {
				t.Errorf("note %d was acknowledged at %d and stands at %d", i, a[1].outcomes[0].Seq, seq)
			}
		}
	}
}
