package posting

import (
	"bytes"
	"iter"
	"math"

	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Place is a place in the order of a list.
type Place struct {
	Key  int64
	Fact uint64
}

// Span is the least and the greatest key of a segment of the log up to a
// position.
type Span struct{ Low, High int64 }

// Walk selects the part of a list to go through, and how.
type Walk struct {
	List  string
	Known uint64
	From  *Place // begin here, inclusive; the other way where descending
	To    *Place // end before here; the other way where descending
	Desc  bool
	// Within are the keys that the last segment has at known; nil is any.
	Within *Span
}

// Places goes through a list in order, as known at a position.
func (x Walk) Places(tx *viewdb.Tx) iter.Seq[Place] {
	return func(yield func(Place) bool) {
		list := x.Open(tx)
		for p, more := list.Next(); more && yield(p); p, more = list.Next() {
		}
	}
}

// Cursor are what a walk comes to, for those who go through several at once.
type Cursor struct {
	merge
	known uint64
}

// Open begins a walk.
func (x Walk) Open(tx *viewdb.Tx) *Cursor {
	list := &Cursor{merge: merge{desc: x.Desc}, known: x.Known}
	if x.Known == 0 {
		return list
	}
	for s := byte(0); s <= SegmentOf(x.Known); s++ {
		list.add(tx.Cursor(Table, x.bounds(s)))
	}
	return list
}

// Next returns the next posting that counts; false after the last.
func (l *Cursor) Next() (Place, bool) {
	for {
		k, v, ok := l.merge.next()
		if !ok {
			return Place{}, false
		}
		tail := k[len(k)-postingTail:]
		if keys.Uint64(tail[16:]) > l.known || (len(v) > 0 && keys.Uint64(v) <= l.known) {
			continue
		}
		return Place{Key: keys.Signed(keys.Uint64(tail)), Fact: keys.Uint64(tail[8:])}, true
	}
}

// bounds returns the part of a segment that the walk needs.
func (x Walk) bounds(segment byte) viewdb.Range {
	low, high := Place{Key: math.MinInt64}, Place{Key: math.MaxInt64, Fact: math.MaxUint64}
	if x.Within != nil && segment == SegmentOf(x.Known) {
		low.Key, high = x.Within.Low, Place{Key: x.Within.High, Fact: math.MaxUint64}
	}
	first, last, beyond := x.From, x.To, uint64(0)
	if x.Desc {
		first, last, beyond = x.To, x.From, math.MaxUint64 // the beginning is inclusive
	}
	if first != nil && Less(low, *first) {
		low = *first
		if x.Desc {
			low.Fact++ // the end is exclusive
		}
	}
	if last == nil || !Less(*last, high) {
		beyond = math.MaxUint64 // up to the bound of the segment, inclusive
	} else {
		high = *last
	}
	return viewdb.Range{
		From:    postingKey(x.List, segment, low.Key, low.Fact, 0),
		To:      postingKey(x.List, segment, high.Key, high.Fact, beyond),
		Reverse: x.Desc,
	}
}

// Less reports whether a place is before another.
func Less(a, b Place) bool { return a.Key < b.Key || (a.Key == b.Key && a.Fact < b.Fact) }

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
