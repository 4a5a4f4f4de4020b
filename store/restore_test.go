package store_test

import (
	"errors"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
)

func storedOf(t *testing.T, e events.Event) store.Stored {
	t.Helper()
	raw, err := events.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	return store.Stored{Subject: store.Subject(e), MsgID: e.ID, Raw: raw}
}

// oddLog is a log as foreign publishers may have left it: with ids that come
// again, events that cannot be read, and events that disagree with what the
// broker says of them.
func oddLog(t *testing.T, n int) []store.Stored {
	t.Helper()
	list := []store.Stored{storedOf(t, logtest.Opened("one"))}
	for i := range n {
		list = append(list, storedOf(t, logtest.Note("one", i)))
	}
	again, elsewhere, nameless, misnamed := list[1], list[2], list[3], list[4]
	elsewhere.Subject, elsewhere.MsgID = "facts.one.note.elsewhere", ""
	nameless.MsgID = ""
	misnamed.MsgID = "another"
	return append(list, again, again, elsewhere, nameless, misnamed, store.Stored{Subject: "facts.one.x", Raw: []byte("{no event")}, store.Stored{Subject: "facts.one.y.z", MsgID: "m"})
}

func each(list []store.Stored) iter.Seq2[store.Stored, error] {
	return func(yield func(store.Stored, error) bool) {
		for _, s := range list {
			if !yield(s, nil) {
				return
			}
		}
	}
}

func TestALogIsRestoredAsItWas(t *testing.T) {
	dir := t.TempDir()
	logs, stop := open(t, dir)
	want := oddLog(t, 2300)
	var told []uint64
	added, err := logs.Restore(context10(t), "one", each(want), false, func(seq uint64) { told = append(told, seq) })
	if err != nil || added != uint64(len(want)) {
		t.Fatalf("added %d (%v), want %d", added, err, len(want))
	}
	if len(told) < 3 || told[len(told)-1] != uint64(len(want)) {
		t.Errorf("told %v", told)
	}
	stop()
	logs, _ = open(t, dir)
	log, err := logs.Open(context10(t), "one")
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Settings(context10(t)); err != nil {
		t.Error(err)
	}
	n := 0
	for rec, err := range log.Read(context10(t), 1, 0) {
		if err != nil {
			t.Fatal(err)
		}
		w := want[n]
		n++
		if rec.Seq != uint64(n) || string(rec.Raw) != string(w.Raw) || rec.Subject != w.Subject || rec.MsgID != w.MsgID {
			t.Fatalf("event %d is %d %s %s %q, want %+v", n, rec.Seq, rec.Subject, rec.MsgID, rec.Raw, w)
		}
	}
	if n != len(want) {
		t.Errorf("%d events, want %d", n, len(want))
	}
	// It is a log like any other, which an event can be appended to.
	results, err := log.Append(context10(t), []events.Event{logtest.Note("one", 9999)}, store.After(uint64(n)))
	if err != nil || results[0].Seq != uint64(n)+1 {
		t.Errorf("appended %v (%v)", results, err)
	}
}

func TestRestoringNeverChangesWhatIsThere(t *testing.T) {
	logs, _ := open(t, t.TempDir())
	create(t, logs, "one")
	list := oddLog(t, 10)
	quiet := func(uint64) {}
	if n, err := logs.Restore(context10(t), "one", each(list), false, quiet); !errors.Is(err, store.ErrExists) || n != 0 {
		t.Errorf("over a log: %d added, %v", n, err)
	}
	other := append([]store.Stored{storedOf(t, logtest.Note("one", 5))}, list[1:]...)
	if n, err := logs.Restore(context10(t), "one", each(other), true, quiet); !errors.Is(err, store.ErrExists) || n != 0 {
		t.Errorf("going on with another log: %d added, %v", n, err)
	}
	if n, err := logs.Restore(context10(t), "one", each(list[:5]), true, quiet); err != nil || n != 4 {
		t.Errorf("going on with its beginning: %d added, %v", n, err)
	}
	if n, err := logs.Restore(context10(t), "one", each(list[:4]), true, quiet); !errors.Is(err, store.ErrExists) || n != 0 {
		t.Errorf("over a longer log: %d added, %v", n, err)
	}
	if n, err := logs.Restore(context10(t), "one", each(list), true, quiet); err != nil || n != uint64(len(list)-5) {
		t.Errorf("going on: %d added, %v", n, err)
	}
}

