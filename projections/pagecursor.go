package projections

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/posting"
	"github.com/summit-timeline/summit/projections/internal/read"
)

// pageCursor pins what the pages of one reading share: what was known, when
// plans were judged, and where the next page begins.
type pageCursor struct {
	Known  string `json:"k"`
	Pinned bool   `json:"p,omitzero"`
	Judged int64  `json:"j,omitzero"`
	Key    int64  `json:"t"`
	Fact   uint64 `json:"f"`
	Query  uint64 `json:"q"`
}

// encodePageCursor returns the cursor of the page that begins at next. The
// present is kept only where plans are judged against it, and then as the moment
// after the last plan became overdue: the same page always has the same cursor.
func (r *reader) encodePageCursor(q Query, next posting.Place, now time.Time) string {
	c := pageCursor{
		Known: events.Position{Epoch: r.Head.Epoch, Seq: q.Reading.Seq}.String(), Pinned: q.Reading.Pinned,
		Key: next.Key, Fact: next.Fact, Query: q.fingerprint(),
	}
	switch {
	case c.Pinned:
	case q.Cursor != "":
		c.Judged = now.UnixNano() // what the cursor before says
	default:
		c.Judged = r.overdue(now) + 1
	}
	b, err := json.Marshal(c)
	if err != nil {
		return "" // plain values always encode
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// CursorPosition returns the position that a cursor pins, or false if it is not a cursor.
func CursorPosition(cursor string) (events.Position, bool) {
	var c struct {
		Known string `json:"k"`
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(b, &c) != nil {
		return events.Position{}, false
	}
	p, err := events.ParsePosition(c.Known)
	return p, err == nil
}

// fingerprint returns a number that differs between queries, but for what a cursor
// itself pins.
func (q Query) fingerprint() uint64 {
	q.Reading, q.Cursor, q.Limit, q.Bytes, q.Looks = AsOf{}, "", 0, 0, 0
	grade := ""
	if q.MinGrade != nil {
		grade, q.MinGrade = q.MinGrade.String(), nil
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%q %q %+v", q.Types, grade, q)
	return h.Sum64()
}

// startOf applies a cursor to the query and to the instant it is judged at.
func (r *reader) startOf(q *Query, now *time.Time) (*posting.Place, error) {
	if q.Cursor == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil {
		return nil, read.ErrCursor
	}
	var c pageCursor
	if err := json.Unmarshal(b, &c); err != nil || c.Query != q.fingerprint() {
		return nil, read.ErrCursor
	}
	known, err := events.ParsePosition(c.Known)
	if err != nil || known.Epoch != r.Head.Epoch || known.Seq > r.Head.Seq {
		return nil, read.ErrCursor
	}
	q.Reading = AsOf{Seq: known.Seq, Pinned: c.Pinned}
	if !c.Pinned {
		*now = time.Unix(0, c.Judged)
	}
	return &posting.Place{Key: c.Key, Fact: c.Fact}, nil
}
