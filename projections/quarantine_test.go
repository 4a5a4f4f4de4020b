package projections

import (
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/store"
)

// bad are the ways in which a stored event can be one that does not count: what
// makes a record such a one, and the kind of reason that is kept.
var bad = map[string]struct {
	kind store.Reason
	make func(rec *store.Record)
}{
	"no event":       {store.Unreadable, func(rec *store.Record) { reread(rec, time.Time{}, func(string) string { return `{"no":"event"}` }) }},
	"no bytes":       {store.Unreadable, func(rec *store.Record) { reread(rec, time.Time{}, func(string) string { return "" }) }},
	"another summit": {store.Unreadable, func(rec *store.Record) { reread(rec, time.Time{}, replacer(`"summit":"story"`, `"summit":"other"`)) }},
	"misfiled": {store.Misfiled, func(rec *store.Record) {
		*rec = store.NewRecord("story", rec.Seq, rec.Stored, rec.Raw, "facts.story.note.elsewhere", rec.MsgID)
	}},
	"recorded in 2199": {store.Ahead, func(rec *store.Record) {
		rec.Event.Recorded = events.Instant{Time: time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC)}
		raw, err := events.Encode(rec.Event)
		if err != nil {
			panic(err)
		}
		*rec = store.NewRecord("story", rec.Seq, rec.Stored, raw, rec.Subject, rec.MsgID)
	}},
	"recorded in 2199 and refused": {item.Refused, func(rec *store.Record) {
		rec.Event.Recorded = events.Instant{Time: time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC)}
		rec.Event.ID = numbered(1) // the opening's
	}},
	"a text that cannot be written": {item.Failed, func(rec *store.Record) {
		rec.Event.Data = &events.NoteAdded{Common: word("Wire"), Text: "no UTF-8: \xff"}
	}},
	"a panic while it is written": {item.Failed, func(rec *store.Record) { rec.Event.Data = (*events.NoteAdded)(nil) }},
	"a panic while it is folded":  {item.Failed, func(rec *store.Record) { rec.Event.Data = nil }},
	"a key that is too long": {item.Failed, func(rec *store.Record) {
		rec.Event.Subject.ID = strings.Repeat("x", 40<<10)
	}},
}

func reread(rec *store.Record, stored time.Time, change func(string) string) {
	*rec = store.NewRecord("story", rec.Seq, stored, []byte(change(string(rec.Raw))), rec.Subject, rec.MsgID)
}

func replacer(was, now string) func(string) string {
	return func(s string) string { return strings.Replace(s, was, now, 1) }
}

// whatever is wrong with an event: it is set aside in the same way in whichever
// batches the log is folded, said loudly, and changes nothing: neither knowledge
// time nor what is due, nor the order.
func TestAnEventThatCannotStandIsSetAsideAndChangesNothing(t *testing.T) {
	const at = 20
	for _, name := range slices.Sorted(maps.Keys(bad)) {
		t.Run(name, func(t *testing.T) {
			m := randomStory(t, 3, 40)
			m.records[at-1] = m.noteAt(t, at)
			bad[name].make(&m.records[at-1])
			said := &strings.Builder{}
			one, err := Open(filepath.Join(t.TempDir(), "views.db"), m, Options{NoSync: true, Logger: slog.New(slog.NewTextHandler(said, nil))})
			must(t, err)
			t.Cleanup(func() { must(t, one.Close()) })
			for i := range m.records {
				must(t, commit(one, m.records[i:i+1]))
			}
			for _, size := range []int{7, len(m.records)} {
				sameDigests(t, one, openStory(t, m, m.records, size))
			}
			ran := openAt(t, filepath.Join(t.TempDir(), "views.db"), m)
			running(t, ran)
			h := until(t, ran, func(h Health) bool { return h.Position.Seq == uint64(len(m.records)) })
			sameDigests(t, one, ran)
			built := filepath.Join(t.TempDir(), "views.db")
			must(t, Build(t.Context(), built, m, uint64(len(m.records)), func(uint64) {}))
			sameDigests(t, one, openAt(t, built, m))
			asideAlone(t, one, at, bad[name].kind)
			if h.Failed != nil || h.Quarantined != one.Health().Quarantined {
				t.Errorf("%+v", h)
			}
			if want := fmt.Sprintf("event=%d kind=%s", at, bad[name].kind); !strings.Contains(said.String(), want) || !strings.Contains(said.String(), "ERROR") {
				t.Errorf("it is not said: %s", said)
			}
		})
	}
}

