package store_test

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/durable"
	"github.com/summit-timeline/summit/store/embedded"
	"github.com/summit-timeline/summit/store/logtest"
)

// disk knows what of the files in a folder was synced.
type disk struct {
	mu     sync.Mutex
	synced map[string][]byte      // by path
	skips  func(path string) bool // files that are not synced though it was asked for
}

func newDisk() *disk { return &disk{synced: map[string][]byte{}} }

// sync is embedded.Options.Sync.
func (d *disk) sync(f *os.File) error {
	if err := durable.SyncData(f); err != nil {
		return err
	}
	content, err := os.ReadFile(f.Name())
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.skips != nil && d.skips(f.Name()) {
		return nil
	}
	d.synced[f.Name()] = content
	return nil
}

// after returns a folder with what a loss of power may leave of the files in dir: what
// was synced; of what was written to a block since any part, or nothing; and of a
// journal any of the pages.
func (d *disk) after(t *testing.T, rng *rand.Rand, dir string) string {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	to := t.TempDir()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		left, written := d.synced[path], contentOf(t, path)
		switch {
		case isBlock(path) && len(written) > len(left):
			left = written[:len(left)+rng.IntN(len(written)-len(left)+1)]
		case isJournal(path) && left != nil:
			left = pagesOf(rng, left, written)
		}
		if left == nil {
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, rel)), 0o700); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), left, 0o600)
	})
	must(t, err)
	return to
}

func isBlock(path string) bool   { return strings.HasSuffix(path, ".blk") }
func isJournal(path string) bool { return strings.HasPrefix(filepath.Base(path), "journal-") }

// pagesOf returns a file of which each page is the old or the new one.
func pagesOf(rng *rand.Rand, old, now []byte) []byte {
	const page = 4096
	left := append([]byte(nil), old...)
	for at := 0; at+page <= len(now) && at+page <= len(left); at += page {
		if rng.IntN(2) == 0 {
			copy(left[at:at+page], now[at:])
		}
	}
	return left
}

func contentOf(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	return b
}

// forcing says how logs bring what they take to the disk.
type forcing func(s *embedded.Server, o *store.Options)

// blocksAlone has the files of the broker synced for each append.
func blocksAlone(s *embedded.Server, o *store.Options) { o.Force = s.Force }

// journalled has the journal synced, which is what the program does.
func journalled(s *embedded.Server, o *store.Options) { o.Force, o.Note = s.Force, s.Note }

// once has the files of the broker synced for the first append alone.
func once(s *embedded.Server, o *store.Options) {
	first := true
	o.Force = func(stream string) error {
		if !first {
			return nil
		}
		first = false
		return s.Force(stream)
	}
}

// forced opens logs whose broker leaves syncing to them.
func forced(t *testing.T, dir string, d *disk, how forcing) (*store.Logs, func()) {
	t.Helper()
	_, logs, stop := forcedServer(t, dir, d, how)
	return logs, stop
}

