package main

import (
	"bytes"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/server"
	"github.com/summit-timeline/summit/cmd/internal/verbs/proof"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
)

// testdata/halted is the data folder of a server of commit 6e25b7e. Its log has
// nine events, of which the sixth is at +24:00 and the seventh was recorded in
// 2199: that version stopped at the fifth for good, and its archive, which is
// kept beside it, has no more.
const haltedEvents = 9

// A log that an event halted on the version before continues by itself. Nothing
// of it is left out of its archive, and what is restored from that is the same.
func TestALogThatWasHaltedGoesOn(t *testing.T) {
	s := &stage{t, t.TempDir()}
	s.must(unpackFolder(filepath.Join("testdata", "halted", "data.tar.gz"), s.dir))
	file := filepath.Join(t.TempDir(), "geneva.summit")
	var tables []string
	s.serve(server.ScrubOptions{}, func(x *served) {
		x.reach(haltedEvents)
		x.wantSetAside(t, 6, 7)
		x.wantReady(t)
		tables = x.tables()
		if code, out := x.verb("export", staged, "-o", file); code != cli.Good {
			t.Fatalf("export: exit %d: %s", code, out)
		}
		if code, out := x.verb("record", staged, "--type", "note.added", "--entity", "note/later", "--source", "A", "--set", "text=It goes on"); code != cli.Good {
			t.Errorf("record: exit %d: %s", code, out)
		}
		x.audit(true)
	})
	goodArchive(t, file, haltedEvents)
	restored := &stage{t, t.TempDir()}
	var out, errs bytes.Buffer
	if code := run([]string{"restore", file, "--data", restored.dir}, cli.Streams{Out: &out, Err: &errs}); code != cli.Good {
		t.Fatalf("restore: exit %d: %s%s", code, &out, &errs)
	}
	restored.serve(server.ScrubOptions{}, func(x *served) {
		x.reach(haltedEvents)
		x.wantSetAside(t, 6, 7)
		x.audit(true)
		if again := x.tables(); !slices.Equal(again, tables) {
			t.Errorf("the views of the restored log are\n%v, want\n%v", again, tables)
		}
		again := filepath.Join(t.TempDir(), "again.summit")
		if code, out := x.verb("export", staged, "-o", again); code != cli.Good {
			t.Fatalf("export: exit %d: %s", code, out)
		}
		goodArchive(t, again, haltedEvents)
	})
}

// The archive that the halted version made says of itself nothing of what it
// leaves out: it is read as before, for what it has.
func TestTheArchiveOfAHaltedLogIsRead(t *testing.T) {
	goodArchive(t, filepath.Join("testdata", "halted", "archive.summit"), 5)
}

func goodArchive(t *testing.T, file string, events int64) {
	t.Helper()
	f, a, err := proof.OpenArchive(file)
	if err == nil {
		err = f.Close()
	}
	if err != nil || a.Checkpoint.Size != events {
		t.Fatalf("%s: %v, %d events", file, err, a.Checkpoint.Size)
	}
	var out, errs bytes.Buffer
	if code := run([]string{"verify", file}, cli.Streams{Out: &out, Err: &errs}); code != cli.Good {
		t.Errorf("verify: exit %d: %s%s", code, &out, &errs)
	}
}

// wantSetAside wants just these events to be set aside, and knowledge time not
// to be in the future.
func (x *served) wantSetAside(t *testing.T, want ...uint64) {
	t.Helper()
	var page struct {
		Complete    bool
		Quarantined []projections.Quarantined
		Items       []struct{ Recorded time.Time }
	}
	x.ask(http.MethodGet, "/v1/summits/"+staged+"/timeline?limit=500", "", "", &page)
	var got []uint64
	for _, q := range page.Quarantined {
		got = append(got, q.Seq)
	}
	if page.Complete || !slices.Equal(got, want) {
		t.Errorf("complete %t, set aside %+v", page.Complete, page.Quarantined)
	}
	if s := x.report().Summits[0]; s.Known.After(time.Now()) || s.Failed != "" || s.Doubt != nil {
		t.Errorf("%+v", s)
	}
}

func (x *served) wantReady(t *testing.T) {
	t.Helper()
	var r struct{ Reasons []string }
	if status := x.ask(http.MethodGet, "/readyz", "", "", &r); status != http.StatusOK {
		t.Errorf("readyz %d: %v", status, r.Reasons)
	}
}

// tables are the digests of the views.
func (x *served) tables() (list []string) {
	x.Helper()
	var d struct {
		Tables []struct{ Table, SHA256 string }
	}
	x.ask(http.MethodGet, "/v1/summits/"+staged+"/digests", "", "", &d)
	for _, table := range d.Tables {
		list = append(list, table.Table+" "+table.SHA256)
	}
	return list
}

// An event that the broker took more than a minute before it says it was
// recorded is set aside; one within that is not. Neither of them holds up
// knowledge time.
func TestAnEventAheadOfTheBrokersClockIsSetAside(t *testing.T) {
	for ahead, aside := range map[time.Duration]bool{-time.Hour: false, 30 * time.Second: false, 2 * time.Minute: true, 200 * 365 * 24 * time.Hour / 2: true} {
		t.Run(ahead.String(), func(t *testing.T) {
			s := newStage(t, 3, 0)
			s.broker(func(_ jetstream.JetStream, logs func(store.Options) *store.Logs) {
				log, err := logs(store.Options{}).Open(t.Context(), staged)
				s.must(err)
				e := logtest.Note(staged, 4)
				e.Recorded = events.Instant{Time: time.Now().Add(ahead).UTC().Truncate(time.Millisecond)}
				s.append(log, []events.Event{e, logtest.Note(staged, 5)})
			})
			s.serve(server.ScrubOptions{}, func(x *served) {
				x.reach(5)
				if h := x.report().Summits[0]; (h.Quarantined == 1) != aside || h.Known.After(time.Now().Add(time.Minute)) {
					t.Errorf("%+v", h)
				}
				x.audit(true)
			})
		})
	}
}

// An archive that would leave events out is refused, with the reason.
func TestAnArchiveThatWouldLeaveEventsOutIsRefused(t *testing.T) {
	s := newStage(t, 20, 0)
	s.flip(15) // the log is in doubt there, and nothing after it is folded anew
	s.must(removeAll(s.views()))
	s.serve(server.ScrubOptions{}, func(x *served) {
		x.until("a doubt", func() bool { r := x.report(); return len(r.Summits) == 1 && r.Summits[0].Doubt != nil })
		var errs bytes.Buffer
		args := []string{"export", staged, "-o", filepath.Join(t.TempDir(), "a.summit"), "--server", x.url}
		code := run(args, cli.Streams{Out: &errs, Err: &errs})
		if code != cli.Bad || !strings.Contains(errs.String(), "503") || !strings.Contains(errs.String(), "would lack events") {
			t.Errorf("export: exit %d: %s", code, &errs)
		}
	})
}
