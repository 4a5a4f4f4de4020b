package store_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/embedded"
	"github.com/summit-timeline/summit/store/logtest"
)

// A consumer that brings nothing though the log has more is given up, and
// another continues where it stopped.
func TestAConsumerThatFallsSilentIsMadeAnew(t *testing.T) {
	c, err := alone(t).Connect("test")
	must(t, err)
	defer c.Close()
	js, err := jetstream.New(c)
	must(t, err)
	logs, err := store.Open(store.Conns{Append: c, Read: c}, store.Options{Silence: 100 * time.Millisecond})
	must(t, err)
	log, _, err := logs.Create(t.Context(), logtest.Opened("silent"))
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	next, stop := iter.Pull2(log.Follow(ctx, 1))
	defer stop()
	for seq := uint64(1); seq <= 4; seq++ {
		rec, err, _ := next()
		if must(t, err); rec.Seq != seq {
			t.Fatalf("event %d came, and %d was to come", rec.Seq, seq)
		}
		silence(t, js, "SUMMIT_silent")
		_, err = log.Append(ctx, logtest.Notes("silent", int(seq)+1, 1), store.After(seq))
		must(t, err)
	}
}

// alone starts a server that syncs at leisure.
func alone(t *testing.T) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(embedded.Options{Dir: t.TempDir(), Secret: uuid.NewString(), Interval: time.Hour})
	must(t, err)
	t.Cleanup(func() { must(t, s.Shutdown()) })
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// silence pauses every consumer of a stream: they are there, and bring nothing.
func silence(t *testing.T, js jetstream.JetStream, name string) {
	t.Helper()
	stream, err := js.Stream(t.Context(), name)
	must(t, err)
	paused := 0
	for c := range stream.ConsumerNames(t.Context()).Name() {
		answer, err := js.PauseConsumer(t.Context(), name, c, time.Now().Add(time.Hour))
		if err != nil {
			continue // one that was given up before is being removed
		}
		if !answer.Paused {
			t.Fatalf("%s is not paused", c)
		}
		paused++
	}
	if paused == 0 {
		t.Fatal("there is no consumer to silence")
	}
}
