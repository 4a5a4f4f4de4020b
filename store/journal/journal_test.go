package journal

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/summit-timeline/summit/store/durable"
)

// disk knows what of the files was synced.
type disk struct {
	mu     sync.Mutex
	synced map[string][]byte
	failed error // what syncing fails with
}

func newDisk() *disk { return &disk{synced: map[string][]byte{}} }

func (d *disk) sync(f *os.File) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failed != nil {
		return d.failed
	}
	content, err := os.ReadFile(f.Name())
	d.synced[f.Name()] = content
	return errors.Join(err, durable.SyncData(f))
}

func (d *disk) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failed = err
}

// after returns a folder with what a loss of power may leave: of what was not synced any
// pages.
func (d *disk) after(t *testing.T, rng *rand.Rand) string {
	t.Helper()
	to := t.TempDir()
	for path, left := range d.synced {
		now, err := os.ReadFile(path)
		must(t, err)
		left = slices.Clone(left)
		for at := 0; at+pageSize <= len(now) && at+pageSize <= len(left); at += pageSize {
			if rng.IntN(2) == 0 {
				copy(left[at:at+pageSize], now[at:])
			}
		}
		must(t, os.WriteFile(filepath.Join(to, filepath.Base(path)), left, 0o600))
	}
	return to
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func opened(t *testing.T, dir string, o Options) *Journal {
	t.Helper()
	if o.Spill == nil {
		o.Spill = func(string) error { return nil }
	}
	if o.Sync == nil {
		o.Sync = durable.SyncData
	}
	j, _, err := Open(dir, o)
	must(t, err)
	must(t, j.Reset())
	t.Cleanup(func() { _ = j.Close() }) // some are closed before
	return j
}

// held returns what the journal in a folder holds.
func held(t *testing.T, dir string) []string {
	t.Helper()
	j, notes, err := Open(dir, Options{Sync: durable.SyncData})
	must(t, err)
	must(t, j.Close())
	list := make([]string, len(notes))
	for i, n := range notes {
		list[i] = string(n)
	}
	return list
}

// story adds, syncs and releases notes at random, and knows which of them must be found.
type story struct {
	*Journal
	rng               *rand.Rand
	open              map[string]*Note // those that were not released, by owner
	newest            *Note
	noted             []string
	kept              int // how many of noted are on the disk
	released, spilled sync.Map
	gone              int // how many of noted were forgotten by Reset
}

func (s *story) step(t *testing.T) {
	t.Helper()
	switch s.rng.IntN(12) {
	case 0:
		s.release()
	case 1:
		if s.rng.IntN(20) > 0 {
			return
		}
		must(t, s.Reset())
		s.gone, s.kept = len(s.noted), len(s.noted)
	case 2, 3, 4:
		if s.newest != nil {
			must(t, s.newest.Sync())
			s.kept = len(s.noted)
		}
	default:
		text := fmt.Sprintf("%d %s", len(s.noted), strings.Repeat("x", s.rng.IntN(9000)))
		owner := fmt.Sprint(len(s.noted))
		n, err := s.Add(owner, []byte(text), s.rng.IntN(9) == 0)
		if errors.Is(err, ErrFull) {
			return
		}
		must(t, err)
		s.open[owner], s.newest, s.noted = n, n, append(s.noted, text)
	}
}

func (s *story) release() {
	for owner, n := range s.open {
		s.released.Store(owner, true)
		n.Release()
	}
	clear(s.open)
}

// spill is called for what was released alone.
func (s *story) spill(t *testing.T, owner string) error {
	if _, released := s.released.Load(owner); !released {
		t.Errorf("note %s is spilled before it is known what came of it", owner)
	}
	s.spilled.Store(owner, true)
	return nil
}

func TestWhatWasSyncedOutlivesALossOfPower(t *testing.T) {
	turns := 0
	for seed := range uint64(60) {
		rng, d := rand.New(rand.NewPCG(seed, 7)), newDisk()
		s := &story{rng: rng, open: map[string]*Note{}}
		s.Journal = opened(t, t.TempDir(), Options{
			Size: 160 << 10, Sync: d.sync, Spill: func(owner string) error { return s.spill(t, owner) },
		})
		for range 150 + rng.IntN(100) {
			s.step(t)
		}
		s.mu.Lock() // a segment may be spilled meanwhile
		d.mu.Lock()
		left := d.after(t, rng)
		d.mu.Unlock()
		s.mu.Unlock()
		found := held(t, left)
		first := len(s.noted)
		if len(found) > 0 {
			first = slices.Index(s.noted, found[0])
		}
		if end := first + len(found); first < 0 || end > len(s.noted) || !slices.Equal(found, s.noted[first:end]) || end < s.kept && s.kept > s.gone {
			t.Errorf("seed %d: notes %d to %d are found of %d, of which %d were synced and %d forgotten", seed, first, end, len(s.noted), s.kept, s.gone)
		}
		for no := s.gone; no < min(first, s.kept); no++ {
			if _, spilled := s.spilled.Load(fmt.Sprint(no)); !spilled {
				t.Errorf("seed %d: note %d is gone, and was not spilled", seed, no)
			}
			turns++
		}
		s.release()
	}
	if turns == 0 {
		t.Error("no segment was filled again")
	}
}

func TestAFullJournalWaitsForNobody(t *testing.T) {
	var spilled []string
	j := opened(t, t.TempDir(), Options{Size: 160 << 10, Spill: func(owner string) error {
		spilled = append(spilled, owner)
		return nil
	}})
	var notes []*Note
	content := make([]byte, 20<<10)
	for {
		n, err := j.Add("stream", content, false)
		if errors.Is(err, ErrFull) {
			break
		}
		must(t, err)
		notes = append(notes, n)
	}
	if len(notes) < 8 {
		t.Errorf("two segments of 160 KiB held %d notes of 20 KiB", len(notes))
	}
	urgent, err := j.Add("stream", []byte("that the last of them counts for nothing"), true)
	must(t, err)
	must(t, urgent.Sync())
	if _, err := j.Add("stream", make([]byte, 160<<10), true); !errors.Is(err, ErrFull) {
		t.Errorf("a note that no segment holds: %v", err)
	}
	for _, n := range notes {
		n.Release()
	}
	must(t, j.Close()) // which waits for what is spilled
	if !slices.Equal(spilled, []string{"stream"}) {
		t.Errorf("spilled: %v", spilled)
	}
}

func TestAJournalThatFailedTakesNotesAgainAfterReset(t *testing.T) {
	d, dir := newDisk(), t.TempDir()
	j := opened(t, dir, Options{Sync: d.sync})
	before, err := j.Add("a", []byte("before"), false)
	must(t, err)
	must(t, before.Sync())
	lost, err := j.Add("b", []byte("lost"), false)
	must(t, err)
	d.fail(syscall.EIO)
	if err := lost.Sync(); !errors.Is(err, syscall.EIO) {
		t.Errorf("a sync that fails: %v", err)
	}
	d.fail(nil)
	if err := lost.Sync(); !errors.Is(err, syscall.EIO) {
		t.Errorf("the next sync says nothing of the pages that were lost: %v", err)
	}
	if _, err := j.Add("a", []byte("after"), false); !errors.Is(err, syscall.EIO) || j.Err() == nil {
		t.Errorf("a note after it: %v", err)
	}
	if owners := j.Owners(); !slices.Equal(owners, []string{"a", "b"}) {
		t.Errorf("owners: %v", owners)
	}
	must(t, j.Reset())
	after, err := j.Add("a", []byte("after"), false)
	must(t, err)
	must(t, after.Sync())
	if before.Stands() || !after.Stands() || j.Err() != nil {
		t.Error("what was forgotten is not told from what stands")
	}
	if found := held(t, dir); !slices.Equal(found, []string{"after"}) {
		t.Errorf("found: %q", found)
	}
}

func TestASpillThatFailsEndsTheJournal(t *testing.T) {
	j := opened(t, t.TempDir(), Options{Size: 160 << 10, Spill: func(string) error { return syscall.ENOSPC }})
	for {
		n, err := j.Add("stream", make([]byte, 20<<10), false)
		if errors.Is(err, syscall.ENOSPC) {
			break
		}
		if !errors.Is(err, ErrFull) {
			must(t, err)
			n.Release()
		}
	}
	must(t, j.Reset())
}

func TestAJournalIsTakenAway(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, dir, Options{})
	if !Exists(dir) {
		t.Error("there is no journal")
	}
	must(t, j.Remove())
	if Exists(dir) {
		t.Error("there is a journal")
	}
	if _, err := j.Add("stream", nil, false); !errors.Is(err, os.ErrClosed) {
		t.Errorf("a note to one that was taken away: %v", err)
	}
}
