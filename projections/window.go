package projections

import (
	"iter"
	"math"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/posting"
)

// byWindow goes through the items whose interval may meet the window. Those
// with two ends stand at most one reach outside it; those with an open end are
// in a list of their own. Items with no time at all are in no window.
func (r *reader) byWindow(q Query, start *posting.Place, within *posting.Span) iter.Seq2[posting.Place, error] {
	known := q.Reading.Seq
	last, err := item.ReadEvent(r.Tx, known)
	if err != nil {
		return func(yield func(posting.Place, error) bool) { yield(posting.Place{}, err) }
	}
	near := posting.Walk{List: item.ListTimed, Known: known, From: start, Desc: q.Desc, Within: within}
	first, end := edge(q.From, -last.Reach), edge(q.To, last.Reach+1)
	if q.Desc {
		first, end = end, first
	}
	if first != nil && (near.From == nil || posting.Less(*near.From, *first) != q.Desc) {
		near.From = first
	}
	near.To = end
	open := posting.Walk{List: item.ListOpen, Known: known, From: start, Desc: q.Desc, Within: within}
	return items(posting.Union(r.Tx, near, open))
}

func edge(t time.Time, by int64) *posting.Place {
	if t.IsZero() {
		return nil
	}
	key := t.UnixNano()
	switch {
	case by > 0 && key > math.MaxInt64-by:
		key = math.MaxInt64
	case by < 0 && key < math.MinInt64-by:
		key = math.MinInt64
	default:
		key += by
	}
	return &posting.Place{Key: key}
}

// overlaps says whether a moment's interval [earliest, latest] meets the
// half-open window of the query.
func (q Query) overlaps(m events.Moment) bool {
	if _, timed := m.Key(); !timed {
		return false
	}
	earliest, latest, a, b := m.Bounds()
	if !q.To.IsZero() && a && !earliest.Before(q.To) {
		return false
	}
	return q.From.IsZero() || !b || !latest.Before(q.From)
}
