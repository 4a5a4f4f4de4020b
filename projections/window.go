package projections

import (
	"errors"
	"iter"
	"math"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/viewdb"
)

// reachOf is how far a moment's closed interval reaches from the instant by
// which it is put in order.
func reachOf(m events.Moment) int64 {
	earliest, latest, a, b := m.Bounds()
	key, timed := m.Key()
	if !timed || !a || !b {
		return 0
	}
	return int64(max(key.Sub(earliest), latest.Sub(key)))
}

// byWindow goes through the items whose interval may meet the window. Those
// with two ends stand at most one reach outside it; those with an open end are
// in a list of their own. Items with no time at all are in no window.
func (r *reader) byWindow(q Query, start *place) iter.Seq2[place, error] {
	known := q.Reading.Seq
	if q.Entity != "" {
		return walk{list: listEntity + q.Entity, known: known, from: start, desc: q.Desc}.postings(r.tx)
	}
	last, err := readEvent(r.tx, known)
	if err != nil {
		return func(yield func(place, error) bool) { yield(place{}, err) }
	}
	near := walk{list: listTimed, known: known, from: start, desc: q.Desc}
	first, end := edge(q.From, -last.reach), edge(q.To, last.reach+1)
	if q.Desc {
		first, end = end, first
	}
	if first != nil && (near.from == nil || less(*near.from, *first) != q.Desc) {
		near.from = first
	}
	near.to = end
	open := walk{list: listOpen, known: known, from: start, desc: q.Desc}
	return union(r.tx, near, open)
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

// union goes through two walks in one direction as one; what is in both comes
// once.
func union(tx *viewdb.Tx, a, b walk) iter.Seq2[place, error] {
	return func(yield func(place, error) bool) {
		listA, errA := a.open(tx)
		listB, errB := b.open(tx)
		if err := errors.Join(errA, errB); err != nil {
			yield(place{}, err)
			return
		}
		p, moreA := listA.next()
		o, moreB := listB.next()
		for moreA || moreB {
			takeA := moreA && (!moreB || p == o || less(p, o) != a.desc)
			takeB := moreB && (!moreA || p == o || less(o, p) != a.desc)
			out := p
			if !takeA {
				out = o
			}
			if !yield(out, nil) {
				return
			}
			if takeA {
				p, moreA = listA.next()
			}
			if takeB {
				o, moreB = listB.next()
			}
		}
	}
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
