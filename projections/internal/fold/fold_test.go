package fold

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/engine"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/viewdb"
)

// record returns an event as the log has it.
func record(t *testing.T, seq uint64, e events.Event) store.Record {
	t.Helper()
	e.ID = []string{"", "018f2c54-0000-7000-8000-000000000001", "018f2c54-0000-7000-8000-000000000002"}[seq]
	e.Source, e.Summit = "/desks/test", "s"
	e.Recorded = events.Instant{Time: time.Date(2025, 8, 14, 0, int(seq), 0, 0, time.UTC)}
	raw, err := events.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	return store.NewRecord("s", seq, e.Recorded.Time, raw, store.Subject(e), e.ID)
}

// What a transaction that failed had read or put is not taken for what stands.
func TestNothingIsKeptOfWhatWasTakenBack(t *testing.T) {
	db, err := viewdb.Open(filepath.Join(t.TempDir(), "views.db"), viewdb.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	f, failed := New(), errors.New("taken back")
	err = db.Update(func(tx *viewdb.Tx) error {
		b, err := f.Begin(tx, engine.Cursor{})
		if err != nil {
			return err
		}
		for _, rec := range []store.Record{
			record(t, 1, events.Event{Type: events.TypeSummitOpened, Subject: events.Entity{Kind: events.KindSummit, ID: "s"}, Data: &events.SummitOpened{Title: "S", Zone: "UTC"}}),
			record(t, 2, events.Event{Type: events.TypeAircraftLanded, Subject: events.Entity{Kind: events.KindAircraft, ID: "a"}, Data: &events.AircraftLanded{
				Common: events.Common{Sources: events.Sources{{ID: "s", Name: "Tower"}}}, Place: &events.Place{Name: "Here"},
			}}),
		} {
			if err := b.Apply(engine.Event{Record: rec}); err != nil {
				return err
			}
		}
		if out, err := b.Finish(); err != nil || len(out.Aside) > 0 {
			t.Errorf("%+v, %v", out, err)
		}
		if f.recent.items.Len() != 2 || f.recent.ends.Len() == 0 {
			t.Errorf("%d items and the ends of %d lists are kept of a batch", f.recent.items.Len(), f.recent.ends.Len())
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	f.Forget()
	if f.recent.items.Len() != 0 || f.recent.ends.Len() != 0 {
		t.Errorf("%d items and the ends of %d lists are kept", f.recent.items.Len(), f.recent.ends.Len())
	}
}