// noteAt returns a note in the place of a record.
func (m *memory) noteAt(t testing.TB, seq uint64) store.Record {
	t.Helper()
	other := &memory{records: slices.Clone(m.records[:seq-1])}
	other.add(t, events.TypeNoteAdded, entity(events.KindNote, "n"), &events.NoteAdded{Common: word("Wire"), Text: "a text"})
	return other.records[seq-1]
}

// asideAlone wants an event to be set aside for a kind of reason and to have
// moved nothing.
func asideAlone(t *testing.T, e *Engine, seq uint64, kind store.Reason) {
	t.Helper()
	must(t, e.view(func(r *reader) error {
		var got *Quarantined
		for _, q := range item.QuarantinedAt(r.Tx, r.Head.Seq) {
			if q.Seq == seq {
				got = &q
			}
		}
		if got == nil || got.Kind != kind || got.Reason == "" {
			t.Errorf("set aside %+v, want one that is %s", got, kind)
		}
		before, err := item.ReadEvent(r.Tx, seq-1)
		must(t, err)
		after, err := item.ReadEvent(r.Tx, seq)
		must(t, err)
		before.Kind, before.Fact = item.EventQuarantined, 0
		if after != before {
			t.Errorf("it moved %+v to %+v", before, after)
		}
		if int(r.Head.Quarantined) != r.Tx.Count(item.TableQuarantined) {
			t.Errorf("%d are counted, and %d set aside", r.Head.Quarantined, r.Tx.Count(item.TableQuarantined))
		}
		return nil
	}))
}

// An event that the program would fail on is refused if it is tried.
func TestAnEventThatFailsIsRefusedWhereItIsTried(t *testing.T) {
	for name, b := range bad {
		if b.kind != item.Failed {
			continue
		}
		t.Run(name, func(t *testing.T) {
			m := randomStory(t, 3, 10)
			e, whole := openStory(t, m, m.records, 10), openStory(t, m, m.records, 10)
			rec := m.noteAt(t, uint64(len(m.records)))
			rec.Event.ID = numbered(1 << 20)
			b.make(&rec)
			if err, ok := e.Try([]events.Event{rec.Event}).(*Inadmissible); !ok || len(err.Faults) == 0 { //nolint:errorlint // Try gives it bare
				t.Errorf("tried: %v", err)
			}
			sameDigests(t, e, whole)
		})
	}
}

// A row of the first version of the views held the words alone.
func TestAnOldReasonIsRead(t *testing.T) {
	for words, kind := range map[string]store.Reason{
		`(event): it was published on "facts.a.b.c", but its bytes belong on "facts.a.b.d"`: store.Misfiled,
		`(event): its message id is "a", but its bytes say "b"`:                             store.Misfiled,
		`/time is no instant`: store.Unreadable, `{"kind":""}`: store.Unreadable, "": store.Unreadable,
	} {
		if q := item.ReadQuarantined(7, []byte(words)); q.Seq != 7 || q.Reason != words || q.Kind != kind {
			t.Errorf("%q reads as %+v", words, q)
		}
	}
	row, err := item.QuarantineRow{Kind: store.Ahead, Reason: `"it"`}.Encode()
	must(t, err)
	if q := item.ReadQuarantined(7, row); q.Kind != store.Ahead || q.Reason != `"it"` {
		t.Errorf("%s reads as %+v", row, q)
	}
}
