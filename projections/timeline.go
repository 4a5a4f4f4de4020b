package projections

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Query asks for a page of the timeline.
type Query struct {
	Reading  Reading
	From, To time.Time // occurrence window, half-open; zero ends are open
	Types    []string  // names, or aircraft.* for all of a kind
	Entity   string
	Actor    string
	Party    string
	Place    string
	Source   string
	Standing string
	MinGrade *events.Grade
	Text     string // words that headline, note or detail must hold
	Recorded bool   // in the order of recording instead of occurrence
	Desc     bool
	Limit    int    // 0 is DefaultLimit
	Cursor   string // of the page before
	Bytes    int    // about how many bytes of items end the page; 0 is MaxPageBytes
}

// The limits of a page.
const (
	DefaultLimit = 100
	MaxLimit     = 500
	// MaxPageBytes is about how many bytes of items end a page before its limit
	// does.
	MaxPageBytes = 4 << 20
)

// Timeline reads a page of the timeline.
func (e *Engine) Timeline(ctx context.Context, q Query, now time.Time) (Page, error) {
	var page Page
	err := e.view(func(r *reader) (err error) {
		page, err = r.timeline(ctx, q, now)
		return err
	})
	return page, err
}

func (r *reader) timeline(ctx context.Context, q Query, now time.Time) (Page, error) {
	start, err := r.startOf(&q, &now)
	if err != nil {
		return Page{}, err
	}
	judge, err := r.judge(q.Reading, now)
	if err != nil {
		return Page{}, err
	}
	if q.Limit <= 0 {
		q.Limit = DefaultLimit
	}
	if q.Bytes <= 0 {
		q.Bytes = MaxPageBytes
	}
	page := Page{Stamp: r.stamp(q.Reading), Items: make([]jsontext.Value, 0, q.Limit)}
	match := q.filter(judge)
	scanned, bytes := 0, 0
	for p, err := range r.candidates(q, start) {
		if err != nil {
			return Page{}, err
		}
		if scanned++; scanned%1024 == 0 && ctx.Err() != nil {
			return Page{}, ctx.Err()
		}
		row, err := readRow(r.tx, p.fact, q.Reading.Seq)
		if err != nil {
			return Page{}, err
		}
		if fits, err := match.fits(row); err != nil {
			return Page{}, err
		} else if !fits {
			continue
		}
		if len(page.Items) == q.Limit || bytes >= q.Bytes {
			page.Next = encodePageCursor(q, p, r.head.Epoch, now)
			break
		}
		b, err := r.assemble(p.fact, row, q.Reading.Seq, judge)
		if err != nil {
			return Page{}, err
		}
		page.Items, bytes = append(page.Items, b), bytes+len(b)
	}
	return page, nil
}

// assemble finishes the JSON of an item with what depends on the reading.
func (r *reader) assemble(fact uint64, row itemRow, known uint64, judge time.Time) (jsontext.Value, error) {
	b := make([]byte, 0, len(row.core)+80)
	b = append(b, row.core...)
	b = append(b, `,"standing":"`...)
	b = append(b, row.standing(judge)...)
	b = strconv.AppendUint(append(b, `","revision":`...), row.amendments+1, 10)
	b = append(b, `,"amendments":[`...)
	if row.amendments > 0 {
		var err error
		if b, err = r.appendAmendments(b, fact, known); err != nil {
			return nil, err
		}
	}
	return append(b, `]}`...), nil
}

func (r *reader) appendAmendments(b []byte, fact, known uint64) ([]byte, error) {
	first := true
	for k, v := range r.tx.Scan(tableAmendments, viewdb.Range{From: pairKey(fact, 0), To: pairKey(fact, known+1)}) {
		shown, err := member(v, "shown")
		if err != nil {
			return nil, fmt.Errorf("read amendment %d: %w", seqOf(k[8:]), err)
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, shown...)
	}
	return b, nil
}

// candidates goes through the items that can be on the page, in order.
func (r *reader) candidates(q Query, start *place) iter.Seq2[place, error] {
	switch {
	case q.Recorded:
		return r.byRecording(q, start)
	case q.From.IsZero() && q.To.IsZero():
		return r.byOccurrence(q, start)
	default:
		return r.byWindow(q, start)
	}
}

// byOccurrence goes by time; items with no time at all stand last, by seq, in
// either direction.
func (r *reader) byOccurrence(q Query, start *place) iter.Seq2[place, error] {
	timed, untimed := listTimed, listUntimed
	if q.Entity != "" {
		timed, untimed = listEntity+q.Entity, listUntimedEntity+q.Entity
	}
	known := q.Reading.Seq
	rest := walk{list: untimed, known: known, desc: q.Desc}
	if start != nil && start.key == noKey {
		rest.from = start
		return rest.postings(r.tx)
	}
	return chain(walk{list: timed, known: known, from: start, desc: q.Desc}.postings(r.tx), rest.postings(r.tx))
}

func chain(all ...iter.Seq2[place, error]) iter.Seq2[place, error] {
	return func(yield func(place, error) bool) {
		for _, seq := range all {
			for p, err := range seq {
				if !yield(p, err) {
					return
				}
			}
		}
	}
}

// byRecording goes by seq.
func (r *reader) byRecording(q Query, start *place) iter.Seq2[place, error] {
	return func(yield func(place, error) bool) {
		first, last, step := uint64(1), q.Reading.Seq, int64(1)
		if q.Desc {
			first, last, step = last, first, -1
		}
		if start != nil {
			first = start.fact
		}
		for seq := int64(first); q.Reading.Seq > 0 && (seq-int64(last))*step <= 0; seq += step {
			row, err := readEvent(r.tx, uint64(seq))
			if err != nil {
				yield(place{}, err)
				return
			}
			if row.kind != eventFact || row.fact == 0 {
				continue
			}
			if !yield(place{key: noKey, fact: uint64(seq)}, nil) {
				return
			}
		}
	}
}
