package projections

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/projections/internal/posting"
	"github.com/summit-timeline/summit/store/viewdb"
)

// Query asks for a page of the timeline.
type Query struct {
	Reading  AsOf
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
	Looks    int    // about how many facts are looked at for the page; 0 is DefaultLooks
}

// The limits of a page.
const (
	DefaultLimit = 100
	MaxLimit     = 500
	// MaxPageBytes is about how many bytes of items end a page before its limit
	// does.
	MaxPageBytes = 4 << 20
	// DefaultLooks is about how many facts are looked at for one page: one on which
	// few fit ends early.
	DefaultLooks = 4_000
)

// Timeline reads a page of the timeline. It may have fewer items than its limit,
// or none, though there is a next: finding them took so much that it ended.
// [Engine.FullPage] continues.
func (e *Engine) Timeline(ctx context.Context, q Query, now time.Time) (Page, error) {
	var page Page
	into := &separateItems{}
	err := e.view(func(r *reader) (err error) {
		page, err = r.timeline(ctx, q, now, into)
		return err
	})
	page.Items = into.items
	return page, err
}

// AppendTimeline is [Engine.Timeline] for who writes the page into one text: begin
// returns what stands before the items, to which they are appended with commas
// between them. The page has no Items.
func (e *Engine) AppendTimeline(ctx context.Context, q Query, now time.Time, begin func(Stamp) ([]byte, error)) (Page, []byte, error) {
	var page Page
	into := &joinedItems{start: begin}
	err := e.view(func(r *reader) (err error) {
		page, err = r.timeline(ctx, q, now, into)
		return err
	})
	return page, into.text, err
}

// bounded returns the query with the limits that it leaves out.
func (q Query) bounded() Query {
	if q.Limit <= 0 {
		q.Limit = DefaultLimit
	}
	if q.Bytes <= 0 {
		q.Bytes = MaxPageBytes
	}
	if q.Looks <= 0 {
		q.Looks = DefaultLooks
	}
	return q
}

func (r *reader) timeline(ctx context.Context, q Query, now time.Time, into pageItems) (Page, error) {
	start, err := r.startOf(&q, &now)
	if err != nil {
		return Page{}, err
	}
	at, err := item.ReadEvent(r.Tx, q.Reading.Seq)
	if err != nil {
		return Page{}, err
	}
	present := now
	if q.Reading.Pinned {
		present = time.Unix(0, at.Known)
	}
	q = q.bounded()
	page := Page{Stamp: r.Stamp(q.Reading)}
	if err := into.begin(page.Stamp, q.Limit); err != nil {
		return Page{}, err
	}
	tell, rows := r.Teller(q.Reading.Language, q.Reading.Seq), item.RowsAt(r.Tx, q.Reading.Seq)
	match, n, bytes := q.filter(present, tell), 0, 0
	for p, err := range r.candidates(q, start, at) {
		if match.seen > 0 && match.spent() {
			page.Next, page.Short = r.encodePageCursor(q, p, now), n < q.Limit && bytes < q.Bytes
			break
		}
		row, fits, err := r.look(ctx, match, rows, p, err)
		if err != nil {
			return Page{}, err
		}
		if !fits {
			continue
		}
		if n == q.Limit || bytes >= q.Bytes {
			page.Next = r.encodePageCursor(q, p, now)
			break
		}
		b, err := r.appendItem(into.room(row.Size(), q.Limit-n), tell, p.Fact, row, present)
		if err != nil {
			return Page{}, err
		}
		n, bytes = n+1, bytes+into.take(b)
	}
	return page, nil
}

// look reads the fact at a place, and whether it fits. The error may be that of
// finding the place.
func (r *reader) look(ctx context.Context, match *filter, rows *item.Rows, p posting.Place, found error) (row item.Row, fits bool, err error) {
	if match.seen++; match.seen%256 == 1 && ctx.Err() != nil {
		return row, false, ctx.Err()
	}
	if errors.Is(found, errNoItem) {
		return row, false, nil
	}
	if found != nil {
		return row, false, found
	}
	if row, err = rows.Read(p.Fact); err != nil {
		return row, false, err
	}
	fits, err = match.fits(row)
	return row, fits, err
}

