package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/cmd/internal/broker"
	"github.com/summit-timeline/summit/cmd/internal/broker/brokertest"
)

type readiness struct {
	Status, Durability string
	Warnings, Reasons  []string
}

func TestTwoReplicasOnTheShippedCluster(t *testing.T) {
	urls, seed := brokertest.ShippedCluster(t, "../../deploy/cluster/nats.conf")
	dir := t.TempDir()
	serve := func(views string) *process {
		return startWith(t, "--addr", "127.0.0.1:0", "--data", filepath.Join(dir, views), "--nats", urls, "--nats-nkey", seed)
	}
	here, there := serve("here"), serve("there")
	var ready readiness
	if status := there.get(t, "/readyz", &ready); status != 200 || ready.Durability != broker.Always || len(ready.Warnings) != 0 {
		t.Errorf("%d %+v", status, ready)
	}
	note := `{"source":"/d","type":"note.added","subject":"note/n","data":{"text":"a","sources":[{"id":"s","name":"S"}]}}`
	status, answer := here.post(t, "/v1/summits/alaska-2025/facts", "application/cloudevents+json", note)
	if status != 201 {
		t.Fatalf("%d %v", status, answer)
	}
	here.end(t, syscall.SIGKILL)
	var seen timeline
	if status := there.get(t, fmt.Sprintf("/v1/summits/alaska-2025/timeline?min=%v", answer["position"]), &seen); status != 200 || seen.Position != answer["position"] {
		t.Errorf("the other replica: %d %+v, recorded %v", status, seen, answer)
	}
	again := serve("here") // on the views that the killed one left
	var same timeline
	again.get(t, fmt.Sprintf("/v1/summits/alaska-2025/timeline?min=%v&limit=500", answer["position"]), &same)
	there.get(t, "/v1/summits/alaska-2025/timeline?limit=500", &seen)
	if same.Position != seen.Position || !slices.Equal(same.Items, seen.Items) {
		t.Errorf("the replicas differ: %+v and %+v", same, seen)
	}
	again.end(t, syscall.SIGTERM)
	there.end(t, syscall.SIGTERM)
	mayNotDelete(t, urls, seed)
}

// mayNotDelete holds the shipped permissions: not even a replica can delete or
// change a log.
func mayNotDelete(t *testing.T, urls, seed string) {
	t.Helper()
	c, err := broker.Open(t.Context(), broker.Options{
		Cluster: broker.ClusterOptions{URL: urls, NKey: seed, Durability: broker.Always}, Data: t.TempDir(), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := c.Connect("test")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // a denied request is not answered
	defer cancel()
	if err := js.DeleteStream(ctx, "SUMMIT_alaska-2025"); err == nil {
		t.Error("a replica may delete a log")
	}
	s, err := js.Stream(t.Context(), "SUMMIT_alaska-2025")
	if err != nil {
		t.Fatal(err)
	}
	if n := s.CachedInfo().Config.Replicas; n != 3 {
		t.Errorf("the log is on %d servers", n)
	}
	if err := c.Shutdown(); err != nil {
		t.Error(err)
	}
}

func TestDurabilityIsShown(t *testing.T) {
	p := startWith(t, "--addr", "127.0.0.1:0", "--data", t.TempDir(), "--nats-listen", "off", "--durability", "interval")
	var ready readiness
	if status := p.get(t, "/readyz", &ready); status != 200 || ready.Durability != broker.Interval || len(ready.Warnings) != 1 {
		t.Errorf("%d %+v", status, ready)
	}
	p.end(t, syscall.SIGTERM)
}
