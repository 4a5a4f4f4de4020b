package summits

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/summit-timeline/summit/events/eventstest"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

// stuck is a summit, first by its name, that something is slow for. The others wait
// for nothing of it.
const stuck = "a-stuck"

// whileStuck does what must wait for nothing of the summit that is stuck. It ends
// before that continues.
func (b *broker) whileStuck(do func() error) {
	b.Helper()
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		b.must(err)
	case <-time.After(time.Minute):
		b.Fatal("a summit waits for another")
	}
}

// useful uses a registry as its callers do, for any summit but the one that is stuck.
func useful(ctx context.Context, h *Registry, s *Summit, n int) error {
	if a := record(ctx, s, note(s.ID, numbered("useful", n), "a")); a.err != nil || a.outcomes[0].Outcome != store.Created {
		return fmt.Errorf("recorded: %+v, %w", a.outcomes, a.err)
	}
	if _, out, err := h.OpenSummit(ctx, opened(fmt.Sprint("new-", n), numbered("new", n), "new")); err != nil || out.Outcome != store.Created {
		return fmt.Errorf("opened: %+v, %w", out, err)
	}
	if _, there := h.Summit(s.ID); !there || len(h.Summits()) < 2 || len(h.Problems()) > 0 {
		return errors.New("the summits cannot be told")
	}
	for _, c := range h.Unready(Surroundings{}) {
		if c.Summit != stuck {
			return fmt.Errorf("not ready: %v", c)
		}
	}
	return s.Views.Wait(ctx, s.Views.Head().Seq)
}

// However long the views of one summit take to open, and however many ask for it,
// the others are found, opened and recorded in.
func TestNoSummitWaitsForAViewFileOfAnother(t *testing.T) {
	t.Parallel()
	for name, opens := range map[string]func(b *broker, h *Registry){
		"asked for": func(b *broker, h *Registry) {
			for range 2 * finders {
				go func() { _, _, _ = h.Find(b.Context(), stuck) }()
			}
		},
		"opened": func(b *broker, h *Registry) {
			go func() { _, _, _ = h.OpenSummit(b.Context(), opened(stuck, "", stuck)) }()
		},
		"looked at": func(b *broker, h *Registry) { go func() { _ = h.look(b.Context()) }() },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBroker(t)
			entered, released := make(chan bool, 1), make(chan bool)
			release := sync.OnceFunc(func() { close(released) })
			defer release()
			there := b.run("there", rarely, sharing)
			h := b.run("here", rarely, sharing, func(o *Options) {
				o.Fetch = func(summit string) projections.Fetch { // it is asked for while the views are opened
					if summit == stuck {
						entered <- true
						<-released
					}
					return nil
				}
			})
			s := b.summit(h, "quick")
			if name != "opened" {
				b.summit(there, stuck)
			}
			b.summit(there, "other")
			opens(b, h)
			<-entered
			eventstest.Eventually(t, "who waits for views keeps nobody from asking the broker", func() bool { return len(h.finding) == 0 })
			b.whileStuck(func() error {
				if _, found, err := h.Find(t.Context(), "other"); err != nil || !found {
					return fmt.Errorf("one that another opened: found %v, %w", found, err)
				}
				return useful(t.Context(), h, s, 1)
			})
			release()
			eventstest.Eventually(t, stuck+" is there", func() bool { _, there := h.Summit(stuck); return there })
		})
	}
}

// However long an append or a transaction of the views takes for one summit, facts
// are recorded in the others and shown.
func TestNoSummitWaitsForTheRecorderOfAnother(t *testing.T) {
	for name, slow := range map[string]func(o *Options, wait func(summit string)){
		"append": func(o *Options, wait func(string)) {
			o.Append = func(summit string, _ []context.Context, _ [][]string) func(error) {
				wait(summit)
				return func(error) {}
			}
		},
		"commit": func(o *Options, wait func(string)) {
			o.Commit = func(summit string, first uint64, _ []string) func(error) {
				if first > 1 {
					wait(summit)
				}
				return func(error) {}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBroker(t)
			entered, released := make(chan bool, 16), make(chan bool)
			release := sync.OnceFunc(func() { close(released) })
			defer release()
			h := b.run("views", func(o *Options) {
				slow(o, func(summit string) {
					if summit == stuck {
						entered <- true
						<-released
					}
				})
			})
			waits, s := b.summit(h, stuck), b.summit(h, "quick")
			recorded := make(chan answered, 1)
			go func() { recorded <- record(t.Context(), waits, note(stuck, numbered("stuck", 0), "a")) }()
			<-entered
			b.whileStuck(func() error { return useful(t.Context(), h, s, 1) })
			release()
			if a := <-recorded; a.err != nil {
				t.Error(a.err)
			}
			b.onceEach(waits, 2)
		})
	}
}

