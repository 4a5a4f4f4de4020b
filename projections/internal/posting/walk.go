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
	segments := int(SegmentOf(x.Known)) + 1
	list.heads = make([]head, 0, segments)
	text := make([]byte, 0, segments*2*(len(x.List)+2+postingTail)) // for all bounds
	var r viewdb.Range
	var c *viewdb.Cursor
	for n := 0; n < segments; n++ {
		if r, text = x.bounds(text, byte(x.nth(n, segments))); c == nil {
			c = tx.Cursor(Table, r)
		} else {
			c.Seek(r, false)
		}
		if list.add(c) {
			c = nil // it is the head's
		} else {
			n = max(n, x.nth(x.segmentIn(c.Beyond(), segments), segments)-1)
		}
	}
	return list
}

// nth returns the segment that a walk comes to at a place in its order, or at which
// place it comes to a segment.
func (x Walk) nth(n, segments int) int {
	if x.Desc {
		return segments - 1 - n
	}
	return n
}

// segmentIn returns the segment of the key behind a segment that is empty: those between
// them are empty too. If it is of another list, all that follow are.
func (x Walk) segmentIn(k []byte, segments int) int {
	rest, found := bytes.CutPrefix(k, []byte(x.List))
	if !found || len(rest) != 2+postingTail || rest[0] != 0 {
		return x.nth(segments, segments)
	}
	return int(rest[1])
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

// bounds returns the part of a segment that the walk needs. Its keys are appended to a
// text.
func (x Walk) bounds(text []byte, segment byte) (viewdb.Range, []byte) {
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
	begin := len(text)
	text = appendPostingKey(text, x.List, segment, low.Key, low.Fact, 0)
	middle := len(text)
	text = appendPostingKey(text, x.List, segment, high.Key, high.Fact, beyond)
	return viewdb.Range{From: text[begin:middle], To: text[middle:], Reverse: x.Desc}, text
}

// Less reports whether a place is before another.
func Less(a, b Place) bool { return a.Key < b.Key || (a.Key == b.Key && a.Fact < b.Fact) }

// merge goes through several ordered ranges as one. There are few (one a segment), and
// mostly one has several places in a row: the heads are kept in order, so that a step
// mostly compares two of them.
type merge struct {
	heads []head
	desc  bool
}

type head struct {
	cursor *viewdb.Cursor
	k, v   []byte
}

// add adds a range, or returns false if it is empty.
func (m *merge) add(c *viewdb.Cursor) bool {
	k, v, ok := c.Next()
	if !ok {
		return false
	}
	m.heads = append(m.heads, head{c, k, v})
	for i := len(m.heads) - 1; i > 0 && m.before(i, i-1); i-- {
		m.heads[i-1], m.heads[i] = m.heads[i], m.heads[i-1]
	}
	return true
}

// before reports whether one head comes before another.
func (m *merge) before(i, j int) bool {
	a, b := m.heads[i].k, m.heads[j].k
	order := bytes.Compare(a[len(a)-postingTail:], b[len(b)-postingTail:])
	return order != 0 && (order < 0) != m.desc
}

func (m *merge) next() (k, v []byte, ok bool) {
	if len(m.heads) == 0 {
		return nil, nil, false
	}
	first := &m.heads[0]
	k, v = first.k, first.v
	if first.k, first.v, ok = first.cursor.Next(); !ok {
		m.heads = m.heads[1:]
		return k, v, true
	}
	for i := 1; i < len(m.heads) && m.before(i, i-1); i++ {
		m.heads[i-1], m.heads[i] = m.heads[i], m.heads[i-1]
	}
	return k, v, true
}
