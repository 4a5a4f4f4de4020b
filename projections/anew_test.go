package projections

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/summit-timeline/summit/projections/internal/engine"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/store"
)

// noted are views of a story that a server has followed, closed: their file.
func noted(t *testing.T, m *memory) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "views.db")
	e, err := Open(path, m, Options{NoSync: true})
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	until(t, e, func(h Health) bool { return h.Position.Seq == uint64(len(m.records)) })
	cancel()
	must(t, <-done)
	must(t, e.Close())
	return path
}

// openAnew opens views as a server does: a file that is damaged is set aside.
func openAnew(t *testing.T, path string, log Log, o Options) *Engine {
	t.Helper()
	o.NoSync = true
	e, err := Open(path, log, o)
	if errors.As(err, new(*DamagedError)) {
		_, err = engine.SetAside(path)
		must(t, err)
		e, err = Open(path, log, o)
	}
	must(t, err)
	t.Cleanup(func() { must(t, e.Close()) })
	return e
}

// heals runs views and scrubs them, and wants them to come to what the log comes
// to, without a doubt.
func heals(t *testing.T, e *Engine, whole *Engine) {
	t.Helper()
	running(t, e)
	last := whole.Head().Seq
	until(t, e, func(h Health) bool { return h.Position.Seq == last && h.Failed == nil || h.Doubt != nil })
	_ = e.Scrub(t.Context(), func(context.Context, int) error { return nil }) // what it finds shows in the health
	if h := until(t, e, func(h Health) bool { return h.Position.Seq == last && h.Failed == nil || h.Doubt != nil }); h.Doubt != nil {
		t.Fatalf("%+v", h)
	}
	sameDigests(t, e, whole)
}

// Whichever byte of a view file is another: what was altered is never served as
// complete, and the views become right by themselves.
func TestViewsWithAnyByteAlteredBecomeRight(t *testing.T) {
	m := randomStory(t, 21, 60)
	whole := openStory(t, m, m.records, 60)
	want := reads(t, whole, AsOf{Seq: uint64(len(m.records)), Pinned: true})["all"]
	path := noted(t, m)
	good, err := os.ReadFile(path)
	must(t, err)
	r := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		at := r.IntN(len(good))
		bad := bytes.Clone(good)
		bad[at] ^= 1 << r.IntN(8)
		must(t, os.WriteFile(path, bad, 0o600)) // the same file: nothing tells that it was touched
		t.Run("", func(t *testing.T) {
			e := openAnew(t, path, m, Options{})
			if page, err := e.Timeline(t.Context(), Query{Reading: AsOf{Seq: e.Head().Seq, Pinned: true}, Limit: MaxLimit}, time.Time{}); err == nil && page.Complete && len(page.Items) > 0 {
				served := answers{t, map[string]string{}}
				served.add(nil, "all", page.Items, page.Known, page.Complete)
				if served.out["all"] != want {
					t.Errorf("byte %d altered is served as complete", at)
				}
			}
			heals(t, e, whole)
		})
		must(t, os.RemoveAll(path+endingOld))
	}
}

