package store_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/eventstest"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/embedded"
	"github.com/summit-timeline/summit/store/logtest"
)

func TestEventsThatAreAddedEachFollowTheOneBefore(t *testing.T) {
	d, ctx := newDisk(), context10(t)
	s, logs := forcedOver(t, d, store.Options{AckWait: 50 * time.Millisecond})
	log := create(t, logs, "run")
	list := []events.Event{logtest.Note("run", 1), logtest.Note("run", 2), logtest.Note("run", 3)}
	s.wire.HoldPublish() // the first: the others arrive, and must not stand without it
	last, added := uint64(1), 0
	for added < len(list) {
		results, err := log.AppendEach(ctx, list[added:], store.After(last))
		if err != nil {
			t.Fatal(err)
		}
		added, last = added+len(results), results[len(results)-1].Seq
	}
	if answer, err := s.wire.Deliver(); err != nil || !strings.Contains(answer, "wrong last sequence") {
		t.Errorf("the one that was late: %q, %v", answer, err)
	}
	for i, e := range list {
		raw, err := events.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		if rec, err := log.Get(ctx, uint64(2+i)); err != nil || string(rec.Raw) != string(raw) {
			t.Errorf("event %d: %q, %v", 2+i, rec.Raw, err)
		}
	}
	// What a late second event of a run meets where another has the place of the first.
	m := nats.NewMsg(store.Subject(logtest.Note("run", 4)))
	m.Header.Set(jetstream.ExpectedLastSeqHeader, "4")
	m.Header.Set(jetstream.ExpectedLastMsgIDHeader, list[0].ID)
	if reply, err := s.conn.RequestMsgWithContext(ctx, m); err != nil || !strings.Contains(string(reply.Data), "wrong last msg ID") {
		t.Errorf("%q, %v", reply.Data, err)
	}
	var conflict *store.ConflictError
	if _, err := log.AppendEach(ctx, []events.Event{logtest.Note("run", 5)}, store.After(9)); !errors.As(err, &conflict) || conflict.Last != 4 {
		t.Errorf("%v", err)
	}
}

func TestFollowersGetWhatWasAppendedAndWhatTheyMissed(t *testing.T) {
	d, ctx := newDisk(), context10(t)
	_, logs := forcedOver(t, d, store.Options{Silence: 50 * time.Millisecond})
	log := create(t, logs, "feed")
	const total = 6000 // more than waits for a follower
	go func() {
		for last := uint64(1); last < total; {
			list := logtest.Notes("feed", int(last), int(min(1000, total-last)))
			results, err := log.AppendEach(ctx, list, store.After(last))
			if err != nil {
				t.Error(err)
				return
			}
			last = results[len(results)-1].Seq
		}
	}()
	want := uint64(1)
	for rec, err := range log.Follow(ctx, 1) {
		if err != nil || rec.Err != nil || rec.Seq != want || rec.Event.ID == "" {
			t.Fatalf("event %d instead of %d: %v, %v", rec.Seq, want, err, rec.Err)
		}
		if want == 10 { // a slow one
			for info, err := log.Info(ctx); err != nil || info.Last < total; info, err = log.Info(ctx) {
				if ctx.Err() != nil {
					t.Fatal(ctx.Err())
				}
			}
		}
		if want++; want > total {
			break
		}
	}
}

// wired is a server whose connection for appending can lose what it carries.
type wired struct {
	wire *logtest.Wire
	conn *nats.Conn
}

func forcedOver(t *testing.T, d *disk, o store.Options) (wired, *store.Logs) {
	t.Helper()
	s, err := embedded.Start(embedded.Options{Dir: t.TempDir(), Secret: uuid.NewString(), Forced: true, Sync: d.sync})
	must(t, err)
	wire := logtest.NewWire(s.InProcessConn)
	w, err := s.Connect("append", nats.InProcessServer(wire), nats.ReconnectWait(time.Millisecond), nats.ReconnectJitter(0, 0))
	must(t, err)
	r, err := s.Connect("read")
	must(t, err)
	t.Cleanup(func() { w.Close(); r.Close(); must(t, s.Shutdown()) })
	o.Force, o.Note, o.Clock = s.Force, s.Note, time.Now
	logs, err := store.Open(store.Conns{Append: w, Read: r}, o)
	must(t, err)
	return wired{wire, r}, logs
}