// deaf is a way to a broker that answers nothing of the summit that is stuck, for as
// long as it is on: what is asked of its stream and published on its subjects goes to
// somebody who is silent.
type deaf struct {
	net.Conn
	on *atomic.Bool
}

func (d deaf) Write(p []byte) (int, error) {
	if !d.on.Load() {
		return d.Conn.Write(p)
	}
	lines := bytes.SplitAfter(bytes.Clone(p), []byte("\n"))
	for i, l := range lines {
		if bytes.Contains(l, []byte("PUB ")) && bytes.Contains(l, []byte(stuck)) {
			lines[i] = bytes.Replace(bytes.Replace(l, []byte("PUB $JS."), []byte("PUB DEF."), 1), []byte("PUB facts."), []byte("PUB deafs."), 1)
		}
	}
	return d.Conn.Write(bytes.Join(lines, nil))
}

type deafening struct {
	to nats.InProcessConnProvider
	on *atomic.Bool
}

func (d deafening) InProcessConn() (net.Conn, error) {
	c, err := d.to.InProcessConn()
	return deaf{c, d.on}, err
}

// While the broker answers nothing of one summit, facts are recorded in the others,
// those that another process opens are found, and what happens to a log or to the
// clock is noticed.
func TestNoSummitWaitsForABrokerThatIsAskedOfAnother(t *testing.T) {
	t.Parallel()
	b := newBroker(t)
	var on atomic.Bool
	var offset atomic.Int64
	silent := b.connect("silent")
	for _, subject := range []string{"DEF.>", "deafs.>"} {
		_, err := silent.SubscribeSync(subject)
		b.must(err)
	}
	b.must(silent.Flush())
	wired := func(name string) *nats.Conn {
		c, err := b.server.Connect(name, nats.InProcessServer(deafening{b.server, &on}))
		b.must(err)
		t.Cleanup(c.Close)
		return c
	}
	h := b.openConns(store.Conns{Append: wired("append"), Read: wired("read")}, "views", func(o *Options) {
		o.Every, o.Shared = 10*time.Millisecond, true
		o.Clock = func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
	})
	b.running(h)
	waits, s, gone := b.summit(h, stuck), b.summit(h, "quick"), b.summit(h, "gone")
	there := b.run("there", rarely, sharing)

	on.Store(true)
	recorded := make(chan answered, 1)
	go func() { recorded <- record(t.Context(), waits, note(stuck, numbered("stuck", 0), "a")) }()
	b.whileStuck(func() error {
		for n := range 3 {
			if err := useful(t.Context(), h, s, n); err != nil {
				return err
			}
		}
		return nil
	})
	b.summit(there, "other")
	eventstest.Eventually(t, "what another opened is found", func() bool { _, found := h.Summit("other"); return found })
	b.must(b.js.DeleteStream(t.Context(), "SUMMIT_gone"))
	eventstest.Eventually(t, "a log that is gone is noticed", func() bool { return gone.Views.Health().Doubt != nil })
	offset.Store(int64(time.Hour))
	eventstest.Eventually(t, "a clock that is off is noticed", func() bool { return h.Clock() != nil })
	offset.Store(0)
	select {
	case a := <-recorded:
		t.Fatalf("the broker answered: %+v", a)
	default:
	}
	on.Store(false)
	if a := <-recorded; a.err != nil {
		t.Error(a.err)
	}
	b.onceEach(waits, 2)
}
