package projections

import (
	"maps"
	"slices"
	"testing"

	"github.com/summit-timeline/summit/store/viewdb"
)

// What is kept of deadlines from commit to commit is what the file says.
func TestDeadlinesAreThoseOfTheFile(t *testing.T) {
	seen := 0
	for seed := range uint64(20) {
		m := randomStory(t, seed, 150)
		e := openStory(t, m, m.records[:1], 1)
		for from := 1; from < len(m.records); from += 4 {
			if err := e.commit(prepared(m.records[from:min(from+4, len(m.records))])); err != nil {
				t.Fatal(err)
			}
			var want deadlines
			if err := e.db.View(func(tx *viewdb.Tx) (err error) {
				want, err = readDeadlines(tx, e.head.Seq)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if seen += len(want.of); !maps.Equal(e.due.of, want.of) || !slices.Equal(e.due.sorted, want.sorted) {
				t.Fatalf("story %d at %d: %v are kept, the file has %v", seed, e.head.Seq, e.due, want)
			}
		}
	}
	if seen == 0 {
		t.Error("no plan has a deadline")
	}
}
