package projections

import (
	"maps"
	"testing"

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
			if err := e.View(func(s Snapshot) error {
				for k := range s.Tx.Scan(tableDue, viewdb.Range{}) {
					kept[seqOf(k[8:])] = int64(seqOf(k) ^ (1 << 63))
				}
				for k, v := range s.Tx.Scan(tableFacts, viewdb.Range{}) {
					row, err := decodeRow(v)
					if err != nil {
						return err
					}
					if want[seqOf(k)] = row.overdueAt; row.overdueAt == 0 {
						delete(want, seqOf(k))
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
