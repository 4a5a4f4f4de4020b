package projections

import (
	"iter"
	"math"
	"time"

	"github.com/summit-timeline/summit/events"
)

// byWindow goes through the items whose interval may meet the window. Those
// with two ends stand at most one reach outside it; those with an open end are
// in a list of their own. Items with no time at all are in no window.
func (r *reader) byWindow(q Query, start *place, within *span) iter.Seq2[place, error] {
	known := q.Reading.Seq
	last, err := readEvent(r.tx, known)
	if err != nil {
		return func(yield func(place, error) bool) { yield(place{}, err) }
	}
	near := walk{list: listTimed, known: known, from: start, desc: q.Desc, within: within}
	first, end := edge(q.From, -last.reach), edge(q.To, last.reach+1)
	if q.Desc {
		first, end = end, first
	}
	if first != nil && (near.from == nil || less(*near.from, *first) != q.Desc) {
		near.from = first
	}
	near.to = end
	open := walk{list: listOpen, known: known, from: start, desc: q.Desc, within: within}
	return items(union(r.tx, near, open))
}

func edge(t time.Time, by int64) *place {
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
	return &place{key: key}
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
