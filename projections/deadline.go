package projections

import (
	"maps"
	"slices"
	"sort"
	"time"

	"github.com/summit-timeline/summit/store/viewdb"
)

// deadlines are the instants at which current plans become overdue, in Unix
// nanoseconds.
type deadlines struct {
	of     map[uint64]int64 // by fact
	sorted []int64
}

// readDeadlines reads them as of the last position.
func readDeadlines(tx *viewdb.Tx, known uint64) (deadlines, error) {
	due := map[uint64]int64{}
	for k := range tx.Scan(tablePlans, viewdb.Range{}) {
		for p, err := range (walk{list: listPlan + string(k), known: known, desc: true}).postings(tx) {
			if err != nil {
				return deadlines{}, err
			}
			row, err := readRow(tx, p.fact, known)
			if err != nil {
				return deadlines{}, err
			}
			if row.overdueAt != 0 {
				due[p.fact] = row.overdueAt
			}
			break
		}
	}
	return deadlines{}.with(due), nil
}

// with gives the deadlines after changes; 0 is none any more.
func (d deadlines) with(changes map[uint64]int64) deadlines {
	if len(changes) == 0 {
		return d
	}
	of := maps.Clone(d.of)
	if of == nil {
		of = map[uint64]int64{}
	}
	for fact, at := range changes {
		if at == 0 {
			delete(of, fact)
		} else {
			of[fact] = at
		}
	}
	return deadlines{of, slices.Sorted(maps.Values(of))}
}

// past counts those before an instant.
func (d deadlines) past(now time.Time) int {
	return sort.Search(len(d.sorted), func(i int) bool { return d.sorted[i] >= now.UnixNano() })
}
