package faults

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

var (
	lasting = flag.Duration("faults.for", 0, "how long to go on; 0 tries every fault once")
	seed    = flag.Uint64("faults.seed", 1, "what the order and the moments of the faults come from")
)

// trial is one round: writers write and subscribers follow while a fault
// happens, and then everything is compared.
type trial struct {
	testing.TB
	ctx    context.Context
	s      *server
	r      *rand.Rand
	summit string
	ledger *ledger
	subs   []*subscriber
}

func (t *trial) must(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const (
	writers     = 16
	subscribers = 4
	each        = 20 // facts a writer and round
	// roundsOf is how many faults a summit lives through.
	roundsOf = 12
)

// TestNoFaultLosesOrDoublesAFact writes, follows, breaks and compares.
func TestNoFaultLosesOrDoublesAFact(t *testing.T) {
	if testing.Short() {
		t.Skip("kills and starts a server many times: left out by -short")
	}
	list := able(t)
	s := newServer(t, build(t), disk(t))
	s.mustStart()
	files := s.openFiles()
	begun, tried, resent := time.Now(), map[string]int{}, 0
	var x *trial
	var subs []*subscriber
	for round := 0; round < len(list) || time.Since(begun) < *lasting; round++ {
		if round%roundsOf == 0 {
			x = begin(t, s, fmt.Sprintf("story-%d", round/roundsOf))
			subs = append(subs, x.subs...)
		}
		x.r = newRand(*seed, round)
		f := list[round%len(list)]
		if round >= len(list) {
			f = list[x.r.IntN(len(list))]
		}
		more := x.round(t, round, f)
		tried[f.name]++
		resent += more
	}
	resumed := 0
	for _, f := range subs {
		resumed += f.count()
	}
	t.Logf("%v, seed %d: %d starts, %d requests in doubt sent again, %d resumed streams, %d kills inside a step", time.Since(begun).Round(time.Second), *seed, s.starts, resent, resumed, s.inside)
	for name, n := range tried {
		t.Logf("%5d × %s", n, name)
	}
	s.settled(files)
	s.stop()
}

// able leaves out what this machine cannot do, and says so; with CI set that is
// a failure.
func able(t *testing.T) []fault {
	t.Helper()
	var list []fault
	for _, f := range faults {
		_, err := exec.LookPath(f.needs)
		if f.needs == "mount" && os.Geteuid() != 0 {
			err = fmt.Errorf("to mount a disk takes root")
		}
		switch {
		case f.needs == "" || err == nil:
			list = append(list, f)
		case os.Getenv("CI") != "":
			t.Fatalf("fault %q cannot be tried: %v", f.name, err)
		default:
			t.Logf("left out: fault %q: %v", f.name, err)
		}
	}
	return list
}

// disk is a folder on a small disk of its own where that can be had.
func disk(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 {
		return dir
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=512m,mode=0700"); err != nil {
		t.Fatalf("mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// begin opens a summit and lets the subscribers follow it.
func begin(t *testing.T, s *server, summit string) *trial {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	x := &trial{TB: t, ctx: ctx, s: s, summit: summit, ledger: newLedger()}
	if out, err := s.run(ctx, "open", summit, "--title", "A story under faults", "--zone", "UTC"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var all sync.WaitGroup
	for range subscribers {
		f := &subscriber{s: s, summit: summit}
		x.subs = append(x.subs, f)
		all.Go(func() { f.follow(ctx) })
	}
	t.Cleanup(func() { cancel(); all.Wait() })
	return x
}

// round lets one fault happen among the writers. It gives how many requests
// were sent again.
func (t *trial) round(on *testing.T, round int, f fault) int {
	on.Helper()
	on.Logf("%s: %s", t.summit, f.name)
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	failed := make(chan error, writers)
	list := make([]*writer, writers)
	for i := range list {
		list[i] = &writer{s: t.s, summit: t.summit, name: fmt.Sprintf("w%d-%d", i, round), l: t.ledger, client: &http10}
		go func() { failed <- list[i].write(ctx, each) }()
	}
	f.does(t)
	resent := 0
	for range writers {
		if err := <-failed; err != nil {
			t.Fatalf("%s: %v\n%s", f.name, err, t.s.said)
		}
	}
	for _, w := range list {
		resent += w.resent
	}
	t.s.ready()
	last, err := t.s.check(ctx, t.summit, t.ledger)
	if err != nil {
		t.Fatalf("%s: %v\n%s", f.name, err, t.s.said)
	}
	for _, sub := range t.subs {
		if !t.s.await("a subscriber has everything", func() (bool, error) {
			ok, err := sub.complete(last)
			if err != nil {
				t.Fatalf("%s: %v", f.name, err)
			}
			return ok, nil
		}) {
			t.Fatalf("%s: the server ended\n%s", f.name, t.s.said)
		}
	}
	return resent
}

// settled waits until the files that the faults left open are closed again,
// and holds the memory to a bound.
func (s *server) settled(files int) {
	s.Helper()
	const slack, memory = 64, 1 << 30
	s.await("file descriptors come back", func() (bool, error) {
		n := s.openFiles()
		return n <= files+slack, fmt.Errorf("%d open, %d at the start", n, files)
	})
	if n := s.resident(); n > memory {
		s.Fatalf("the server holds %d MiB", n>>20)
	}
}
