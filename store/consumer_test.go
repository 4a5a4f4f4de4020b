package store_test

import (
	"context"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
)

// A broker takes only so many consumers of a stream: whoever has read takes his
// own away.
func TestReadersLeaveNoConsumers(t *testing.T) {
	for name, c := range map[string]struct {
		connect  func(string, ...nats.Option) (*nats.Conn, error)
		replicas int
	}{
		"one server": {alone(t).Connect, 1}, "three servers": {startCluster(t).Connect, 3},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := c.connect("test")
			must(t, err)
			defer conn.Close()
			logs, err := store.Open(store.Conns{Append: conn, Read: conn}, store.Options{Replicas: c.replicas})
			must(t, err)
			log, _, err := logs.Create(t.Context(), logtest.Opened("left"))
			must(t, err)
			_, err = log.Append(t.Context(), logtest.Notes("left", 1, 50), store.After(1))
			must(t, err)
			readAll(t, log)
			followed(t, log)
			js, err := jetstream.New(conn)
			must(t, err)
			nobody(t, js, "SUMMIT_left")
		})
	}
}

// nobody waits until a stream has no consumers.
func nobody(t *testing.T, js jetstream.JetStream, name string) {
	t.Helper()
	ctx := context10(t)
	for {
		stream, err := js.Stream(context10(t), name)
		must(t, err)
		switch left := stream.CachedInfo().State.Consumers; {
		case left == 0:
			return
		case ctx.Err() != nil:
			t.Fatalf("%d consumers are left", left)
		}
	}
}

// readAll reads a log to its end, and a part of it.
func readAll(t *testing.T, log *store.Log) {
	t.Helper()
	n := 0
	for _, err := range log.Read(context10(t), 1, 0) {
		must(t, err)
		n++
	}
	if n != 51 {
		t.Fatalf("%d events", n)
	}
	for rec, err := range log.Read(context10(t), 1, 0) {
		if must(t, err); rec.Seq == 20 {
			break
		}
	}
}

// followed follows a log to its end, and then goes.
func followed(t *testing.T, log *store.Log) {
	t.Helper()
	ctx, cancel := context.WithCancel(context10(t))
	defer cancel()
	for rec, err := range log.Follow(ctx, 1) {
		if err != nil && ctx.Err() == nil {
			t.Fatal(err)
		}
		if rec.Seq == 51 {
			cancel()
		}
	}
}