// A copy that was made while the file was written holds pages of several
// moments. Wherever the log stands, the views start again by themselves.
func TestATornCopyStartsAnew(t *testing.T) {
	m := plainStory(t, 300)
	path := noted(t, &memory{records: m.records[:200]})
	early, err := os.ReadFile(path)
	must(t, err)
	later := noted(t, m)
	late, err := os.ReadFile(later)
	must(t, err)
	var accounts [2]ViewDigest
	for i, file := range []string{path, later} {
		accounts[i], err = ViewDigestOf(t.Context(), file)
		must(t, err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for _, last := range []int{100, 250, 300} { // the copied log is behind, between, or ahead
		for range 5 {
			torn := bytes.Clone(late)
			for page := 0; page+4096 <= min(len(early), len(late)); page += 4096 {
				if r.IntN(3) == 0 {
					copy(torn[page:page+4096], early[page:])
				}
			}
			t.Run("", func(t *testing.T) {
				log := &memory{records: m.records[:last]}
				copied := filepath.Join(t.TempDir(), "views.db")
				must(t, os.WriteFile(copied, torn, 0o600))
				if a, err := ViewDigestOf(t.Context(), copied); err == nil && int(a.Position.Seq) > last && (slices.Equal(a.Tables, accounts[0].Tables) || slices.Equal(a.Tables, accounts[1].Tables)) {
					return // it is whole after all: the pages that differ are in no use
				}
				heals(t, openAnew(t, copied, log, Options{}), openStory(t, log, log.records, last))
			})
		}
	}
}

// A whole copy that is behind continues, and one that is ahead of the log is in
// doubt: it knows what the log had.
func TestAWholeCopyCounts(t *testing.T) {
	m := plainStory(t, 300)
	b, err := os.ReadFile(noted(t, &memory{records: m.records[:200]}))
	must(t, err)
	for last, doubted := range map[int]InconsistencyKind{150: RolledBack, 200: "", 300: ""} {
		log := &memory{records: m.records[:last]}
		copied := filepath.Join(t.TempDir(), "views.db")
		must(t, os.WriteFile(copied, b, 0o600))
		e := openAnew(t, copied, log, Options{})
		if doubted == "" {
			heals(t, e, openStory(t, log, log.records, last))
			continue
		}
		must(t, e.Check(t.Context())) // it says nothing before the file is proven
		running(t, e)
		h := until(t, e, func(h Health) bool { return h.Doubt != nil })
		var d *InconsistencyError
		if errors.As(h.Doubt, &d); d.Kind != doubted {
			t.Errorf("%v", d)
		}
	}
}

// A log that is another than the one that was seen is no reason to make views
// again, though they be damaged as well.
func TestDamageHidesNoDoubt(t *testing.T) {
	m := plainStory(t, 50)
	path := noted(t, m)
	b, err := os.ReadFile(path)
	must(t, err)
	changed := &memory{records: append([]store.Record(nil), m.records...)}
	other := &changed.records[9]
	raw := bytes.Replace(other.Raw, []byte("a text"), []byte("a lie!"), 1)
	*other = store.NewRecord("story", other.Seq, other.Stored, raw, other.Subject, other.MsgID)
	must(t, os.WriteFile(path, bytes.ReplaceAll(b, []byte("a text"), []byte("a test")), 0o600))
	e := openAnew(t, path, changed, Options{})
	running(t, e)
	_, err = e.Timeline(t.Context(), Query{Reading: AsOf{Seq: 50, Pinned: true}}, time.Time{})
	if !errors.As(err, new(*DamagedError)) {
		t.Fatalf("read: %v", err)
	}
	until(t, e, func(h Health) bool { return h.Doubt != nil })
	for _, file := range []string{path, path + endingDoubt} {
		if !isFile(file) {
			t.Errorf("%s is gone", file)
		}
	}
	if _, err := engine.SetAside(path); err == nil {
		t.Error("evidence was set aside")
	}
}

// What passes is waited for: a disk that is full or fails for a while stops
// nothing for good, and is told as what it is.
func TestADiskThatFailsIsWaitedFor(t *testing.T) {
	for _, errno := range []error{syscall.ENOSPC, syscall.EIO, syscall.EDQUOT} {
		t.Run(errno.Error(), func(t *testing.T) {
			m := plainStory(t, 40)
			var failing atomic.Bool
			failing.Store(true)
			path := filepath.Join(t.TempDir(), "views.db")
			e := openAnew(t, path, m, Options{Failing: func() error {
				if failing.Load() {
					return errno
				}
				return nil
			}})
			running(t, e)
			h := until(t, e, func(h Health) bool { return h.Failed != nil })
			if !errors.Is(h.Failed, errno) || !errors.As(h.Failed, new(*PausedError)) || h.Doubt != nil || e.InDoubt() || !errors.Is(e.Stopped(), errno) {
				t.Errorf("%+v", h)
			}
			failing.Store(false)
			until(t, e, func(h Health) bool { return h.Failed == nil && h.Position.Seq == 40 })
			if e.Stopped() != nil || isFile(path+endingDoubt) {
				t.Errorf("it stays: %v", e.Stopped())
			}
			sameDigests(t, e, openStory(t, m, m.records, 40))
		})
	}
}

// Evidence that a loss of power has torn is named, and neither believed nor
// written over.
func TestEvidenceThatCannotBeReadIsNamedAndKept(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "torn": `{"kind":"alt`, "zeroes": "\x00\x00\x00", "no doubt": `{}`, "a list": `[]`} {
		t.Run(name, func(t *testing.T) {
			m := plainStory(t, 30)
			path := noted(t, &memory{records: m.records[:29]})
			must(t, os.WriteFile(path+endingDoubt, []byte(text), 0o600))
			e := openAnew(t, path, m, Options{})
			running(t, e)
			h := until(t, e, func(h Health) bool { return h.Evidence != nil && h.Position.Seq == 30 }) // it goes on
			if h.Doubt != nil || h.Failed != nil || !strings.Contains(h.Evidence.Error(), path+endingDoubt) {
				t.Errorf("%+v", h)
			}
			e.Doubt(&InconsistencyError{Kind: Altered, Seq: 5, Reason: "event 5 is another"})
			if b, err := os.ReadFile(path + endingDoubt); err != nil || string(b) != text {
				t.Errorf("the evidence is now %q, %v", b, err)
			}
			var d InconsistencyError
			b, err := os.ReadFile(path + endingDoubt + "-2")
			if err := errors.Join(err, json.Unmarshal(b, &d)); err != nil || d.Seq != 5 {
				t.Errorf("%v, %v", d, err)
			}
		})
	}
}

// A long reading holds up neither those who read meanwhile nor the file that
// takes the place of the one it reads.
func TestALongReadingHoldsUpNobody(t *testing.T) {
	m := plainStory(t, 30)
	path, _ := oldFile(t, m)
	e := openAt(t, path, m)
	reading, let, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- e.View(func(s engine.Snapshot) error {
			close(reading)
			<-let
			for _, table := range s.Fold.Tables() { // of the file as it was
				s.Tx.Digest(table)
			}
			return nil
		})
	}()
	<-reading
	must(t, engine.Rebuild(t.Context(), e.Engine))
	if e.Version() != item.Version {
		t.Errorf("version %d", e.Version())
	}
	for range 3 {
		if _, err := e.Timeline(t.Context(), Query{Reading: e.Latest()}, opening); err != nil {
			t.Error(err)
		}
	}
	close(let)
	must(t, <-ended)
}

// Files are swapped under those who read them.
func TestFilesAreSwappedUnderReaders(t *testing.T) {
	m := plainStory(t, 30)
	path, _ := oldFile(t, m)
	e := openAt(t, path, m)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 4)
	for range cap(ended) {
		go func() {
			for ctx.Err() == nil {
				if _, _, _, err := e.Digests(context.WithoutCancel(ctx)); err != nil {
					ended <- err
					return
				}
				if _, err := e.Timeline(context.WithoutCancel(ctx), Query{Reading: e.Latest()}, opening); err != nil {
					ended <- err
					return
				}
			}
			ended <- nil
		}()
	}
	for range 10 {
		must(t, engine.Rebuild(t.Context(), e.Engine))
		must(t, os.Remove(path+endingOld))
	}
	stop()
	for range cap(ended) {
		must(t, <-ended)
	}
}
