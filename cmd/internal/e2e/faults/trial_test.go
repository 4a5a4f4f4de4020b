//go:build linux

package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// trial is one story on a site: writers write and subscribers follow while a
// fault happens, then everything is compared, and the next fault comes.
type trial struct {
	testing.TB
	ctx     context.Context
	s       *server   // the one that a fault happens to
	servers []*server // all
	c       *cluster
	wire    *nats.Conn
	r       *rand.Rand
	summit  string
	ledger  *ledger
	subs    []*subscriber
	rest    []vitals // of each server, before any load
	last    []vitals // of each server, after the last fault
	end     func()
}

func (t *trial) must(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const (
	writers     = 16
	subscribers = 4  // that stay with a server
	wanderers   = 2  // that go to another at every connection
	each        = 20 // facts a writer and round, at least
	// roundsOf is how many faults a story lives through.
	roundsOf = 12
)

// begin opens a summit and lets the subscribers follow it, from each server.
func begin(h *site, summit string) *trial {
	h.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	x := &trial{TB: h.TB, ctx: ctx, s: h.servers[0], servers: h.servers, c: h.cluster, wire: h.wire, summit: summit, ledger: newLedger()}
	if out, err := x.s.verb(ctx, "open", summit, "--title", "A story under faults", "--zone", "UTC"); err != nil {
		h.Fatalf("%v\n%s", err, out)
	}
	for _, s := range x.servers {
		s.await("it has the summit", func() (bool, error) {
			_, again, err := s.ask(ctx, "/v1/summits/"+summit)
			return err == nil && !again, err
		})
	}
	var all sync.WaitGroup
	for i := range subscribers + wanderers {
		f := &subscriber{servers: []*server{x.servers[i%len(x.servers)]}, summit: summit}
		if i >= subscribers {
			f.servers, f.wanders = x.servers, true
		}
		x.subs = append(x.subs, f)
		all.Go(func() { f.follow(ctx) })
	}
	x.end = sync.OnceFunc(func() { cancel(); all.Wait() })
	h.Cleanup(x.end)
	x.complete("the opening", 1)
	for _, s := range x.servers {
		x.rest = append(x.rest, s.vitals())
	}
	x.last = make([]vitals, len(x.rest))
	return x
}

// round lets one fault happen among the writers, who go on until it has
// passed. It gives how many requests were sent again.
func (t *trial) round(f fault, round int) (resent int) {
	t.Helper()
	begun := time.Now()
	t.s = t.servers[t.r.IntN(len(t.servers))]
	ctx, cancel := context.WithTimeout(t.ctx, 3*patience)
	defer cancel()
	passed := make(chan struct{})
	var working sync.WaitGroup
	list := make([]*writer, writers)
	for i := range list {
		list[i] = t.writer(i, fmt.Sprintf("w%d-%d", i, round))
		working.Go(func() { _ = t.ledger.gaveUp(list[i].write(ctx, passed)) }) // it is asked below
	}
	said, asking := &memory{known: map[string]string{}}, context.CancelFunc(func() {})
	if !f.clocks { // an instant of this machine is none of theirs
		var c context.Context
		c, asking = context.WithCancel(ctx)
		working.Go(func() { t.remember(c, said) })
	}
	f.does(t)
	close(passed)
	asking()
	working.Wait()
	if err := t.ledger.gaveUp(nil); err != nil {
		t.Fatalf("%s: %v\n%s", f.name, err, t.s.said)
	}
	for _, w := range list {
		resent += int(w.resent.Load())
	}
	wrote := time.Now()
	if t.c != nil {
		t.c.whole()
	}
	whole := time.Now()
	last := t.compare(ctx, f.name)
	if err := t.recalls(ctx, said); err != nil {
		t.Fatalf("%s: %v", f.name, err)
	}
	t.complete(f.name, last)
	t.settled(f.name)
	t.Logf("%s, %d events: %s (%v, then %v until whole and %v to compare; %v, at rest %v)", t.summit, last, f.name,
		wrote.Sub(begun).Round(time.Millisecond), whole.Sub(wrote).Round(time.Millisecond), time.Since(whole).Round(time.Millisecond), t.last, t.rest)
	return resent
}

// compare holds every server against what was acknowledged, and against each
// other. It gives the length of the log.
func (t *trial) compare(ctx context.Context, name string) (last uint64) {
	t.Helper()
	var root string
	for _, s := range t.servers {
		s.ready()
		var err error
		if last, err = s.check(ctx, t.summit, t.ledger); err == nil {
			err = s.quarantined(ctx, t.summit, t.ledger)
		}
		if err != nil {
			t.Fatalf("%s: %s: %v\n%s", name, s.name, err, s.said)
		}
		own, err := s.root(ctx, t.summit, last)
		if err != nil {
			t.Fatalf("%s: %s: %v", name, s.name, err)
		}
		if root != "" && root != own {
			t.Fatalf("%s: the replicas have other trees of %d events: %s and %s", name, last, root, own)
		}
		root = own
	}
	return last
}

// complete waits until every subscriber has every position, once.
func (t *trial) complete(name string, last uint64) {
	t.Helper()
	for _, sub := range t.subs {
		s := sub.servers[0]
		if !s.await("a subscriber has everything", func() (bool, error) {
			ok, err := sub.complete(last)
			if err != nil {
				t.Fatalf("%s: %s, wandering %t: %v", name, s.name, sub.wanders, err)
			}
			return ok, fmt.Errorf("it has %d of %d, wandering %t", sub.position().Seq, last, sub.wanders)
		}) {
			t.Fatalf("%s: %s ended\n%s", name, s.name, s.said)
		}
	}
}

// after waits for a random part of so many milliseconds.
func (t *trial) after(most int) {
	select {
	case <-time.After(time.Duration(1+t.r.IntN(most)) * time.Millisecond):
	case <-t.ctx.Done():
	}
}

// goesOn waits until every server takes facts in spite of the fault.
func (t *trial) goesOn() { t.Helper(); t.goOn(t.servers...) }

// goOn waits until some servers take facts.
func (t *trial) goOn(list ...*server) {
	t.Helper()
	begun := time.Now()
	for _, s := range list {
		before := t.ledger.taken(s)
		if !s.await("it takes facts in spite of the fault", func() (bool, error) {
			if err := t.ledger.gaveUp(nil); err != nil {
				t.Fatalf("a writer gave up: %v\n%s", err, s.said)
			}
			n := t.ledger.taken(s) - before
			return n >= writers, fmt.Errorf("it took %d, and last answered a writer: %s", n, t.ledger.lastDoubt(s))
		}) {
			t.Fatalf("%s ended\n%s", s.name, s.said)
		}
		s.ready()
	}
	t.Logf("%d servers went on after %v", len(list), time.Since(begun).Round(time.Millisecond))
}
