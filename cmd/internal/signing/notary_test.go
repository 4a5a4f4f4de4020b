package signing

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/merkle/merkletest"
)

// summit is a log and the tree over what is served of it.
type summit struct {
	*logtest.Memory
	t     testing.TB
	store merkletest.Tiles
	tree  *merkle.Tree
}

func newSummit(t testing.TB, variant string) *summit {
	t.Helper()
	s := &summit{Memory: logtest.NewMemory("one"), t: t, store: merkletest.Tiles{}}
	s.Put([]byte("opened "+variant), "facts.one.x", "")
	s.serve(1)
	return s
}

// grow puts events; serve brings the tree up to a size.
func (s *summit) grow(n int) *summit {
	for range n {
		s.Put(fmt.Appendf(nil, "event %d", len(s.Records())), "facts.one.x", "")
	}
	s.serve(len(s.Records()))
	return s
}

func (s *summit) serve(size int) {
	s.t.Helper()
	var err error
	s.store = merkletest.Tiles{}
	if s.tree, err = merkle.OpenTree(0, s.store); err != nil {
		s.t.Fatal(err)
	}
	for _, r := range s.Records()[:size] {
		s.tree.Append(merkle.LeafHash(r.Raw))
	}
	if err := s.tree.Flush(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *summit) source() Source {
	return Source{Log: s, Tree: func(fn func(events.Position, merkle.Store) error) error {
		return fn(events.Position{Epoch: "00000000", Seq: uint64(s.tree.Size())}, s.store)
	}}
}

type seeded byte

func (s seeded) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(s)
	}
	return len(b), nil
}

func open(t testing.TB, dir string, seed byte) *Notary {
	t.Helper()
	skey, _, err := merkle.GenerateKey(seeded(seed), "host.example")
	if err != nil {
		t.Fatal(err)
	}
	n, err := Open(dir, skey)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func check(t testing.TB, n *Notary, s Signed, size int64) {
	t.Helper()
	key, err := n.LogKey("one")
	if err != nil {
		t.Fatal(err)
	}
	v, err := merkle.ParseVerifier(key)
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := merkle.Open(s.Note, v)
	if err != nil || c.Size != size || c.Origin != "host.example/summits/one" || c.Root != s.Root || s.Size != size {
		t.Fatalf("signed %+v (%v), want size %d", c, err, size)
	}
}

func TestHeadsAreSignedAsTheLogGrows(t *testing.T) {
	dir, ctx := filepath.Join(t.TempDir(), "checkpoints"), context.Background()
	s, n := newSummit(t, "a"), open(t, dir, 1)
	for _, more := range []int{0, 1, 1, 255, 300} {
		s.grow(more)
		size := int64(len(s.Records()))
		head, err := n.Head(ctx, s.source())
		if err != nil {
			t.Fatal(err)
		}
		check(t, n, head, size)
		again, err := n.Head(ctx, s.source())
		if err != nil || string(again.Note) != string(head.Note) {
			t.Errorf("the same head has two notes: %v", err)
		}
		n = open(t, dir, 1) // it continues after a restart
	}
	for _, size := range []int64{0, 1, 255, 256, 257, 558} {
		part, err := n.At(ctx, s.source(), size)
		if err != nil {
			t.Fatal(err)
		}
		check(t, n, part, size)
	}
	s.grow(10)
	part, err := n.At(ctx, s.source(), 560)
	if err != nil {
		t.Fatal(err)
	}
	check(t, n, part, 560)
	var missing *SizeError
	for _, size := range []int64{-1, 569} {
		if _, err := n.At(ctx, s.source(), size); !errors.As(err, &missing) {
			t.Errorf("the head of %d: %v", size, err)
		}
	}
	if r := n.Refused(); len(r) != 0 {
		t.Errorf("refused %v", r)
	}
}

func TestWhatDoesNotContinueIsRefused(t *testing.T) {
	ctx := context.Background()
	for name, spoil := range map[string]func(s *summit) *summit{
		"rolled back":         func(s *summit) *summit { return newSummit(s.t, "a").grow(99) },
		"fork of that size":   func(s *summit) *summit { return newSummit(s.t, "b").grow(299) },
		"fork grown on":       func(s *summit) *summit { return newSummit(s.t, "b").grow(400) },
		"bit in a new event":  func(s *summit) *summit { s.grow(5); s.Records()[302].Raw[0] ^= 1; return s },
		"bit in the tree":     func(s *summit) *summit { s.grow(5); s.store["0/1"][32*46] ^= 1; return s },
		"bit in the old tree": func(s *summit) *summit { s.grow(5); s.store["1/0"][3] ^= 1; return s },
		"the log is shorter":  func(s *summit) *summit { l := newSummit(s.t, "a").grow(302); s.grow(10); s.Memory = l.Memory; return s },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			good, n := newSummit(t, "a").grow(299), open(t, dir, 1)
			signed, err := n.Head(ctx, good.source())
			if err != nil {
				t.Fatal(err)
			}
			bad := spoil(good)
			for range 2 { // and again after a restart
				_, err = n.Head(ctx, bad.source())
				var refused *RefusedError
				if !errors.As(err, &refused) || refused.Signed != string(signed.Note) || n.Refused()["one"] == nil {
					t.Fatalf("%v", err)
				}
				n = open(t, dir, 1)
			}
			if _, err := n.Head(ctx, newSummit(t, "a").grow(310).source()); err != nil || n.Refused()["one"] != nil {
				t.Errorf("the honest log was refused after it: %v", err)
			}
		})
	}
}

