package status

import (
	"context"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
	"github.com/summit-timeline/summit/projections/internal/read"
)

// The limits of each list of a status.
const (
	DefaultStatus = 500
	MaxStatus     = 1000
)

// Query asks for a part of what stands.
type Query struct {
	Reading read.AsOf
	At      time.Time // occurrence time; zero is now
	Lists   []string  // which lists; nil is all
	Limit   int       // of each list; 0 is DefaultStatus
	Cursor  string    // of the page before; it pins the reading
}

// statusCursor pins the reading, and says how many of each list the pages before had.
type statusCursor struct {
	Known  string `json:"k"`
	Judged int64  `json:"j,omitzero"` // where plans are judged against the present
	Told   int    `json:"n"`
	Query  uint64 `json:"q"`
}

// Lists returns the names of the lists of a status.
func Lists() []string {
	var names []string
	for f := range statusFields() {
		if f.list {
			names = append(names, f.name)
		}
	}
	return names
}

// Page reads a part of what stands, as an object of the form of [Status].
func (r *Reader) Page(ctx context.Context, q Query) (answer Answer, err error) {
	if q.Limit <= 0 {
		q.Limit = DefaultStatus
	}
	told, err := r.statusPlace(&q)
	if err != nil {
		return answer, err
	}
	s, err := r.status(ctx, q.Reading, q.At, q.Lists)
	if err != nil {
		return answer, err
	}
	if err := ctx.Err(); err != nil {
		return answer, err
	}
	answer.Stamp = r.Stamp(q.Reading)
	whole := s.headed(answer.Stamp)
	if q.Lists == nil || slices.Contains(q.Lists, "warnings") {
		if whole.Warnings, err = r.warnings(ctx, q.Reading); err != nil {
			return answer, err
		}
	}
	answer.JSON, err = statusPart(whole, q, told, r.Head.Epoch)
	return answer, err
}

// statusPlace returns how many of each list the pages before had, and what a cursor pins.
func (r *Reader) statusPlace(q *Query) (int, error) {
	if q.Cursor == "" {
		return 0, nil
	}
	var c statusCursor
	b, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil || json.Unmarshal(b, &c) != nil || c.Query != q.fingerprint() || c.Told < 0 {
		return 0, read.ErrCursor
	}
	known, err := events.ParsePosition(c.Known)
	if err != nil || known.Epoch != r.Head.Epoch || known.Seq > r.Head.Seq {
		return 0, read.ErrCursor
	}
	q.Reading = read.AsOf{Seq: known.Seq, Pinned: c.Judged == 0, Language: q.Reading.Language}
	if c.Judged != 0 {
		q.Reading.Now = time.Unix(0, c.Judged)
	}
	return c.Told, nil
}

func (q Query) fingerprint() uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %q", q.At.UnixNano(), q.Lists)
	return h.Sum64()
}

func (q Query) next(told int, epoch string) (string, error) {
	c := statusCursor{Known: events.Position{Epoch: epoch, Seq: q.Reading.Seq}.String(), Told: told, Query: q.fingerprint()}
	if !q.Reading.Pinned && !q.Reading.Now.IsZero() {
		c.Judged = q.Reading.Now.UnixNano()
	}
	b, err := json.Marshal(c)
	return base64.RawURLEncoding.EncodeToString(b), err
}

type statusField struct {
	name      string
	index     int
	list      bool
	omitEmpty bool
}

func statusFields() func(yield func(statusField) bool) {
	return func(yield func(statusField) bool) {
		t := reflect.TypeFor[Status]()
		for i := range t.NumField() {
			name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			omit := strings.HasPrefix(options, "omit")
			if !yield(statusField{name, i, t.Field(i).Type.Kind() == reflect.Slice && !omit, omit}) {
				return
			}
		}
	}
}

// statusPart writes the lists that are asked for, each from where the page before
// ended, and what the page that follows is asked for with.
func statusPart(s Status, q Query, told int, epoch string) (jsontext.Value, error) {
	v := reflect.ValueOf(s)
	out, more := []byte{'{'}, false
	for f := range statusFields() {
		field := v.Field(f.index)
		switch {
		case f.omitEmpty && field.Len() == 0, f.list && q.Lists != nil && !slices.Contains(q.Lists, f.name):
			continue
		case f.list:
			first, end := min(told, field.Len()), min(told+q.Limit, field.Len())
			more = more || end < field.Len()
			field = field.Slice(first, end)
		}
		b, err := json.Marshal(field.Interface(), json.Deterministic(true), json.FormatNilSliceAsNull(false))
		if err != nil {
			return nil, fmt.Errorf("encode %s of the status: %w", f.name, err)
		}
		out = append(append(append(append(append(out, '"'), f.name...), `":`...), message.SealedJSON(b)...), ',')
	}
	if !more {
		return append(out, `"next":null}`...), nil
	}
	next, err := q.next(told+q.Limit, epoch)
	if err != nil {
		return nil, fmt.Errorf("encode the cursor of the status: %w", err)
	}
	return append(append(append(out, `"next":"`...), next...), `"}`...), nil
}
