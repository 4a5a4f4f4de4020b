package summits

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/eventstest"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
	"github.com/summit-timeline/summit/store/merkle"
)

// replica is a host on a cluster, with connections and views of its own, as
// one process has them.
type replica struct {
	*Registry
	t    *testing.T
	stop func() // ends it with all that waits, and closes its views
}

func startReplica(t *testing.T, c *logtest.Cluster, views string) *replica {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write, err := c.Connect("append")
	must(err)
	read, err := c.Connect("read")
	must(err)
	logs, err := store.Open(store.Conns{Append: write, Read: read}, store.Options{Replicas: 3, AckWait: time.Second})
	must(err)
	h, err := Open(t.Context(), logs, Options{
		Views: views, Clock: func() time.Time { return recordedAt }, Logger: slog.New(slog.DiscardHandler),
		NewID: func() (string, error) { return uuid.NewString(), nil },
	})
	must(err)
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- h.Run(ctx) }()
	r := &replica{Registry: h, t: t, stop: sync.OnceFunc(func() {
		write.Close() // what is on its way is lost, or its acknowledgement
		cancel()
		err := <-ran
		read.Close()
		if err := errors.Join(err, h.Close()); err != nil {
			t.Error(err)
		}
	})}
	t.Cleanup(r.stop)
	return r
}

// summit waits until the replica has found the summit that another opened.
func (r *replica) summit(id string) (s *Summit) {
	r.t.Helper()
	eventstest.Eventually(r.t, "the replica finds "+id, func() (found bool) {
		s, found = r.Summit(id)
		return found
	})
	return s
}

// insist records a note as a client does that is told to try again: by its id
// it is recorded once.
func insist(ctx context.Context, s *Summit, e events.Event) error {
	for {
		wait, cancel := context.WithTimeout(ctx, 15*time.Second)
		_, err := s.Record(wait, []events.Event{e}, nil)
		cancel()
		if !errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil {
			return err
		}
	}
}

// proven is what a replica can prove at the end of the log: the root of its
// tree and the digests of its views.
func proven(t *testing.T, s *Summit, last uint64) (root merkle.Hash, digests []projections.TableDigest) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := s.Views.Wait(ctx, last)
	if err == nil {
		err = s.Views.Tree(func(head events.Position, tiles merkle.Store) error {
			tree, err := merkle.OpenTree(int64(head.Seq), tiles)
			if err != nil {
				return err
			}
			root, err = tree.Root()
			return err
		})
	}
	if err == nil {
		_, _, digests, err = s.Views.Digests(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	return root, digests
}

// threeServers runs a cluster below a folder.
func threeServers(t *testing.T, dir string) *logtest.Cluster {
	t.Helper()
	c, err := logtest.StartCluster(filepath.Join(dir, "nats"), 3, uuid.NewString())
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

// TestReplicasOnAClusterAgree lets two replicas record at once, through the
// same places in the log, while either in turn and the leader of the log are
// stopped in the middle of it.
func TestReplicasOnAClusterAgree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := threeServers(t, dir)
	views := []string{filepath.Join(dir, "here"), filepath.Join(dir, "there")}
	replicas := []*replica{startReplica(t, c, views[0]), startReplica(t, c, views[1])}
	if _, _, err := replicas[0].OpenSummit(t.Context(), opened("geneva", uuid.NewString(), "geneva")); err != nil {
		t.Fatal(err)
	}
	const rounds, each = 3, 40
	for round := range rounds {
		list := []*Summit{replicas[0].summit("geneva"), replicas[1].summit("geneva")}
		victim := round % len(replicas)
		recordOnBoth(t, list, round*each, each, func() {
			if round == rounds-1 {
				bounce(t, c)
				return
			}
			replicas[victim].stop()
		})
		replicas[victim].stop()
		replicas[victim] = startReplica(t, c, views[victim])
	}
	here, there := replicas[0].summit("geneva"), replicas[1].summit("geneva")
	last := held(t, here, rounds*each)
	hereRoot, hereDigests := proven(t, here, last)
	thereRoot, thereDigests := proven(t, there, last)
	if hereRoot != thereRoot || !slices.Equal(hereDigests, thereDigests) {
		t.Errorf("the replicas differ at %s and %s:\n%x %v\n%x %v", here.Views.Head(), there.Views.Head(), hereRoot, hereDigests, thereRoot, thereDigests)
	}
	fresh := startReplica(t, c, filepath.Join(dir, "fresh")).summit("geneva")
	if root, digests := proven(t, fresh, last); root != hereRoot || !slices.Equal(digests, hereDigests) {
		t.Error("a replica that folds the log afresh differs")
	}
}

// recordOnBoth records notes on both summits at once, some on both with one
// id, and does something else in the middle. A replica that is stopped fails
// its callers, who go to the other one.
func recordOnBoth(t *testing.T, list []*Summit, from, n int, middle func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var group sync.WaitGroup
	half := make(chan struct{}, 4*n)
	for w := range 4 {
		group.Go(func() {
			for i := from + w; i < from+n; i += 4 {
				for k := range list { // each note through both: the second time it is a duplicate
					short, cancel := context.WithTimeout(ctx, 15*time.Second)
					_, err := list[(w+k)%len(list)].Record(short, []events.Event{note("geneva", numbered("note", i), "a")}, nil)
					cancel()
					if err != nil && !errors.Is(err, store.ErrUnavailable) && !errors.Is(err, context.Canceled) {
						t.Errorf("note %d: %v", i, err)
					}
				}
				half <- struct{}{}
			}
		})
	}
	for range n / 4 {
		<-half
	}
	middle()
	group.Wait()
}

// bounce stops the server that leads the log, and starts it again.
func bounce(t *testing.T, c *logtest.Cluster) {
	t.Helper()
	leader, ok := c.Leader("SUMMIT_geneva")
	if !ok {
		t.Error("the log has no leader")
		return
	}
	c.Stop(leader)
	if err := errors.Join(c.Start(leader), c.AwaitHealth()); err != nil {
		t.Error(err)
	}
}

// held records every note again, which makes good what was given up, and reads
// the log: each is there once.
func held(t *testing.T, s *Summit, n int) uint64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for i := range n {
		if err := insist(ctx, s, note("geneva", numbered("note", i), "a")); err != nil {
			t.Fatal(err)
		}
	}
	ids, last := map[string]uint64{}, uint64(0)
	for rec, err := range s.Log.Read(ctx, 1, 0) {
		if err != nil || rec.Err != nil {
			t.Fatal(err, rec.Err)
		}
		if first := ids[rec.Event.ID]; first != 0 {
			t.Errorf("event %d is event %d again", rec.Seq, first)
		}
		ids[rec.Event.ID], last = rec.Seq, rec.Seq
	}
	if len(ids) != n+1 {
		t.Errorf("%d events in the log, want %d", len(ids), n+1)
	}
	return last
}

