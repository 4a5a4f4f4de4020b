package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
)

// startCluster starts three servers; what is appended is on all of them.
func startCluster(t testing.TB) *logtest.Cluster {
	t.Helper()
	c, err := logtest.StartCluster(t.TempDir(), 3, uuid.NewString())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// member opens the logs of a cluster over connections of their own.
func member(t testing.TB, c *logtest.Cluster, o store.Options, more ...nats.Option) (*store.Logs, *nats.Conn) {
	t.Helper()
	quiet := nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}) // wires are cut on purpose
	w, err := c.Connect("append", append(more, quiet)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	r, err := c.Connect("read")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	o.Replicas = 3
	logs, err := store.Open(store.Conns{Append: w, Read: r}, o)
	if err != nil {
		t.Fatal(err)
	}
	return logs, w
}

// The suite on three servers, over a wire that can lose publishes and
// acknowledgements and then leads to another server.
func TestClusterIsALog(t *testing.T) {
	t.Parallel()
	c := startCluster(t)
	wire := logtest.NewWire(c.Dial)
	logs, _ := member(t, c, store.Options{AckWait: 300 * time.Millisecond},
		nats.InProcessServer(wire), nats.ReconnectWait(time.Millisecond))
	logtest.Run(t, logtest.Bench{
		New: func(t logtest.TB, summit string) logtest.Log {
			log, _, err := logs.Create(context.Background(), logtest.Opened(summit))
			if err != nil {
				t.Fatal(err)
			}
			return log
		},
		LosePublish: func(logtest.Log) { wire.LosePublish() },
		LoseAck:     func(logtest.Log) { wire.LoseAck() },
		Walks:       10,
	})
}

// stepDown makes another server lead a stream.
func stepDown(conn *nats.Conn, summit string) error {
	_, err := conn.Request("$JS.API.STREAM.LEADER.STEPDOWN.SUMMIT_"+summit, nil, time.Second)
	return err
}

// racers append notes to one log from connections of their own, one at a time
// and in batches, expecting an end and expecting nothing, until each is in.
func racers(t *testing.T, c *logtest.Cluster, summit string, writers, each int) *sync.WaitGroup {
	t.Helper()
	var group sync.WaitGroup
	for w := range writers {
		logs, _ := member(t, c, store.Options{AckWait: time.Second})
		log, err := logs.Open(context10(t), summit)
		if err != nil {
			t.Fatal(err)
		}
		group.Go(func() {
			end := uint64(1)
			for i := 0; i < each; i += 3 {
				list := logtest.Notes(summit, w*each+i, 1+2*(i/3%2))
				if err := insist(t, log, list, &end); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	return &group
}

// insist appends after the end, wherever it has moved to, until it is certain.
func insist(t *testing.T, log *store.Log, list []events.Event, end *uint64) error {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for doubt := false; ; {
		results, err := log.Append(ctx, list, store.After(*end))
		var conflict *store.ConflictError
		switch {
		case errors.As(err, &conflict):
			if own, err := log.Get(ctx, *end+1); doubt && (err != nil || own.Event.ID == list[0].ID) {
				if err == nil {
					*end += uint64(len(list))
					return nil
				}
				continue // it is asked again
			}
			*end, doubt = conflict.Last, false
		case errors.Is(err, store.ErrUnavailable) && ctx.Err() == nil:
			doubt = true
		case err != nil:
			return fmt.Errorf("append %d events: %w", len(list), err)
		default:
			*end = results[len(results)-1].Seq
			return nil
		}
	}
}

// onceEach reads a log: every event that was acknowledged is there once.
func onceEach(t *testing.T, log *store.Log, writers, each int) {
	t.Helper()
	ctx := context10(t)
	for _, err := log.Info(ctx); err != nil; _, err = log.Info(ctx) { // a leader is being elected
		if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]uint64{}
	for rec, err := range log.Read(context10(t), 1, 0) {
		if err != nil || rec.Err != nil {
			t.Fatal(err, rec.Err)
		}
		if first := seen[rec.Event.ID]; first != 0 {
			t.Errorf("event %d is event %d again", rec.Seq, first)
		}
		seen[rec.Event.ID] = rec.Seq
	}
	want := 1
	for i := range writers * each {
		if i%each%3 > 0 && i%each/3%2 == 0 {
			continue // a lone note stands for three
		}
		want++
		if seen[logtest.Note(log.Summit(), i).ID] == 0 {
			t.Errorf("note %d was acknowledged and is not there", i)
		}
	}
	if len(seen) != want {
		t.Errorf("%d events, want %d", len(seen), want)
	}
}

func TestWritersRaceWhileTheLeaderChanges(t *testing.T) {
	c := startCluster(t)
	logs, conn := member(t, c, store.Options{})
	log := create(t, logs, "race")
	const writers, each = 3, 240
	group := racers(t, c, "race", writers, each)
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	changes := 0
	for tick := time.Tick(50 * time.Millisecond); ; {
		select {
		case <-done:
			if changes == 0 {
				t.Error("the leader never changed")
			}
			onceEach(t, log, writers, each)
			return
		case <-tick:
			if stepDown(conn, "race") == nil {
				changes++
			}
		}
	}
}

func TestWritersRaceWhileServersStopAndStart(t *testing.T) {
	c := startCluster(t)
	logs, _ := member(t, c, store.Options{})
	log := create(t, logs, "race")
	const writers, each = 2, 90
	group := racers(t, c, "race", writers, each)
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	for range 2 { // the leader each time; the next only when that is back, or no majority has what was acknowledged
		if leader, ok := c.Leader("SUMMIT_race"); ok {
			c.Stop(leader)
			if err := errors.Join(c.Start(leader), c.AwaitHealth()); err != nil {
				t.Error(err)
			}
		}
	}
	<-done
	onceEach(t, log, writers, each)
}
