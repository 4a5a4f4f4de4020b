package projections

import (
	"maps"
	"testing"

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
