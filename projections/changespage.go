package projections

import (
	"context"
	"encoding/base64"
	"hash/fnv"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/item"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/projections/internal/read"
	"github.com/summit-timeline/summit/store/viewdb"
)

// The limits of a page of changes.
const (
	DefaultChanges = 500
	MaxChanges     = 1000
)

// ChangesQuery asks for a page of what knowledge changed between two readings.
type ChangesQuery struct {
	Since, Until AsOf
	Limit        int    // 0 is DefaultChanges
	Cursor       string // of the page before; it pins the readings
	// Asked is how the readings were asked for: a cursor goes with it.
	Asked string
}

// The parts of changes, in the order in which pages go through them. What was
// restored, and what stands otherwise, comes with what was retracted.
const (
	partAdded = iota
	partCorrected
	partRetracted
	partStatus
)

// changesCursor pins the readings, and says where the next page begins: at an
// event, or after a path of the status.
type changesCursor struct {
	Until  string `json:"k"`
	Since  uint64 `json:"s"`
	Judged int64  `json:"j,omitzero"` // where plans are judged against the present
	Part   int    `json:"p"`
	At     uint64 `json:"a"`
	Path   string `json:"d,omitzero"` // the last that a page had
	Asked  uint64 `json:"q"`
}

// ChangesPage reads a page of what knowledge changed between two readings.
func (e *Engine) ChangesPage(ctx context.Context, q ChangesQuery, now time.Time) (Changes, string, error) {
	if q.Limit <= 0 {
		q.Limit = DefaultChanges
	}
	c, next := noChanges(), ""
	err := e.view(func(r *reader) error {
		w, err := r.beginChanges(ctx, &c, q, now)
		if err != nil {
			return err
		}
		if err := w.walk(); err != nil || !w.full {
			return err
		}
		next, err = w.cursor()
		return err
	})
	return c, next, err
}

// changesWalk goes through the changes from a place on, until a page is full.
type changesWalk struct {
	*reader
	tell    *read.Teller
	ctx     context.Context
	c       *Changes
	present time.Time
	place   changesCursor
	since   uint64
	until   uint64

	left    int // of the limit
	bytes   int // of what is on the page
	scanned int // events that were looked at
	full    bool
}

// scanMost is how many events are looked at for one page: one on which little
// changed ends early, and the next continues.
const scanMost = 100_000

func (r *reader) beginChanges(ctx context.Context, c *Changes, q ChangesQuery, now time.Time) (*changesWalk, error) {
	place, err := r.placeOf(&q, &now)
	if err != nil {
		return nil, err
	}
	if q.Since.Seq > q.Until.Seq {
		return nil, afterUntil(q.Since.Seq, q.Until.Seq)
	}
	c.Stamp = r.Stamp(q.Until)
	c.Since = events.Position{Epoch: r.Head.Epoch, Seq: q.Since.Seq}
	present, err := r.Present(q.Until, now)
	return &changesWalk{
		reader: r, tell: r.Teller(q.Until.Language, q.Until.Seq), ctx: ctx, c: c, present: present, place: place, since: q.Since.Seq, until: q.Until.Seq, left: q.Limit,
	}, err
}

// placeOf returns where a page begins, and what its cursor pins.
func (r *reader) placeOf(q *ChangesQuery, now *time.Time) (changesCursor, error) {
	asked := fnv.New64a()
	_, _ = asked.Write([]byte(q.Asked)) // it never fails
	place := changesCursor{
		Until: events.Position{Epoch: r.Head.Epoch, Seq: q.Until.Seq}.String(), Since: q.Since.Seq, At: q.Since.Seq + 1, Asked: asked.Sum64(),
	}
	if !q.Until.Pinned {
		place.Judged = now.UnixNano()
	}
	if q.Cursor == "" {
		return place, nil
	}
	var c changesCursor
	b, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil || json.Unmarshal(b, &c) != nil || c.Asked != place.Asked || c.Part < partAdded || c.Part > partStatus {
		return place, read.ErrCursor
	}
	until, err := events.ParsePosition(c.Until)
	if err != nil || until.Epoch != r.Head.Epoch || until.Seq > r.Head.Seq || c.Since > until.Seq || c.Part != partStatus && c.At <= c.Since {
		return place, read.ErrCursor
	}
	q.Since, q.Until = AsOf{Seq: c.Since, Pinned: true}, AsOf{Seq: until.Seq, Pinned: c.Judged == 0, Language: q.Until.Language}
	if c.Judged != 0 {
		*now = time.Unix(0, c.Judged)
	}
	return c, nil
}

