package projections

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/viewdb"
)

// The endings of the files beside the one that serves.
const (
	endingNew     = ".new"
	endingOld     = ".old"
	endingDoubt   = ".doubt"
	endingRefused = ".refused"
	endingSigned  = ".signed"
)

func isFile(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// heldLog is a log that waits at a sequence until it is let go.
type heldLog struct {
	*memory
	at  uint64
	let chan struct{}
	hit chan struct{}
}

func (l *heldLog) Follow(ctx context.Context, from uint64) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for rec, err := range l.memory.Follow(ctx, from) {
			if rec.Seq == l.at {
				close(l.hit)
				select {
				case <-l.let:
				case <-ctx.Done():
					return
				}
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

// oldFile makes a file of an older version that holds a story, and gives what
// it answers.
func oldFile(t *testing.T, m *memory) (path string, was map[string]string) {
	t.Helper()
	e := openStory(t, m, m.records, 10)
	path = filepath.Join(t.TempDir(), "views.db")
	was = reads(t, e, AsOf{Seq: e.Head().Seq, Pinned: true})
	keep(t, e, path)
	age(t, path)
	return path, was
}

// keep writes a copy of views.
func keep(t *testing.T, e *Engine, path string) {
	t.Helper()
	f, err := os.Create(path)
	must(t, err)
	must(t, errors.Join(e.Snapshot(f), f.Close()))
}

// age writes a version into a file that is not the present one.
func age(t *testing.T, path string) {
	t.Helper()
	db, err := viewdb.Open(path, viewdb.Options{NoSync: true})
	must(t, err)
	must(t, errors.Join(db.Update(func(tx *viewdb.Tx) error {
		var c map[string]any
		if err := json.Unmarshal(tx.Get("meta", []byte("cursor")), &c); err != nil {
			return err
		}
		c["version"] = item.Version - 1
		b, err := json.Marshal(c)
		return errors.Join(err, tx.Put("meta", []byte("cursor"), b))
	}), db.Close()))
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	must(t, copyOf(from, to))
}

// copyOf copies what a file holds, and leaves its holes: view files have room to
// grow.
func copyOf(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	out, err := os.Create(to)
	if err != nil {
		return errors.Join(err, in.Close())
	}
	return errors.Join(copyData(out, in), in.Close(), out.Close())
}

func copyData(out, in *os.File) error {
	const seekData, seekHole = 3, 4 // of lseek(2)
	info, err := in.Stat()
	if err != nil {
		return err
	}
	for at := int64(0); at < info.Size(); {
		data, err := in.Seek(at, seekData)
		if errors.Is(err, syscall.ENXIO) {
			break // a hole up to the end
		}
		hole, err2 := in.Seek(data, seekHole)
		_, err3 := in.Seek(data, io.SeekStart)
		_, err4 := out.Seek(data, io.SeekStart)
		if err := errors.Join(err, err2, err3, err4); err != nil {
			return err
		}
		if _, err := io.CopyN(out, in, hole-data); err != nil {
			return err
		}
		at = hole
	}
	return out.Truncate(info.Size())
}

func openAt(t *testing.T, path string, log Log) *Engine {
	t.Helper()
	e, err := Open(path, log, Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// running runs an engine until the test ends.
func running(t *testing.T, e *Engine) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// until waits for a state of health.
func until(t *testing.T, e *Engine, fits func(Health) bool) Health {
	t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		h := e.Health()
		if fits(h) {
			return h
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("still %+v", h)
		}
	}
}

func versionOf(t *testing.T, e *Engine) int {
	t.Helper()
	_, v, _, err := e.Digests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAFileOfAnotherVersionServesUntilItIsReplaced(t *testing.T) {
	m := randomStory(t, 11, 60)
	path, was := oldFile(t, m)
	at := AsOf{Seq: uint64(len(m.records)), Pinned: true}
	log := &heldLog{memory: m, at: 30, let: make(chan struct{}), hit: make(chan struct{})}
	e := openAt(t, path, log)
	running(t, e)
	<-log.hit
	compareReads(t, "while the new file is made", reads(t, e, at), was)
	if h := until(t, e, func(h Health) bool { return h.Rebuilding }); h.Position.Seq != at.Seq || versionOf(t, e) == item.Version {
		t.Errorf("while the new file is made: %+v", h)
	}
	close(log.let)
	until(t, e, func(h Health) bool { return !h.Rebuilding && h.Failed == nil && versionOf(t, e) == item.Version })
	compareReads(t, "afterwards", reads(t, e, at), was)
	sameDigests(t, e, openStory(t, m, m.records, len(m.records)))
	if !isFile(path+endingOld) || isFile(path+endingNew) {
		t.Error("the old file is not kept, or the new one is")
	}
}

// Every file that a kill can leave behind, and what the next start makes of it.
func TestAKillWhileAFileIsReplaced(t *testing.T) {
	m := randomStory(t, 12, 50)
	for name, leave := range map[string]func(t *testing.T, path string){
		"while the new file is made": func(t *testing.T, path string) {
			must(t, Build(t.Context(), path+endingNew, m, 20, func(uint64) {}))
			b, err := os.ReadFile(path + endingNew)
			must(t, err)
			must(t, os.WriteFile(path+endingNew, b[:len(b)/2], 0o600))
		},
		"before the first rename": func(t *testing.T, path string) {
			must(t, Build(t.Context(), path+endingNew, m, uint64(len(m.records)), func(uint64) {}))
		},
		"between the renames": func(t *testing.T, path string) {
			must(t, Build(t.Context(), path+endingNew, m, uint64(len(m.records)), func(uint64) {}))
			must(t, os.Rename(path, path+endingOld))
		},
		"between the renames, and the new file is lost": func(t *testing.T, path string) {
			must(t, os.Rename(path, path+endingOld))
		},
		"after both": func(t *testing.T, path string) {
			must(t, Build(t.Context(), path+endingNew, m, uint64(len(m.records)), func(uint64) {}))
			must(t, errors.Join(os.Rename(path, path+endingOld), os.Rename(path+endingNew, path)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			path, was := oldFile(t, m)
			leave(t, path)
			at := AsOf{Seq: uint64(len(m.records)), Pinned: true}
			e := openAt(t, path, m)
			compareReads(t, "at once", reads(t, e, at), was)
			running(t, e)
			until(t, e, func(h Health) bool { return !h.Rebuilding && versionOf(t, e) == item.Version })
			compareReads(t, "when it has run", reads(t, e, at), was)
			sameDigests(t, e, openStory(t, m, m.records, len(m.records)))
			again := filepath.Join(t.TempDir(), "again.db")
			copyFile(t, path, again)
			next := openAt(t, again, m)
			running(t, next)
			must(t, next.Wait(t.Context(), at.Seq))
			compareReads(t, "after one more start", reads(t, next, at), was)
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheOldFileGoesAtTheNextStart(t *testing.T) {
	m := randomStory(t, 13, 20)
	path := filepath.Join(t.TempDir(), "views.db")
	keep(t, openStory(t, m, m.records, 10), path)
	for _, left := range []string{path + endingOld, path + endingNew} {
		must(t, os.WriteFile(left, []byte("left behind"), 0o600))
	}
	e := openAt(t, path, m)
	running(t, e)
	until(t, e, func(Health) bool {
		entries, err := os.ReadDir(filepath.Dir(path))
		return err == nil && len(entries) == 1
	})
}

func TestARebuildThatFailsLeavesTheOldFileServing(t *testing.T) {
	m := plainStory(t, 30)
	path, was := oldFile(t, m)
	log := &brokenLog{memory: m, at: 20}
	log.broken.Store(true)
	e := openAt(t, path, log)
	running(t, e)
	h := until(t, e, func(h Health) bool { return h.Failed != nil })
	if h.Position.Seq != uint64(len(m.records)) || !errors.Is(h.Failed, errBroken) {
		t.Errorf("%+v", h)
	}
	got := reads(t, e, AsOf{Seq: h.Position.Seq, Pinned: true})
	if got["all"] == "" || got["fact "+numbered(2)] != was["fact "+numbered(2)] {
		t.Errorf("%s, was %s", got["fact "+numbered(2)], was["fact "+numbered(2)])
	}
	log.broken.Store(false) // it passes, and nobody starts anything again
	until(t, e, func(h Health) bool { return h.Failed == nil && e.Version() == item.Version })
	sameDigests(t, e, openStory(t, m, m.records, 30))
}

var errBroken = errors.New("input/output error")

// brokenLog cannot be read at an event for as long as it is broken.
type brokenLog struct {
	*memory
	at     uint64
	broken atomic.Bool
}

func (l *brokenLog) Follow(ctx context.Context, from uint64) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for rec, err := range l.memory.Follow(ctx, from) {
			if rec.Seq == l.at && l.broken.Load() {
				yield(store.Record{}, errBroken)
				return
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

// plainStory is one of notes that all stand.
func plainStory(t *testing.T, length int) *memory {
	t.Helper()
	m := newStory(t)
	for len(m.records) < length {
		m.add(t, events.TypeNoteAdded, entity(events.KindNote, "n"), &events.NoteAdded{Common: word("Wire"), Text: "a text"})
	}
	return m
}

func TestALogThatPanicsIsReadAgain(t *testing.T) {
	m := randomStory(t, 16, 10)
	log := &panickingLog{memory: m}
	log.fails.Store(3)
	e := openAt(t, filepath.Join(t.TempDir(), "views.db"), log)
	running(t, e)
	if h := until(t, e, func(h Health) bool { return h.Failed != nil }); !errors.As(h.Failed, new(*PanicError)) {
		t.Errorf("%v", h.Failed)
	}
	until(t, e, func(h Health) bool { return h.Failed == nil && h.Position.Seq == uint64(len(m.records)) })
	sameDigests(t, e, openStory(t, m, m.records, 10))
}

// panickingLog panics a few times while it reads its third event.
type panickingLog struct {
	*memory
	fails atomic.Int64
}

func (l *panickingLog) Follow(ctx context.Context, from uint64) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for rec, err := range l.memory.Follow(ctx, from) {
			if rec.Seq == 3 && l.fails.Add(-1) >= 0 {
				panic("a decoder's fault")
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

// What a failed transaction had read or put must not be taken for what stands.
func TestNothingOfAFailedTransactionIsRemembered(t *testing.T) {
	for name, fail := range map[string]func(m *memory){
		"a gap":   func(m *memory) { m.records[3].Seq = 9 },
		"no tree": func(m *memory) { m.records[3].Seq = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			m := newStory(t)
			note := entity(events.KindNote, "n")
			id := m.add(t, events.TypeNoteAdded, note, &events.NoteAdded{Common: word("Wire"), Text: "one"})
			e := openStory(t, m, m.records, 2)
			dispute := &events.FactDisputed{Common: word("Tower"), Target: events.Target{Target: id}}
			m.add(t, events.TypeFactDisputed, note, dispute)
			m.add(t, events.TypeNoteAdded, note, &events.NoteAdded{Common: word("Wire"), Text: "two"})
			bad := &memory{records: slices.Clone(m.records)}
			fail(bad)
			if err := commit(e, bad.records[2:]); err == nil {
				t.Fatal("it was taken")
			}
			must(t, commit(e, m.records[2:]))
			sameDigests(t, e, openStory(t, m, m.records, 1))
		})
	}
}
