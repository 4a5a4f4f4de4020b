package engine

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/viewdb"
)

// lengths is a fold that keeps the length of each event, and fails on an event
// that says so. It is all that an engine needs.
type lengths struct {
	version   int
	forgotten *int
	tx        *viewdb.Tx
	out       Outcome
}

func (l *lengths) Version() int                                  { return l.version }
func (l *lengths) Tables() []string                              { return []string{"lengths"} }
func (l *lengths) Ascending() []string                           { return l.Tables() }
func (l *lengths) Prepare(string, store.Record) (any, error)     { return nil, nil }
func (l *lengths) Begin(tx *viewdb.Tx, _ Cursor) (Batch, error)  { return &lengths{tx: tx}, nil }
func (l *lengths) KnownAt(*viewdb.Tx, uint64) (time.Time, error) { return time.Time{}, nil }
func (l *lengths) Forget()                                       { *l.forgotten++ }
func (l *lengths) Finish() (Outcome, error)                      { return l.out, nil }

func (l *lengths) Apply(e Event) error {
	switch {
	case e.Failed != nil:
		l.out.Aside = append(l.out.Aside, Aside{Seq: e.Seq, Reason: "it fails"})
	case string(e.Raw) == "fail":
		return errors.New("an error")
	case string(e.Raw) == "panic":
		panic("a panic")
	}
	return l.tx.Put("lengths", keys.Seq(e.Seq), keys.Seq(uint64(len(e.Raw))))
}

// words is a log in memory of one event a word.
type words []string

func (w words) Summit() string { return "words" }

func (w words) Get(_ context.Context, seq uint64) (store.Record, error) {
	return store.Record{Seq: seq, Raw: []byte(w[seq-1])}, nil
}

func (w words) Info(context.Context) (store.Info, error) {
	return store.Info{First: 1, Last: uint64(len(w)), Messages: uint64(len(w))}, nil
}

func (w words) Follow(ctx context.Context, from uint64) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for seq := from; seq <= uint64(len(w)); seq++ {
			if !yield(w.Get(ctx, seq)) {
				return
			}
		}
		<-ctx.Done()
	}
}

// follow opens a file with a fold of a version and runs it to the end of a log.
func follow(t *testing.T, path string, log words, version int) (e *Engine, forgotten int) {
	t.Helper()
	e, err := Open(path, log, func() Fold { return &lengths{version: version, forgotten: &forgotten} }, Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	err = e.Wait(ctx, uint64(len(log)))
	for changed := e.Changed(); err == nil && e.Version() != version; changed = e.Changed() {
		if e.Version() == version {
			break
		}
		select {
		case <-changed:
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	cancel()
	if err := errors.Join(err, <-ended); err != nil {
		t.Fatal(err)
	}
	return e, forgotten
}

// lengthsOf reads all rows.
func lengthsOf(t *testing.T, e *Engine) (list []uint64) {
	t.Helper()
	err := e.View(func(s Snapshot) error {
		for _, v := range s.Tx.Scan("lengths", viewdb.Range{}) {
			list = append(list, keys.Uint64(v))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// An engine folds whatever its fold makes of events, sets aside what that fails
// on, and rebuilds the file when the fold is of another version.
func TestAnEngineKnowsNothingOfWhatItFolds(t *testing.T) {
	log := words{"a", "bb", "fail", "dddd", "panic", "ffffff"}
	path := filepath.Join(t.TempDir(), "views.db")
	e, forgotten := follow(t, path, log, 1)
	if got := lengthsOf(t, e); len(got) != len(log) || got[3] != 4 || e.Health().Quarantined != 2 || e.Health().Failed != nil {
		t.Errorf("%v, %+v", got, e.Health())
	}
	if forgotten < 2 {
		t.Errorf("what was taken back is forgotten %d times", forgotten)
	}
	was, err := e.ViewDigest(t.Context())
	if err := errors.Join(err, e.Close()); err != nil {
		t.Fatal(err)
	}
	next, _ := follow(t, path, log, 2)
	now, err := next.ViewDigest(t.Context())
	if err := errors.Join(err, next.Close()); err != nil {
		t.Fatal(err)
	}
	if now.Version != 2 || now.Root != was.Root || now.Tables[0] != was.Tables[0] {
		t.Errorf("%+v, was %+v", now, was)
	}
	if _, err := os.Stat(path + ".old"); err != nil {
		t.Error(err)
	}
}

// A copy counts if it is of the log that it is put beside.
func TestACopyIsHeldAgainstItsLog(t *testing.T) {
	log := words{"a", "bb", "ccc"}
	e, _ := follow(t, filepath.Join(t.TempDir(), "views.db"), log, 1)
	said, err := e.ViewDigest(t.Context())
	var b bytes.Buffer
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := errors.Join(err, e.Snapshot(&b), e.Close(), os.WriteFile(path, b.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := VerifyCopy(t.Context(), path, log, &lengths{version: 1}, said); err != nil {
		t.Error(err)
	}
	for name, log := range map[string]words{"another": {"a", "xx", "ccc"}, "a shorter one": {"a", "bb"}} {
		if err := VerifyCopy(t.Context(), path, log, &lengths{version: 1}, said); err == nil {
			t.Errorf("it is taken for a copy of %s", name)
		}
	}
	if err := VerifyCopy(t.Context(), path, log, &lengths{version: 2}, said); err == nil {
		t.Error("it is taken for one of another version")
	}
}
