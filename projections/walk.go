package projections

import (
	"bytes"
	"iter"
	"math"

	"github.com/summit-timeline/summit/store/viewdb"
)

// place is a place in the order of a list.
type place struct {
	key  int64
	fact uint64
}

// span is the least and the greatest key of a segment of the log up to a
// position.
type span struct{ low, high int64 }

// walk says which part of a list to go through, and how.
type walk struct {
	list  string
	known uint64
	from  *place // begin here, inclusive; the other way where descending
	to    *place // end before here; the other way where descending
	desc  bool
	// within are the keys that the last segment has at known; nil is any.
	within *span
}

// postings goes through a list in order, as known at a position.
func (x walk) postings(tx *viewdb.Tx) iter.Seq[place] {
	return func(yield func(place) bool) {
		list := x.open(tx)
		for p, more := list.next(); more && yield(p); p, more = list.next() {
		}
	}
}

// postings are what a walk comes to, for those who go through several at once.
type postings struct {
	merge
	known uint64
}

// open begins a walk.
func (x walk) open(tx *viewdb.Tx) *postings {
	list := &postings{merge: merge{desc: x.desc}, known: x.known}
	if x.known == 0 {
		return list
	}
	for s := byte(0); s <= segmentOf(x.known); s++ {
		list.add(tx.Cursor(postingTable, x.bounds(s)))
	}
	return list
}

// next is the next posting that counts; false after the last.
func (l *postings) next() (place, bool) {
	for {
		k, v, ok := l.merge.next()
		if !ok {
			return place{}, false
		}
		tail := k[len(k)-postingTail:]
		if seqOf(tail[16:]) > l.known || (len(v) > 0 && seqOf(v) <= l.known) {
			continue
		}
		return place{key: int64(seqOf(tail) ^ (1 << 63)), fact: seqOf(tail[8:])}, true
	}
}

// bounds is the part of a segment that the walk needs.
func (x walk) bounds(segment byte) viewdb.Range {
	low, high := place{key: math.MinInt64}, place{key: math.MaxInt64, fact: math.MaxUint64}
	if x.within != nil && segment == segmentOf(x.known) {
		low.key, high = x.within.low, place{key: x.within.high, fact: math.MaxUint64}
	}
	first, last, beyond := x.from, x.to, uint64(0)
	if x.desc {
		first, last, beyond = x.to, x.from, math.MaxUint64 // the beginning is inclusive
	}
	if first != nil && less(low, *first) {
		low = *first
		if x.desc {
			low.fact++ // the end is exclusive
		}
	}
	if last == nil || !less(*last, high) {
		beyond = math.MaxUint64 // up to the bound of the segment, inclusive
	} else {
		high = *last
	}
	return viewdb.Range{
		From:    postingKey(x.list, segment, low.key, low.fact, 0),
		To:      postingKey(x.list, segment, high.key, high.fact, beyond),
		Reverse: x.desc,
	}
}

func less(a, b place) bool { return a.key < b.key || (a.key == b.key && a.fact < b.fact) }

// merge goes through several ordered ranges as one. There are few (one a
// segment), so the next is found by looking at each head.
type merge struct {
	heads []head
	desc  bool
}

type head struct {
	cursor *viewdb.Cursor
	k, v   []byte
}

func (m *merge) add(c *viewdb.Cursor) {
	if k, v, ok := c.Next(); ok {
		m.heads = append(m.heads, head{c, k, v})
	}
}

func (m *merge) next() (k, v []byte, ok bool) {
	best := -1
	for i, h := range m.heads {
		if best < 0 {
			best = i
			continue
		}
		order := bytes.Compare(h.k[len(h.k)-postingTail:], m.heads[best].k[len(m.heads[best].k)-postingTail:])
		if (order < 0) != m.desc {
			best = i
		}
	}
	if best < 0 {
		return nil, nil, false
	}
	h := m.heads[best]
	k, v = h.k, h.v
	if nk, nv, more := h.cursor.Next(); more {
		m.heads[best].k, m.heads[best].v = nk, nv
	} else {
		m.heads = append(m.heads[:best], m.heads[best+1:]...)
	}
	return k, v, true
}
