package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/embedded"
	"github.com/summit-timeline/summit/store/logtest"
)

// overWire opens the logs of a server over a wire that can lose and hold publishes and
// acknowledgements.
func overWire(t *testing.T, s *embedded.Server, ackWait time.Duration) (*store.Logs, *logtest.Wire) {
	t.Helper()
	wire := logtest.NewWire(s.InProcessConn)
	w, err := s.Connect("append", nats.InProcessServer(wire), nats.ReconnectWait(time.Millisecond), nats.ReconnectJitter(0, 0))
	must(t, err)
	t.Cleanup(w.Close)
	r, err := s.Connect("read")
	must(t, err)
	t.Cleanup(r.Close)
	logs, err := store.Open(store.Conns{Append: w, Read: r}, store.Options{AckWait: ackWait})
	must(t, err)
	return logs, wire
}

// A publish that arrives after its sender has given it up is not taken where
// something else follows that sequence, be it the same event.
func TestAPublishThatArrivesLateIsNotTaken(t *testing.T) {
	t.Parallel()
	logs, wire := overWire(t, alone(t), 50*time.Millisecond)
	log, _, err := logs.Create(t.Context(), logtest.Opened("late"))
	must(t, err)
	end := uint64(1)
	for _, size := range []int{1, 3} {
		wire.HoldPublish()
		list := logtest.Notes("late", int(end), size)
		results, err := log.Append(context10(t), list, store.After(end))
		if err != nil || results[0] != (store.Result{Seq: end + 1, Outcome: store.Created}) {
			t.Fatalf("%d events: %v, %v", size, results, err)
		}
		end += uint64(size)
		if size == 1 { // of a batch the beginning alone arrives
			if answer, err := wire.Deliver(); err != nil || !strings.Contains(answer, "wrong last sequence") {
				t.Errorf("answered %q, %v", answer, err)
			}
		}
		if info, err := log.Info(t.Context()); err != nil || info.Last != end {
			t.Errorf("the log ends at %d, want %d: %v", info.Last, end, err)
		}
	}
}

// Nothing is published once its time has passed: neither for the first time, nor again after
// a publish that was lost. It is then only looked up what came of it.
func TestNothingIsPublishedAfterItsTime(t *testing.T) {
	t.Parallel()
	logs, wire := overWire(t, alone(t), 30*time.Millisecond)
	log, _, err := logs.Create(t.Context(), logtest.Opened("timely"))
	must(t, err)
	list := logtest.Notes("timely", 1, 2)
	within := func(before time.Time) error {
		ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
		defer cancel()
		_, err := log.Append(ctx, list, store.After(1).Before(before))
		return err
	}
	ends := func(want uint64) {
		t.Helper()
		if info, err := log.Info(t.Context()); err != nil || info.Last != want {
			t.Errorf("the log ends at %d, want %d: %v", info.Last, want, err)
		}
	}
	if err := within(time.Now().Add(-time.Second)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("after its time: %v", err)
	}
	ends(1)
	wire.LosePublish()
	if err := within(time.Now().Add(20 * time.Millisecond)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("lost, and after its time: %v", err)
	}
	ends(1)
	wire.LoseAck()
	if err := within(time.Now().Add(time.Minute)); err != nil {
		t.Errorf("in time, and its answer lost: %v", err)
	}
	ends(3)
}

// An id that the broker knows, though the log has no event with it, holds nobody
// up.
func TestAnIDThatTheBrokerKnowsIsNoHindrance(t *testing.T) {
	for name, window := range map[string]time.Duration{"as a log is made": 0, "as older versions made it": 30 * time.Second} {
		t.Run(name, func(t *testing.T) {
			c, err := alone(t).Connect("test")
			must(t, err)
			defer c.Close()
			js, err := jetstream.New(c)
			must(t, err)
			logs, err := store.Open(store.Conns{Append: c, Read: c}, store.Options{})
			must(t, err)
			log, _, err := logs.Create(t.Context(), logtest.Opened("known"))
			must(t, err)
			if window > 0 {
				stream, err := js.Stream(t.Context(), "SUMMIT_known")
				must(t, err)
				config := stream.CachedInfo().Config
				config.Duplicates = window
				_, err = js.UpdateStream(t.Context(), config)
				must(t, err)
			}
			for size, end := 1, uint64(1); size <= 3; size += 2 {
				list := logtest.Notes("known", int(end), size)
				last := list[size-1]
				// Another's message with the id, which says nothing that can be read.
				_, err = js.Publish(t.Context(), store.Subject(last), []byte("x"), jetstream.WithMsgID(last.ID))
				must(t, err)
				end++
				began := time.Now()
				results, err := log.Append(context10(t), list, store.After(end))
				if err != nil || results[size-1] != (store.Result{Seq: end + uint64(size), Outcome: store.Created}) {
					t.Fatalf("%d events: %v, %v", size, results, err)
				}
				if took := time.Since(began); took > 2*time.Second {
					t.Errorf("%d events took %v", size, took)
				}
				end += uint64(size)
			}
		})
	}
}

// What is not taken and what says so: a definite answer is given at once.
func TestAConflictIsAnsweredAtOnce(t *testing.T) {
	logs, _ := open(t, t.TempDir())
	log := create(t, logs, "conflict")
	var conflict *store.ConflictError
	for _, list := range [][]events.Event{logtest.Notes("conflict", 1, 1), logtest.Notes("conflict", 1, 40)} {
		began := time.Now()
		if _, err := log.Append(context10(t), list, store.After(0)); !errors.As(err, &conflict) || conflict.Last != 1 {
			t.Errorf("%v", err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v", took)
		}
	}
}
