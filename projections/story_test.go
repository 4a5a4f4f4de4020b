package projections

import (
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/engine"
	"github.com/summit-timeline/summit/store"
)

// memory is a log in memory. recorded tells when an event is recorded: a minute
// after the one before if it is nil.
type memory struct {
	records  []store.Record
	recorded func(seq uint64) time.Time
}

func (m *memory) Summit() string { return "story" }

func (m *memory) Get(_ context.Context, seq uint64) (store.Record, error) {
	return m.records[seq-1], nil
}

func (m *memory) Info(context.Context) (store.Info, error) {
	return store.Info{First: 1, Last: uint64(len(m.records)), Messages: uint64(len(m.records))}, nil
}

func (m *memory) Follow(ctx context.Context, from uint64) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for _, r := range m.records[from-1:] {
			if !yield(r, nil) {
				return
			}
		}
		<-ctx.Done()
	}
}

var opening = time.Date(2025, 8, 14, 0, 0, 0, 0, time.UTC)

// add appends an event as the server would write it down.
func (m *memory) add(t testing.TB, typ string, entity events.Entity, data events.Payload) string {
	t.Helper()
	return m.put(t, events.Event{Type: typ, Subject: entity, Data: data})
}

// fatal is what tests and walks have to end by.
type fatal interface {
	Helper()
	Fatal(args ...any)
}

// put appends an event, and fills in what it lacks.
func (m *memory) put(t fatal, e events.Event) string {
	t.Helper()
	seq := uint64(len(m.records) + 1)
	if e.ID == "" {
		e.ID = numbered(seq)
	}
	e.Source, e.Summit, e.Recorded = "/desks/test", "story", events.Instant{Time: opening.Add(time.Duration(seq) * time.Minute)}
	if m.recorded != nil {
		e.Recorded.Time = m.recorded(seq)
	}
	raw, err := events.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	m.records = append(m.records, store.NewRecord("story", seq, e.Recorded.Time, raw, store.Subject(e), e.ID))
	return e.ID
}

// numbered returns a UUID of its own for each number.
func numbered(n uint64) string { return uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "%d", n)).String() }

func newStory(t testing.TB) *memory {
	m := &memory{}
	m.add(t, events.TypeSummitOpened, events.Entity{Kind: events.KindSummit, ID: "story"},
		&events.SummitOpened{Title: "Story", Zone: "UTC", Parties: []events.Party{{ID: "a", Name: "A"}}})
	return m
}

func openStory(t testing.TB, m *memory, records []store.Record, batch int) *Engine {
	t.Helper()
	e, err := Open(filepath.Join(t.TempDir(), "views.db"), m, Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	for len(records) > 0 {
		n := min(batch, len(records))
		if err := commit(e, records[:n]); err != nil {
			t.Fatal(err)
		}
		records = records[n:]
	}
	return e
}

func word(name string) events.Common {
	return events.Common{Sources: events.Sources{{ID: "s", Name: name}}}
}

func TestPagesNeitherSkipNorRepeat(t *testing.T) {
	m := randomStory(t, 5, 120)
	e := openStory(t, m, m.records[:100], 20)
	for _, q := range []Query{{Limit: 7}, {Limit: 7, Desc: true}, {Limit: 7, Recorded: true}, {Limit: 3, Entity: "aircraft/p1"}, {Limit: 3, From: opening, To: opening.Add(30 * time.Hour)}} {
		q.Reading = e.Latest()
		all := q
		all.Limit = MaxLimit
		whole, err := e.Timeline(context.Background(), all, opening)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for {
			page, err := e.Timeline(context.Background(), q, opening)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range page.Items {
				got = append(got, string(i))
			}
			if page.Next == "" {
				break
			}
			q.Cursor = page.Next
			if seq := e.Head().Seq; int(seq) < len(m.records) { // the story moves on meanwhile
				if err := commit(e, m.records[seq:seq+1]); err != nil {
					t.Fatal(err)
				}
			}
		}
		if len(got) != len(whole.Items) {
			t.Fatalf("%+v: %d items in pages, %d at once", q, len(got), len(whole.Items))
		}
		for i := range got {
			if got[i] != string(whole.Items[i]) {
				t.Fatalf("%+v: item %d differs", q, i)
			}
		}
	}
}

// commit folds records that come next in one transaction.
func commit(e *Engine, records []store.Record) error { return engine.Commit(e.Engine, records) }
