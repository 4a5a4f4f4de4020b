package signing

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/embedded"
	"github.com/summit-timeline/summit/store/merkle"
)

// bucket is a register on a JetStream of its own, which can be stopped.
func bucket(t *testing.T) (r Register, js jetstream.JetStream, stop func()) {
	t.Helper()
	broker, err := embedded.Start(embedded.Options{Dir: t.TempDir(), Secret: uuid.NewString(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		if err := broker.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	conn, err := broker.Connect("test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	if js, err = jetstream.New(conn); err != nil {
		t.Fatal(err)
	}
	if r, err = OpenBucket(conn, "heads", 1); err != nil {
		t.Fatal(err)
	}
	return r, js, stop
}

// shared is a server with the key and a folder of its own.
func shared(t *testing.T, r Register) *Notary {
	t.Helper()
	skey, _, err := merkle.GenerateKey(seeded(1), "host.example")
	if err != nil {
		t.Fatal(err)
	}
	n, err := OpenShared(t.TempDir(), skey, r)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func head(t *testing.T, n *Notary, s *summit) Signed {
	t.Helper()
	signed, err := n.Head(context.Background(), s.source())
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestServersWithOneKeySignOneHistory(t *testing.T) {
	r, _, _ := bucket(t)
	a, b, s := shared(t, r), shared(t, r), newSummit(t, "a").grow(2)
	for range 3 {
		for _, n := range []*Notary{a, b, b, a} {
			check(t, n, head(t, n, s), int64(len(s.Records())))
		}
		s.grow(5)
		if one, other := head(t, b, s), head(t, a, s); string(one.Note) != string(other.Note) {
			t.Errorf("two notes of one head:\n%s\n%s", one.Note, other.Note)
		}
		s.grow(1)
	}
}

// A server that has signed nothing yet, and one that has signed before there was
// a register, are refused another history; both heads are shown.
func TestAForkOnAnotherServerIsRefused(t *testing.T) {
	r, _, _ := bucket(t)
	good := head(t, shared(t, r), newSummit(t, "a").grow(20))
	for name, n := range map[string]int{"shorter": 3, "of that size": 20, "grown on": 40} {
		t.Run(name, func(t *testing.T) {
			fork := newSummit(t, "b").grow(n)
			root, err := fork.tree.Root()
			if err != nil {
				t.Fatal(err)
			}
			fresh, before := shared(t, r), shared(t, nil)
			own := head(t, before, fork)
			before.register = r
			fork.grow(1)
			for _, n := range []*Notary{fresh, before} {
				_, err := n.Head(context.Background(), fork.source())
				var refused *RefusedError
				if !errors.As(err, &refused) || refused.Other != string(good.Note) || !strings.Contains(err.Error(), refused.Root) || n.Refused()["one"] == nil {
					t.Fatalf("it signed another history (%v), or does not show both: %v", root, err)
				}
				if n == before && refused.Signed != string(own.Note) {
					t.Errorf("its own head is not shown: %v", err)
				}
			}
		})
	}
}

// If two histories are signed at the same moment, only one of them succeeds.
func TestOfTwoHistoriesAtOnceOneIsSigned(t *testing.T) {
	for range 5 {
		r, _, _ := bucket(t)
		sign := map[*Notary]*summit{shared(t, r): newSummit(t, "a").grow(4), shared(t, r): newSummit(t, "b").grow(9)}
		var all sync.WaitGroup
		signed := make(chan Signed, len(sign))
		for n, s := range sign {
			all.Go(func() {
				got, err := n.Head(context.Background(), s.source())
				var refused *RefusedError
				if err == nil {
					signed <- got
				} else if !errors.As(err, &refused) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if len(signed) > 1 {
			t.Fatalf("two histories were signed:\n%s\n%s", (<-signed).Note, (<-signed).Note)
		}
	}
}

func TestWithoutTheRegisterNothingNewIsSigned(t *testing.T) {
	r, _, stop := bucket(t)
	n, s := shared(t, r), newSummit(t, "a").grow(4)
	signed := head(t, n, s)
	stop()
	if again := head(t, n, s); string(again.Note) != string(signed.Note) {
		t.Error("what was signed is not given again")
	}
	s.grow(1)
	before, err := os.ReadFile(n.ledger("one").path())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Head(context.Background(), s.source()); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "other servers with this key") {
		t.Errorf("signed on hope: %v", err)
	}
	if after, err := os.ReadFile(n.ledger("one").path()); err != nil || string(after) != string(before) {
		t.Error("a head was written down that was not signed")
	}
	n.register, _, _ = bucket(t) // another, which knows nothing
	check(t, n, head(t, n, s), 6)
}

func TestViewsBehindAnotherServersHeadAreWaitedFor(t *testing.T) {
	r, _, _ := bucket(t)
	s := newSummit(t, "a").grow(20)
	head(t, shared(t, r), s)
	s.serve(10)
	n := shared(t, r)
	source := s.source()
	if _, err := n.Head(context.Background(), source); !errors.Is(err, ErrBehind) || len(n.Refused()) > 0 {
		t.Fatalf("%v", err)
	}
	source.Wait = func(_ context.Context, seq uint64) error { s.serve(int(seq)); return nil }
	if signed, err := n.Head(context.Background(), source); err != nil || signed.Size != 21 {
		t.Errorf("%d, %v", signed.Size, err)
	}
	short := newSummit(t, "a").grow(10)
	var refused *RefusedError
	if _, err := shared(t, r).Head(context.Background(), short.source()); !errors.As(err, &refused) || refused.Other == "" {
		t.Errorf("a log that was rolled back: %v", err)
	}
}

// lossy is a register that keeps what it is told and loses the answer.
type lossy struct{ Register }

func (l lossy) Swap(ctx context.Context, name string, content []byte, revision uint64) (bool, error) {
	if swapped, err := l.Register.Swap(ctx, name, content, revision); err != nil || !swapped {
		return swapped, err
	}
	return false, store.ErrUnavailable
}

func TestALostAnswerOfTheRegisterIsNoSecondHead(t *testing.T) {
	r, _, _ := bucket(t)
	n, s := shared(t, lossy{r}), newSummit(t, "a").grow(4)
	if _, err := n.Head(context.Background(), s.source()); !errors.Is(err, store.ErrUnavailable) {
		t.Fatal(err)
	}
	check(t, n, head(t, n, s), 5)
}

func TestARegisterThatWasTamperedWithIsRefused(t *testing.T) {
	r, js, _ := bucket(t)
	a, s := shared(t, r), newSummit(t, "a").grow(4)
	head(t, a, s)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	kv, err := js.KeyValue(ctx, "heads")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kv.PutString(ctx, a.ledger("one").entry(), `{"checkpoint":"nothing"}`); err != nil {
		t.Fatal(err)
	}
	s.grow(1)
	var refused *RefusedError
	if _, err := a.Head(ctx, s.source()); !errors.As(err, &refused) || !strings.Contains(err.Error(), "register") {
		t.Errorf("%v", err)
	}
	if err := js.DeleteKeyValue(ctx, "heads"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Head(ctx, s.source()); err != nil { // it knows what it has signed itself
		if _, err = a.Head(ctx, s.source()); err != nil {
			t.Errorf("after the register was lost: %v", err)
		}
	}
}