func (w *changesWalk) cursor() (string, error) {
	b, err := json.Marshal(w.place)
	return base64.RawURLEncoding.EncodeToString(b), err
}

func (w *changesWalk) walk() error {
	for ; w.place.Part < partStatus && !w.full; w.turn() {
		if err := w.part(); err != nil || w.full {
			return err
		}
	}
	return w.statusPart()
}

// turn begins the next part.
func (w *changesWalk) turn() {
	w.place.Part++
	w.place.At = w.since + 1
	if w.place.Part == partStatus {
		w.place.At = 0
	}
}

// part goes through the events between the readings.
func (w *changesWalk) part() error {
	for ; w.place.At <= w.until; w.place.At++ {
		if w.scanned++; w.scanned > scanMost {
			w.full = true
			return nil
		}
		if w.scanned%1024 == 0 && w.ctx.Err() != nil {
			return w.ctx.Err()
		}
		row, err := item.ReadEvent(w.Tx, w.place.At)
		if err != nil {
			return err
		}
		if !w.adds(row) {
			continue
		}
		if err := w.add(row.Fact); err != nil || w.full {
			return err
		}
	}
	return nil
}

// adds reports whether an event adds to the part in hand: what was added, at
// the event that did so, other changes of a fact at its first amendment.
func (w *changesWalk) adds(row item.EventRow) bool {
	if row.Fact == 0 || w.place.Part == partAdded {
		return row.Fact == w.place.At
	}
	if row.Fact > w.since {
		return false
	}
	for k := range w.Tx.Scan(item.TableAmendments, viewdb.Range{From: keys.Pair(row.Fact, w.since+1), To: keys.Pair(row.Fact, w.place.At+1)}) {
		return keys.Uint64(k[8:]) == w.place.At
	}
	return false
}

// add adds what changed of a fact, if it is of the part in hand and there is
// room for it.
func (w *changesWalk) add(fact uint64) error {
	one := noChanges()
	if err := w.change(&one, w.tell, fact, w.since, w.present); err != nil {
		return err
	}
	switch w.place.Part {
	case partAdded:
		one.Corrected, one.Retracted, one.Restored, one.Standing = nil, nil, nil, nil
	case partCorrected:
		one.Added, one.Retracted, one.Restored, one.Standing = nil, nil, nil, nil
	default:
		one.Added, one.Corrected = nil, nil
	}
	size, counted := one.weigh()
	if size == 0 {
		return nil
	}
	if w.full = !w.room(); w.full {
		return nil
	}
	w.left, w.bytes = w.left-max(counted, 0), w.bytes+size
	w.c.append(one)
	return nil
}

// room reports whether the page takes more. What is not counted, as it comes with
// what is, is bounded by its bytes and by its number.
func (w *changesWalk) room() bool {
	return w.left > 0 && w.bytes < MaxPageBytes && len(w.c.Restored)+len(w.c.Standing) < MaxChanges
}

// statusPart goes through what stands otherwise.
func (w *changesWalk) statusPart() error {
	if w.full {
		return nil
	}
	if err := w.ctx.Err(); err != nil {
		return err
	}
	return w.Changes(w.ctx, w.tell, w.since, w.place.Path, func(d Difference) bool {
		if w.full = !w.room(); w.full {
			return false
		}
		w.left, w.bytes = w.left-1, w.bytes+len(d.Path)+len(d.Was)+len(d.Now)
		w.c.Status, w.place.Path = append(w.c.Status, d), d.Path
		return true
	})
}

// weigh is about how many bytes changes take, and how many of them a limit
// counts.
func (c Changes) weigh() (size, counted int) {
	for _, i := range c.Added {
		size += len(i)
	}
	for _, i := range c.Retracted {
		size += len(i)
	}
	for _, i := range c.Restored {
		size += len(i)
	}
	for _, s := range c.Standing {
		size += len(s.Fact) + len(s.Headline) + len(s.Was) + len(s.Now)
	}
	for _, f := range c.Corrected {
		size += len(f.Fact) + len(f.Headline)
		for _, d := range f.Changes {
			size += len(d.Path) + len(d.Was) + len(d.Now)
		}
	}
	return size, len(c.Added) + len(c.Corrected) + len(c.Retracted) + len(c.Status)
}

func (c *Changes) append(one Changes) {
	c.Added, c.Corrected = append(c.Added, one.Added...), append(c.Corrected, one.Corrected...)
	c.Retracted, c.Restored = append(c.Retracted, one.Retracted...), append(c.Restored, one.Restored...)
	c.Standing = append(c.Standing, one.Standing...)
}
