package projections

import (
	"bytes"
	"encoding/binary"
	"iter"
	"math"
	"math/bits"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/viewdb"
)

// A posting puts a fact into a list of the index, at a place in its order.
//
// The key of its row is
//
//	list NUL segment(1) key(8) fact(8) from(8)
//
// and its value is empty, or the sequence at which it left the list again. A
// posting counts at position n where from ≤ n < to. Segments cut the log into
// spans that grow eightfold: a reader at an old position n walks only the
// segments that begin at or before n, merged, so that what came later neither
// shows nor costs. Within the last of them it keeps to the keys seen up to n
// (eventRow.low and high).
type posting struct {
	list string
	key  int64
}

// The lists. Those of the timeline hold every item; those of slots hold what
// may decide a state; those of plans hold the announcements for one thing, in
// the order in which they were made; that of deadlines holds what was ever a
// current plan, by the instant at which it was to become overdue.
const (
	listTimed         = "t" // items with a time, by time
	listUntimed       = "u" // items without, by seq
	listOpen          = "o" // items of which one end is open, by time
	listEntity        = "e/"
	listUntimedEntity = "f/"
	listRecorded      = "r/" // items of an entity, by seq
	listSlot          = "s/"
	listPlan          = "p/"
	listDeadline      = "x"
	listMember        = "m/" // no list: notes that a slot was ever given a member of data
	listParty         = "d/" // no list: notes that a person was ever a delegate of a party
)

// noKey is the key in lists that are ordered by seq alone.
const noKey = math.MinInt64

// postings are the lists an item is in.
func (it *item) postings() []posting {
	var list []posting
	m := it.moment()
	t, timed := m.Key()
	if !it.hidden() {
		list = it.timelinePostings(m, t.UnixNano(), timed)
	}
	if p, bears := it.standingPosting(m, t.UnixNano(), timed); bears {
		list = append(list, p)
	}
	return list
}

// bearing is where an item stands among those that decide a state or replace
// each other; false where it bears on nothing.
func (it *item) bearing() (posting, bool) {
	m := it.moment()
	t, timed := m.Key()
	return it.standingPosting(m, t.UnixNano(), timed)
}

func (it *item) standingPosting(m events.Moment, key int64, timed bool) (posting, bool) {
	if it.retracted {
		return posting{}, false
	}
	if it.announces() {
		class := listClass(it)
		return posting{list: planList(it.entity.String(), class), key: it.announced}, class != ""
	}
	if slot := slotOf(it.data); slot != "" {
		if !timed || m.Phase != events.PhaseActual {
			key = it.recorded.UnixNano() // it had happened when it was recorded
		}
		return posting{list: slotList(it.entity.String(), slot), key: key}, true
	}
	return posting{}, false
}

func (it *item) timelinePostings(m events.Moment, key int64, timed bool) []posting {
	entity := it.entity.String()
	list := []posting{{listRecorded + entity, noKey}}
	if !timed {
		return append(list, posting{listUntimed, noKey}, posting{listUntimedEntity + entity, noKey})
	}
	list = append(list, posting{listTimed, key}, posting{listEntity + entity, key})
	if _, _, a, b := m.Bounds(); !a || !b {
		list = append(list, posting{listOpen, key})
	}
	return list
}

func slotList(entity, slot string) string { return listSlot + entity + "/" + slot }

// segmentOf is the span of the log a sequence lies in: 1–7, 8–63, 64–511, …
func segmentOf(seq uint64) byte {
	return byte((bits.Len64(seq) - 1) / 3)
}

func sortable(key int64) uint64 { return uint64(key) ^ (1 << 63) }

const postingTail = 24 // key, fact, from

func postingKey(list string, segment byte, key int64, fact, from uint64) []byte {
	b := make([]byte, 0, len(list)+2+postingTail)
	b = append(append(b, list...), 0, segment)
	b = binary.BigEndian.AppendUint64(b, sortable(key))
	b = binary.BigEndian.AppendUint64(b, fact)
	return binary.BigEndian.AppendUint64(b, from)
}

// newPosting puts a fact into a list that it was never in.
func newPosting(tx *viewdb.Tx, p posting, fact, from uint64) error {
	return tx.Add(tableIndex, postingKey(p.list, segmentOf(from), p.key, fact, from), nil)
}

// addPosting puts a fact into a list from a sequence on.
func addPosting(tx *viewdb.Tx, p posting, fact, from uint64) error {
	return tx.Put(tableIndex, postingKey(p.list, segmentOf(from), p.key, fact, from), nil)
}

// endPosting takes a fact out of a list from a sequence on.
func endPosting(tx *viewdb.Tx, p posting, fact, to uint64) error {
	for s := segmentOf(fact); s <= segmentOf(to); s++ {
		r := viewdb.Range{From: postingKey(p.list, s, p.key, fact, 0), To: postingKey(p.list, s, p.key, fact+1, 0)}
		for k, v := range tx.Scan(tableIndex, r) {
			if len(v) == 0 {
				return tx.Put(tableIndex, bytes.Clone(k), seqKey(to))
			}
		}
	}
	return nil
}

// place is a place in the order of a list.
type place struct {
	key  int64
	fact uint64
}

// walk says which part of a list to go through, and how.
type walk struct {
	list  string
	known uint64
	from  *place // begin here, inclusive; the other way where descending
	to    *place // end before here; the other way where descending
	desc  bool
	row   *eventRow // the row at known, where it is not written yet
}

// postings goes through a list in order, as known at a position.
func (x walk) postings(tx *viewdb.Tx) iter.Seq2[place, error] {
	return func(yield func(place, error) bool) {
		list, err := x.open(tx)
		if err != nil {
			yield(place{}, err)
			return
		}
		for p, more := list.next(); more && yield(p, nil); p, more = list.next() {
		}
	}
}

// postings are what a walk comes to, for those who go through several at once.
type postings struct {
	merge
	known uint64
}

// open begins a walk.
func (x walk) open(tx *viewdb.Tx) (*postings, error) {
	list := &postings{merge: merge{desc: x.desc}, known: x.known}
	if x.known == 0 {
		return list, nil
	}
	bounds, err := x.lastRow(tx)
	if err != nil {
		return nil, err
	}
	for s := byte(0); s <= segmentOf(x.known); s++ {
		list.add(tx.Cursor(tableIndex, x.bounds(s, bounds)))
	}
	return list, nil
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

func (x walk) lastRow(tx *viewdb.Tx) (eventRow, error) {
	if x.row != nil {
		return *x.row, nil
	}
	return readEvent(tx, x.known)
}

// bounds is the part of a segment that the walk needs.
func (x walk) bounds(segment byte, row eventRow) viewdb.Range {
	low, high := place{key: math.MinInt64}, place{key: math.MaxInt64, fact: math.MaxUint64}
	if segment == segmentOf(x.known) && !x.unkeyed() {
		low.key, high = row.low, place{key: row.high, fact: math.MaxUint64}
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

func (x walk) unkeyed() bool {
	return x.list == listUntimed || x.list == listDeadline ||
		hasPrefix(x.list, listUntimedEntity) || hasPrefix(x.list, listRecorded) || hasPrefix(x.list, listPlan)
}

func hasPrefix(s, p string) bool { return len(s) >= len(p) && s[:len(p)] == p }

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