// candidates goes through the items that can be on the page, in order. at is the row
// of the event as of which it is read.
func (r *reader) candidates(q Query, start *posting.Place, at item.EventRow) iter.Seq2[posting.Place, error] {
	switch {
	case q.Recorded && q.Entity != "" && r.Head.Version >= item.VersionOfIndexes:
		return items(posting.Walk{List: item.ListRecorded + q.Entity, Known: q.Reading.Seq, From: start, Desc: q.Desc}.Places(r.Tx))
	case q.Recorded:
		return r.byRecording(q, start)
	case q.From.IsZero() && q.To.IsZero():
		return items(r.byOccurrence(q, start, &at.Span))
	case q.Entity != "":
		return items(posting.Walk{List: item.ListEntity + q.Entity, Known: q.Reading.Seq, From: start, Desc: q.Desc, Within: &at.Span}.Places(r.Tx))
	}
	return r.byWindow(q, start, at)
}

// items returns the places of a list, at each of which there is an item.
func items(list iter.Seq[posting.Place]) iter.Seq2[posting.Place, error] {
	return func(yield func(posting.Place, error) bool) {
		for p := range list {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// byOccurrence goes by time; items with no time at all stand last, by seq, in
// either direction.
func (r *reader) byOccurrence(q Query, start *posting.Place, within *posting.Span) iter.Seq[posting.Place] {
	timed, untimed := item.ListTimed, item.ListUntimed
	if q.Entity != "" {
		timed, untimed = item.ListEntity+q.Entity, item.ListUntimedEntity+q.Entity
	}
	known := q.Reading.Seq
	rest := posting.Walk{List: untimed, Known: known, Desc: q.Desc}
	if start != nil && start.Key == posting.NoKey {
		rest.From = start
		return rest.Places(r.Tx)
	}
	return chain(posting.Walk{List: timed, Known: known, From: start, Desc: q.Desc, Within: within}.Places(r.Tx), rest.Places(r.Tx))
}

func chain(all ...iter.Seq[posting.Place]) iter.Seq[posting.Place] {
	return func(yield func(posting.Place) bool) {
		for _, list := range all {
			for p := range list {
				if !yield(p) {
					return
				}
			}
		}
	}
}

// errNoItem is the error of a place at which there is no item.
var errNoItem = errors.New("no item is there")

// byRecording goes by seq. It names every event: one that is not a fact with
// errNoItem, so that who looks for few can end there.
func (r *reader) byRecording(q Query, start *posting.Place) iter.Seq2[posting.Place, error] {
	rows := viewdb.Range{From: keys.Seq(1), To: keys.Seq(q.Reading.Seq + 1), Reverse: q.Desc}
	switch {
	case start != nil && q.Desc:
		rows.To = keys.Seq(start.Fact + 1)
	case start != nil:
		rows.From = keys.Seq(start.Fact)
	}
	return func(yield func(posting.Place, error) bool) {
		for k, v := range r.Tx.Scan(item.TableEvents, rows) {
			row, err := item.DecodeEventRow(v)
			if err == nil && (row.Kind != item.EventFact || row.Fact == 0) {
				err = errNoItem
			}
			if !yield(posting.Place{Key: posting.NoKey, Fact: keys.Uint64(k)}, err) {
				return
			}
		}
	}
}

// FullPage reads on where a page ended early, until it is full, the timeline ends, or ctx
// reaches its deadline: the page then ends early all the same. Each part is a reading of its
// own: none holds the views for long.
func (e *Engine) FullPage(ctx context.Context, q Query, now time.Time) (Page, error) {
	q = q.bounded()
	page, err := e.Timeline(ctx, q, now)
	for err == nil && page.Short {
		var more Page
		rest := q
		rest.Cursor, rest.Limit, rest.Bytes = page.Next, q.Limit-len(page.Items), q.Bytes-page.size()
		more, err = e.Timeline(ctx, rest, now)
		if errors.Is(err, context.DeadlineExceeded) {
			return page, nil
		}
		if err == nil {
			page.Items, page.Next, page.Short = append(page.Items, more.Items...), more.Next, more.Short
		}
	}
	return page, err
}

// size returns how many bytes its items take.
func (p Page) size() (n int) {
	for _, i := range p.Items {
		n += len(i)
	}
	return n
}