// A system that could not write a page does not try it again: what could not be synced
// is written anew.
func TestWhatCouldNotBeSyncedIsWrittenAnewBeforeFactsAreTaken(t *testing.T) {
	t.Run("blocks", func(t *testing.T) { writtenAnew(t, isBlock, blocksAlone) })
	t.Run("journal", func(t *testing.T) { writtenAnew(t, isJournal, journalled) })
}

// writtenAnew has syncing some files fail for a while.
func writtenAnew(t *testing.T, fails func(path string) bool, how forcing) {
	d, ctx := newDisk(), context10(t)
	var broken atomic.Bool
	s, err := embedded.Start(embedded.Options{Dir: t.TempDir(), Secret: uuid.NewString(), Forced: true, Sync: func(f *os.File) error {
		if broken.Load() && fails(f.Name()) {
			return &os.PathError{Op: "fdatasync", Path: f.Name(), Err: syscall.EIO}
		}
		return d.sync(f)
	}})
	must(t, err)
	w, err := s.Connect("append")
	must(t, err)
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.Run(running) }()
	t.Cleanup(func() { stop(); must(t, <-ended); w.Close(); must(t, s.Shutdown()) })
	o := store.Options{Clock: time.Now, Failing: s.Failing}
	how(s, &o)
	logs, err := store.Open(store.Conns{Append: w, Read: w}, o)
	must(t, err)
	log := create(t, logs, "broken")
	broken.Store(true)
	if _, err := log.Append(ctx, []events.Event{logtest.Note("broken", 1)}, store.After(1)); !errors.Is(err, store.ErrFrozen) || !errors.Is(err, syscall.EIO) {
		t.Fatalf("an event that is not on the disk: %v", err)
	}
	if _, err := log.Append(ctx, []events.Event{logtest.Note("broken", 2)}, store.After(2)); !errors.Is(err, store.ErrFrozen) {
		t.Errorf("the next one: %v", err)
	}
	broken.Store(false)
	eventstest.Eventually(t, "facts are taken again", func() bool { return s.Health() == nil })
	info, err := log.Info(ctx)
	must(t, err)
	results, err := log.Append(ctx, []events.Event{logtest.Note("broken", 3)}, store.After(info.Last))
	if err != nil || results[0].Seq != info.Last+1 {
		t.Errorf("%+v, %v", results, err)
	}
	for seq := uint64(1); seq <= info.Last+1; seq++ {
		if _, err := log.Get(ctx, seq); err != nil {
			t.Errorf("event %d: %v", seq, err)
		}
	}
}

func TestWhereTheFilesOfTheServerAreNotFoundEachEventIsSynced(t *testing.T) {
	s, err := embedded.Start(embedded.Options{Dir: t.TempDir(), Secret: uuid.NewString(), Forced: true, Sync: func(f *os.File) error {
		return &os.PathError{Op: "fdatasync", Path: f.Name(), Err: syscall.EINVAL}
	}})
	must(t, err)
	c, err := s.Connect("append")
	must(t, err)
	t.Cleanup(func() { c.Close(); must(t, s.Shutdown()) })
	if s.Forces() {
		t.Error("the server leaves syncing to whoever cannot sync")
	}
	js, err := jetstream.New(c)
	must(t, err)
	if account, err := js.AccountInfo(t.Context()); err != nil || account.Streams != 0 {
		t.Errorf("what looked for the files left %+v, %v", account, err)
	}
}

// TestForcedIsALog is the suite for a broker that leaves syncing to the log.
func TestForcedIsALog(t *testing.T) {
	s, logs := forcedOver(t, newDisk(), store.Options{AckWait: 30 * time.Millisecond, Silence: time.Second})
	logtest.Run(t, logtest.Bench{
		New:         func(_ logtest.TB, summit string) logtest.Log { return made(t, logs, summit) },
		LosePublish: func(logtest.Log) { s.wire.LosePublish() },
		LoseAck:     func(logtest.Log) { s.wire.LoseAck() },
	})
}