// A server that has lost the others keeps reporting for some seconds where the log
// ended when it last heard from them. It is believed for that moment alone.
func TestAServerWithoutAMajorityIsNotBelieved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := threeServers(t, dir)
	r := startReplica(t, c, filepath.Join(dir, "views"))
	s, _, err := r.OpenSummit(t.Context(), opened("geneva", uuid.NewString(), "geneva"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for range 3 {
		if end, err := s.EndAfter(ctx, time.Now(), time.Now); err != nil || end != 1 {
			t.Fatalf("with all servers the log ends at %d, %v", end, err)
		}
	}
	leader, found := c.Leader("SUMMIT_geneva")
	if !found {
		t.Fatal("nobody leads")
	}
	for i := range 3 {
		if i != leader {
			c.Stop(i)
		}
	}
	lost := time.Now()
	ctx, cancel = context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if end, err := s.EndAfter(ctx, lost, time.Now); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("without a majority the log ends at %d, %v", end, err)
	}
	short, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := s.Log.Append(short, []events.Event{note("geneva", numbered("late", 1), "late")}, store.After(1)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("appended without a majority: %v", err)
	}
	proposed, err := s.Log.Proposed(t.Context())
	info, failed := s.Log.Info(t.Context())
	if err != nil || failed != nil || proposed != 2 || info.Last != 1 {
		t.Errorf("on its way is %d of a log that ends at %d; %v, %v", proposed, info.Last, err, failed)
	}
	for i := range 3 {
		if i != leader {
			if err := c.Start(i); err != nil {
				t.Fatal(err)
			}
		}
	}
	ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for { // until they have elected a leader, who may have lost what was on its way
		end, err := s.EndAfter(ctx, time.Now(), time.Now)
		if err == nil {
			if at, err := s.Log.Proposed(t.Context()); err != nil || at != end {
				t.Errorf("the log ends at %d, and nothing is to come but %d, %v", end, at, err)
			}
			return
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
}