func forcedServer(t *testing.T, dir string, d *disk, how forcing) (*embedded.Server, *store.Logs, func()) {
	t.Helper()
	s, err := embedded.Start(embedded.Options{Dir: dir, Secret: uuid.NewString(), Forced: true, Sync: d.sync})
	must(t, err)
	if !s.Forces() {
		t.Fatal("the server does not find its own files")
	}
	var conns []*nats.Conn
	for _, name := range []string{"append", "read"} {
		c, err := s.Connect(name)
		must(t, err)
		conns = append(conns, c)
	}
	o := store.Options{Clock: time.Now}
	how(s, &o)
	logs, err := store.Open(store.Conns{Append: conns[0], Read: conns[1]}, o)
	must(t, err)
	stop := sync.OnceFunc(func() {
		for _, c := range conns {
			c.Close()
		}
		if err := s.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return s, logs, stop
}

const powerSeeds = 6

func TestWhatWasAcknowledgedOutlivesALossOfPower(t *testing.T) {
	for name, how := range map[string]forcing{"blocks alone": blocksAlone, "journalled": journalled} {
		for seed := range uint64(powerSeeds) {
			if missing := lostWithPower(t, rand.New(rand.NewPCG(seed, 2)), newDisk(), how); missing > 0 {
				t.Errorf("%s, seed %d: %d acknowledged events are gone", name, seed, missing)
			}
		}
	}
}

// What makes the test above able to fail: where nothing is synced, events are gone.
func TestWhatWasNotSyncedIsGoneAfterALossOfPower(t *testing.T) {
	for name, how := range map[string]forcing{"blocks alone": once, "journalled": journalled} {
		missing := 0
		for seed := range uint64(powerSeeds) {
			d := newDisk()
			d.skips = func(path string) bool { return isJournal(path) && d.synced[path] != nil }
			missing += lostWithPower(t, rand.New(rand.NewPCG(seed, 2)), d, how)
		}
		if missing == 0 {
			t.Errorf("%s: nothing was lost: the loss of power is not simulated", name)
		}
	}
}

// lostWithPower appends events, cuts the power, and returns how many of those that were
// acknowledged are gone.
func lostWithPower(t *testing.T, rng *rand.Rand, d *disk, how forcing) (missing int) {
	t.Helper()
	dir, ctx := t.TempDir(), context10(t)
	logs, stop := forced(t, dir, d, how)
	log := create(t, logs, "power")
	acknowledged := map[uint64]string{}
	last := uint64(1)
	for n := 1; n < 40; {
		var list []events.Event
		for range 1 + rng.IntN(30) {
			list = append(list, logtest.Note("power", n))
			n++
		}
		add := log.AppendEach
		if rng.IntN(4) == 0 {
			add = log.Append
		}
		results, err := add(ctx, list, store.After(last))
		if err != nil || len(results) != len(list) {
			t.Fatalf("%d of %d: %v", len(results), len(list), err)
		}
		for i, r := range results {
			raw, err := events.Encode(list[i])
			must(t, err)
			acknowledged[r.Seq], last = string(raw), r.Seq
		}
	}
	left := d.after(t, rng, dir)
	stop()
	return absent(ctx, t, left, "power", acknowledged)
}

// absent starts a server on a folder, and returns how many events its log lacks.
func absent(ctx context.Context, t *testing.T, dir, summit string, want map[uint64]string) (missing int) {
	t.Helper()
	logs, stop := forced(t, dir, newDisk(), journalled)
	defer stop()
	log, err := logs.Open(ctx, summit)
	must(t, err)
	for seq, raw := range want {
		if rec, err := log.Get(ctx, seq); err != nil || string(rec.Raw) != raw || rec.Err != nil {
			if missing++; missing == 1 {
				t.Logf("event %d: %v, %v", seq, err, rec.Err)
			}
		}
	}
	return missing
}

// long are notes of 4 KB from n on: a block holds about 1,900.
func long(summit string, n, count int) []events.Event {
	list := logtest.Notes(summit, n, count)
	for _, e := range list {
		e.Data.(*events.NoteAdded).Text = strings.Repeat("word", 1000)
	}
	return list
}

// A block that is not whole may be followed by one that is, since the system writes files
// in any order.
func TestABlockIsFollowedByTheNextThoughItLacksItsEnd(t *testing.T) {
	dir, ctx := t.TempDir(), context10(t)
	logs, stop := forced(t, dir, newDisk(), journalled)
	log := create(t, logs, "torn")
	want := map[uint64]string{}
	for last := uint64(1); last < 2300; last += 25 {
		list := long("torn", int(last), 25)
		results, err := log.AppendEach(ctx, list, store.After(last))
		if must(t, err); len(results) != len(list) {
			t.Fatalf("%d of %d were added", len(results), len(list))
		}
		for i, e := range list {
			raw, err := events.Encode(e)
			must(t, err)
			want[last+1+uint64(i)] = string(raw)
		}
	}
	left := t.TempDir()
	must(t, os.CopyFS(left, os.DirFS(dir)))
	stop()
	blocks, err := filepath.Glob(filepath.Join(left, "jetstream", "*", "streams", "SUMMIT_torn", "msgs", "*.blk"))
	must(t, err)
	if len(blocks) != 2 {
		t.Fatalf("blocks: %v", blocks)
	}
	info, err := os.Stat(blocks[0])
	must(t, err)
	must(t, os.Truncate(blocks[0], info.Size()-250_000))
	if missing := absent(ctx, t, left, "torn", want); missing > 0 {
		t.Errorf("%d acknowledged events are gone", missing)
	}
}

// What was noted and then refused does not come back, though what stood in its place is
// gone.
func TestWhatWasRefusedDoesNotComeBackWithTheJournal(t *testing.T) {
	d, dir, ctx := newDisk(), t.TempDir(), context10(t)
	s, logs, stop := forcedServer(t, dir, d, journalled)
	log := create(t, logs, "refused")
	_, err := log.Append(ctx, logtest.Notes("refused", 1, 3), store.After(1))
	must(t, err)
	c, err := s.Connect("operator")
	must(t, err)
	defer c.Close()
	_, err = c.RequestWithContext(ctx, store.Subject(logtest.Note("refused", 9)), []byte("what nobody forced"))
	must(t, err)
	var conflict *store.ConflictError
	if _, err := log.Append(ctx, logtest.Notes("refused", 4, 2), store.After(4)); !errors.As(err, &conflict) {
		t.Fatalf("an append after 4 to a log that ends at 5: %v", err)
	}
	for seed := range uint64(powerSeeds) {
		logs, stop := forced(t, d.after(t, rand.New(rand.NewPCG(seed, 2)), dir), newDisk(), journalled)
		log, err := logs.Open(ctx, "refused")
		must(t, err)
		if rec, err := log.Get(ctx, 5); err == nil && rec.Err == nil {
			t.Errorf("seed %d: %s was refused and stands", seed, rec.Event.ID)
		}
		stop()
	}
	stop()
}