func TestABrokenListEndsTheRestoring(t *testing.T) {
	logs, _ := open(t, t.TempDir())
	broken := errors.New("broken")
	list := func(yield func(store.Stored, error) bool) {
		_ = yield(storedOf(t, logtest.Opened("one")), nil) && yield(store.Stored{}, broken)
	}
	if _, err := logs.Restore(context10(t), "one", list, false, func(uint64) {}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// What is restored says when the log first took it, and not when it was
// restored; where nobody knows, nothing is compared with the broker's clock.
func TestWhatIsRestoredKeepsWhenItWasStored(t *testing.T) {
	logs, _ := open(t, t.TempDir())
	then := time.Date(2025, 8, 15, 6, 40, 12, 345678901, time.UTC)
	list := []store.Stored{storedOf(t, logtest.Opened("one"))}
	for n, recorded := range []time.Time{then, then.Add(time.Minute), then.Add(time.Minute + time.Millisecond), then.AddDate(150, 0, 0)} {
		e := logtest.Note("one", n)
		e.Recorded = events.Instant{Time: recorded.Truncate(time.Millisecond)}
		s := storedOf(t, e)
		s.Stored = then.Truncate(time.Millisecond).Add(time.Nanosecond)
		list = append(list, s)
	}
	future := logtest.Note("one", 9)
	future.Recorded = events.Instant{Time: time.Now().AddDate(1, 0, 0).UTC().Truncate(time.Millisecond)}
	list = append(list, storedOf(t, future)) // of an archive that does not say
	if _, err := logs.Restore(context10(t), "one", each(list), false, func(uint64) {}); err != nil {
		t.Fatal(err)
	}
	log, err := logs.Open(context10(t), "one")
	if err != nil {
		t.Fatal(err)
	}
	ahead := map[uint64]bool{4: true, 5: true}
	for rec, err := range log.Read(context10(t), 1, 0) {
		if err != nil {
			t.Fatal(err)
		}
		got, err := log.Get(context10(t), rec.Seq)
		if err != nil || !got.Stored.Equal(rec.Stored) {
			t.Errorf("event %d is read as %+v and %+v, %v", rec.Seq, rec, got, err)
		}
		if want := list[rec.Seq-1].Stored; !rec.Stored.Equal(want) {
			t.Errorf("event %d was stored %s, want %s", rec.Seq, rec.Stored, want)
		}
		if (store.ReasonOf(rec.Err) == store.Ahead) != ahead[rec.Seq] {
			t.Errorf("event %d: %v", rec.Seq, rec.Err)
		}
	}
}

// onWarning calls itself at each warning of the broker.
type onWarning func()

func (f onWarning) Write(p []byte) (int, error) {
	f()
	return len(p), nil
}

// A broker removes the folder of a stream that was its only one some time after it
// has said that it is gone, and meanwhile can make no other.
func TestALogIsMadeWhileTheFolderOfAnotherIsRemoved(t *testing.T) {
	list := []store.Stored{storedOf(t, logtest.Opened("one"))}
	for name, made := range map[string]func(*store.Logs) error{
		"restored": func(l *store.Logs) error {
			_, err := l.Restore(context10(t), "one", each(list), false, func(uint64) {})
			return err
		},
		"created": func(l *store.Logs) error {
			_, _, err := l.Create(context10(t), logtest.Opened("one"))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			folder, warnings := filepath.Join(dir, "jetstream", "$G"), 0
			warned := onWarning(func() {
				warnings++
				if err := os.RemoveAll(folder); err != nil {
					t.Error(err)
				}
			})
			logs, _ := openTelling(t, dir, slog.New(slog.NewTextHandler(warned, &slog.HandlerOptions{Level: slog.LevelWarn})))
			// Where a file has its name, no folder can be made.
			if err := errors.Join(os.RemoveAll(folder), os.WriteFile(folder, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
			if err := made(logs); err != nil || warnings == 0 {
				t.Errorf("%v after %d warnings", err, warnings)
			}
		})
	}
}
