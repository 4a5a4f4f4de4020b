package projections

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/summit-timeline/summit/projections/internal/engine"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/store/viewdb"
)

// The table of deadlines has the current plans of the newest rows, and no others.
func TestDeadlinesAreThoseOfTheRows(t *testing.T) {
	seen := 0
	for seed := range uint64(20) {
		m := randomStory(t, seed, 150)
		e := openStory(t, m, m.records[:1], 1)
		for from := 1; from < len(m.records); from += 4 {
			if err := commit(e, m.records[from:min(from+4, len(m.records))]); err != nil {
				t.Fatal(err)
			}
			kept, want := map[uint64]int64{}, map[uint64]int64{}
			if err := e.View(func(s engine.Snapshot) error {
				for k := range s.Tx.Scan(item.TableDue, viewdb.Range{}) {
					kept[keys.Uint64(k[8:])] = keys.Signed(keys.Uint64(k))
				}
				for k, v := range s.Tx.Scan(item.TableFacts, viewdb.Range{}) {
					row, err := item.DecodeRow(v)
					if err != nil {
						return err
					}
					if want[keys.Uint64(k)] = row.OverdueAt; row.OverdueAt == 0 {
						delete(want, keys.Uint64(k))
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if seen += len(want); !maps.Equal(kept, want) {
				t.Fatalf("story %d at %d: %v are kept, the rows have %v", seed, e.Head().Seq, kept, want)
			}
		}
	}
	if seen == 0 {
		t.Error("no plan has a deadline")
	}
}

// What is kept of when plans become overdue is what the views say, at any present and
// after any event.
func TestWhatIsKeptOfDeadlinesIsWhatTheViewsSay(t *testing.T) {
	dice, differ := rand.New(rand.NewPCG(5, 6)), map[int64]bool{}
	for seed := range uint64(20) {
		m := randomStory(t, seed, 120)
		e := openStory(t, m, m.records[:1], 1)
		for part := range slices.Chunk(m.records[1:], 5) {
			if err := commit(e, part); err != nil {
				t.Fatal(err)
			}
			for range 20 {
				now := opening.Add(time.Duration(dice.IntN(200)-20) * time.Hour)
				var want int64
				if err := e.view(func(r *reader) error { want = r.overdue(now); return nil }); err != nil {
					t.Fatal(err)
				}
				if got := e.Overdue(now); got != want {
					t.Fatalf("story %d at %s, as of %s: %d, want %d", seed, e.Head(), now, got, want)
				}
				differ[want] = true
			}
		}
	}
	if len(differ) < 3 {
		t.Errorf("plans became overdue at %d instants", len(differ))
	}
}
