package projections

import (
	"encoding/base64"
	"hash/fnv"
	"strconv"
	"strings"
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
	return base64.RawURLEncoding.EncodeToString(c.append(make([]byte, 0, 128)))
}

// append appends the cursor as JSON.
func (c pageCursor) append(b []byte) []byte {
	b = append(append(append(b, `{"k":"`...), c.Known...), '"') // a position has nothing to escape
	if c.Pinned {
		b = append(b, `,"p":true`...)
	}
	if c.Judged != 0 {
		b = strconv.AppendInt(append(b, `,"j":`...), c.Judged, 10)
	}
	b = strconv.AppendInt(append(b, `,"t":`...), c.Key, 10)
	b = strconv.AppendUint(append(b, `,"f":`...), c.Fact, 10)
	b = strconv.AppendUint(append(b, `,"q":`...), c.Query, 10)
	return append(b, '}')
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
	h := fnv.New64a()
	_, _ = h.Write(q.appendFilters(make([]byte, 0, 512))) // it never fails
	return h.Sum64()
}

// timeText is the layout of [time.Time.String].
const timeText = "2006-01-02 15:04:05.999999999 -0700 MST"

// appendFilters appends the parts of a query that its pages share. The text is the one
// that cursors which readers hold were made from: what package fmt prints of them.
func (q Query) appendFilters(b []byte) []byte {
	grade := ""
	if q.MinGrade != nil {
		grade = q.MinGrade.String()
	}
	b = append(b, '[')
	for i, t := range q.Types {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendQuote(b, t)
	}
	b = strconv.AppendQuote(append(b, "] "...), grade)
	b = q.From.AppendFormat(append(b, " {Reading:{Seq:0 Pinned:false Now:0001-01-01 00:00:00 +0000 UTC Language:<nil>} From:"...), timeText)
	b = q.To.AppendFormat(append(b, " To:"...), timeText)
	b = append(append(b, " Types:["...), strings.Join(q.Types, " ")...)
	for _, x := range [...][2]string{
		{"] Entity:", q.Entity},
		{" Actor:", q.Actor},
		{" Party:", q.Party},
		{" Place:", q.Place},
		{" Source:", q.Source},
		{" Standing:", q.Standing},
		{" MinGrade:<nil> Text:", q.Text},
	} {
		b = append(append(b, x[0]...), x[1]...)
	}
	b = strconv.AppendBool(append(b, " Recorded:"...), q.Recorded)
	b = strconv.AppendBool(append(b, " Desc:"...), q.Desc)
	return append(b, " Limit:0 Cursor: Bytes:0 Looks:0}"...)
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