func TestASmallerHeadOfAnAlteredTreeIsRefused(t *testing.T) {
	s, n := newSummit(t, "a").grow(299), open(t, t.TempDir(), 1)
	if _, err := n.Head(context.Background(), s.source()); err != nil {
		t.Fatal(err)
	}
	s.store["0/0"][32*7] ^= 1
	var refused *RefusedError
	if _, err := n.At(context.Background(), s.source(), 100); !errors.As(err, &refused) {
		t.Errorf("%v", err)
	}
}

func TestViewsThatAreBeingBuiltAreNoRollback(t *testing.T) {
	s, n := newSummit(t, "a").grow(299), open(t, t.TempDir(), 1)
	if _, err := n.Head(context.Background(), s.source()); err != nil {
		t.Fatal(err)
	}
	s.serve(20)
	_, err := n.Head(context.Background(), s.source())
	_, atErr := n.At(context.Background(), s.source(), 10)
	if !errors.Is(err, ErrBehind) || !errors.Is(atErr, ErrBehind) || len(n.Refused()) > 0 {
		t.Errorf("%v, %v", err, atErr)
	}
}

func TestTheLastSignedHeadIsGuarded(t *testing.T) {
	ctx := context.Background()
	for name, spoil := range map[string]func(t *testing.T, path string) byte{
		"damaged":     func(t *testing.T, path string) byte { replace(t, path, `"checkpoint"`, `"checkpoimt"`); return 1 },
		"edge":        func(t *testing.T, path string) byte { replace(t, path, `"edge":[`, `"edge":["AAAA",`); return 1 },
		"cut":         func(t *testing.T, path string) byte { replace(t, path, "}", ""); return 1 },
		"another key": func(*testing.T, string) byte { return 2 },
		"another signature": func(t *testing.T, path string) byte {
			replace(t, path, "summits/one\\n3\\n", "summits/one\\n2\\n")
			return 1
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, n := newSummit(t, "a").grow(2), open(t, dir, 1)
			if _, err := n.Head(ctx, s.source()); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "one.json")
			n = open(t, dir, spoil(t, path))
			var refused *RefusedError
			if _, err := n.Head(ctx, s.source()); !errors.As(err, &refused) || !strings.Contains(err.Error(), path) {
				t.Errorf("%v", err)
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if _, err := n.Head(ctx, s.source()); err != nil {
				t.Errorf("begun anew: %v", err)
			}
		})
	}
}

func replace(t *testing.T, path, from, to string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), from) {
		t.Fatalf("no %s in %s", from, b)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(b), from, to)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTwoNotariesOfOneFolderDoNotForget(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	a, b := open(t, dir, 1), open(t, dir, 1)
	s := newSummit(t, "a")
	for _, n := range []*Notary{a, b} {
		if _, err := n.Head(ctx, s.source()); err != nil {
			t.Fatal(err)
		}
	}
	s.grow(5)
	if _, err := a.Head(ctx, s.source()); err != nil {
		t.Fatal(err)
	}
	var refused *RefusedError
	if _, err := b.Head(ctx, s.source()); !errors.As(err, &refused) {
		t.Errorf("it signed over another's head: %v", err)
	}
}

func TestManyAskAtOnce(t *testing.T) {
	s, n := newSummit(t, "a").grow(999), open(t, t.TempDir(), 1)
	var g sync.WaitGroup
	for i := range 32 {
		g.Go(func() {
			if i%2 == 0 {
				if _, err := n.Head(context.Background(), s.source()); err != nil {
					t.Error(err)
				}
			} else if _, err := n.At(context.Background(), s.source(), int64(i)); err != nil {
				t.Error(err)
			}
			n.Refused()
		})
	}
	g.Wait()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	n.ledger("one").hold <- struct{}{}
	if _, err := n.Head(ctx, s.source()); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestALogOutOfReachIsNoRefusal(t *testing.T) {
	s, n := newSummit(t, "a").grow(9), open(t, t.TempDir(), 1)
	source := s.source()
	source.Log = unreachable{s}
	if _, err := n.Head(context.Background(), source); !errors.Is(err, store.ErrUnavailable) || len(n.Refused()) > 0 {
		t.Errorf("%v %v", err, n.Refused())
	}
}

type unreachable struct{ *summit }

func (unreachable) ReadBytes(context.Context, uint64, uint64) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) { yield(store.Record{}, store.ErrUnavailable) }
}

func TestOnlyTextsThatAreNoHeadsAreAttested(t *testing.T) {
	n := open(t, t.TempDir(), 1)
	if b, err := n.Attest("one", []byte("a\nb\n")); err != nil || !strings.HasPrefix(string(b), "a\nb\n\n— host.example/summits/one ") {
		t.Errorf("%s %v", b, err)
	}
	root, _ := merkle.NewAccumulator().Root()
	body, err := merkle.Checkpoint{Origin: n.Origin("one"), Root: root}.Format()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Attest("one", body); err == nil {
		t.Error("a head was attested")
	}
	if _, err := Open(t.TempDir(), "no key"); err == nil {
		t.Error("no key passed for one")
	}
}

func BenchmarkHead(b *testing.B) {
	s, n := newSummit(b, "a").grow(1000), open(b, b.TempDir(), 1)
	for b.Loop() {
		b.StopTimer()
		s.Put([]byte("event"), "facts.one.x", "")
		s.tree.Append(merkle.LeafHash([]byte("event")))
		if err := s.tree.Flush(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if _, err := n.Head(context.Background(), s.source()); err != nil {
			b.Fatal(err)
		}
	}
}
