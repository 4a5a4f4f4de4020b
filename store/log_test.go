package store_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/eventstest"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/embedded"
	"github.com/summit-timeline/summit/store/logtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open starts a server on a folder and opens the logs in it.
func open(t testing.TB, dir string) (*store.Logs, func()) {
	t.Helper()
	return openTelling(t, dir, nil)
}

// openTelling is open with a logger for what the server says.
func openTelling(t testing.TB, dir string, logger *slog.Logger) (*store.Logs, func()) {
	t.Helper()
	s, err := embedded.Start(embedded.Options{Dir: dir, Secret: uuid.NewString(), Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.Connect("append")
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Connect("read")
	if err != nil {
		t.Fatal(err)
	}
	logs, err := store.Open(store.Conns{Append: w, Read: r}, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	closed := false
	stop := func() {
		if closed {
			return
		}
		closed = true
		w.Close()
		r.Close()
		if err := s.Shutdown(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return logs, stop
}

func context10(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func create(t testing.TB, logs *store.Logs, id string) *store.Log {
	t.Helper()
	log, _, err := logs.Create(context10(t), logtest.Opened(id))
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func TestAppendedEventsAreReadBackByteForByte(t *testing.T) {
	dir := t.TempDir()
	logs, stop := open(t, dir)
	ctx := context10(t)
	log := create(t, logs, "one")
	want := map[uint64]string{}
	for _, batch := range [][]events.Event{{logtest.Note("one", 1)}, {logtest.Note("one", 2), logtest.Note("one", 3), logtest.Note("one", 4)}} {
		info, err := log.Info(ctx)
		if err != nil {
			t.Fatal(err)
		}
		results, err := log.Append(ctx, batch, store.After(info.Last))
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range results {
			raw, _ := events.Encode(batch[i])
			want[r.Seq] = string(raw)
			if r.Outcome != store.Created {
				t.Errorf("event %d is %s", r.Seq, r.Outcome)
			}
		}
	}
	stop()
	logs, _ = open(t, dir)
	log, err := logs.Open(ctx, "one")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for rec, err := range log.Read(ctx, 2, 0) {
		if err != nil || rec.Err != nil {
			t.Fatal(err, rec.Err)
		}
		if string(rec.Raw) != want[rec.Seq] {
			t.Errorf("event %d is %s, want %s", rec.Seq, rec.Raw, want[rec.Seq])
		}
		n++
	}
	if n != 4 {
		t.Errorf("read %d events, want 4", n)
	}
}

// The suite, over a wire that can lose publishes and acknowledgements.
func TestEmbeddedIsALog(t *testing.T) {
	t.Parallel()
	s, err := embedded.Start(embedded.Options{Dir: t.TempDir(), Secret: uuid.NewString()})
	must(t, err)
	t.Cleanup(func() { must(t, s.Shutdown()) })
	logs, wire := overWire(t, s, 30*time.Millisecond)
	logtest.Run(t, logtest.Bench{
		New:         func(_ logtest.TB, summit string) logtest.Log { return made(t, logs, summit) },
		LosePublish: func(logtest.Log) { wire.LosePublish() },
		LoseAck:     func(logtest.Log) { wire.LoseAck() },
	})
}

// made makes a log over a wire that may be cut.
func made(t *testing.T, logs *store.Logs, summit string) (log *store.Log) {
	t.Helper()
	eventstest.Eventually(t, "a log is made once the wire that was cut is whole", func() bool {
		made, _, err := logs.Create(context.Background(), logtest.Opened(summit))
		if err != nil && !errors.Is(err, store.ErrUnavailable) {
			t.Fatal(err)
		}
		log = made
		return err == nil
	})
	return log
}

func TestASummitIsOpenedOnce(t *testing.T) {
	logs, _ := open(t, t.TempDir())
	ctx := context10(t)
	create(t, logs, "two")
	if _, r, err := logs.Create(ctx, logtest.Opened("two")); err != nil || r.Seq != 1 {
		t.Errorf("%v, %v", r, err)
	}
	another := logtest.Opened("two")
	another.ID = uuid.NewSHA1(uuid.Nil, []byte("x")).String()
	if _, _, err := logs.Create(ctx, another); !errors.Is(err, store.ErrExists) {
		t.Errorf("got %v", err)
	}
}

func TestOneProcessAFolder(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	if _, err := embedded.Start(embedded.Options{Dir: dir, Secret: "x"}); !errors.Is(err, embedded.ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
}

// Whoever follows a log is given nothing of another stream that has taken its
// place, however quickly.
func TestAStreamThatIsMadeAgainIsNotFollowed(t *testing.T) {
	s, err := embedded.Start(embedded.Options{Dir: t.TempDir(), Secret: uuid.NewString()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Shutdown(); err != nil {
			t.Error(err)
		}
	}()
	conn, err := s.Connect("test")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	logs, err := store.Open(store.Conns{Append: conn, Read: conn}, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context10(t)
	log, _, err := logs.Create(ctx, logtest.Opened("geneva"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.Append(ctx, logtest.Notes("geneva", 1, 3), store.After(1)); err != nil {
		t.Fatal(err)
	}
	for rec, err := range log.Follow(ctx, 1) {
		var replaced *store.ReplacedError
		switch {
		case errors.As(err, &replaced):
			return
		case err != nil || rec.Seq > 4:
			t.Fatalf("event %d of another stream, %v", rec.Seq, err)
		case rec.Seq == 4:
			if err := js.DeleteStream(ctx, "SUMMIT_geneva"); err != nil {
				t.Fatal(err)
			}
			again, _, err := logs.Create(ctx, logtest.Opened("geneva"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := again.Append(ctx, logtest.Notes("geneva", 50, 9), store.After(1)); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Fatal("it ended")
}
