package api

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/reading/readingtest"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

func newAPI(t *testing.T) *API {
	t.Helper()
	cache, err := respond.NewCache()
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return time.Date(2025, 8, 15, 12, 0, 0, 0, time.UTC) }
	return &API{
		Reader: &reading.Reader{Clock: clock, Version: "test", Scope: func(*http.Request) string { return "public" }},
		Room:   respond.NewRoom(clock), Cache: cache, Logger: slog.New(slog.DiscardHandler),
	}
}

var still = readingtest.Views{ID: "geneva", At: events.Position{Epoch: "0a0b0c0d", Seq: 3}}

// get calls a handler for a GET of a path.
func get[T any](handle func(http.ResponseWriter, *http.Request, T) error, s T, path string, header ...string) (*httptest.ResponseRecorder, error) {
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, http.NoBody)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return w, handle(w, r, s)
}

type timeline struct {
	readingtest.Views
	asked []projections.Query
}

func (v *timeline) AppendTimeline(_ context.Context, q projections.Query, _ time.Time, begin func(projections.Stamp) ([]byte, error)) (projections.Page, []byte, error) {
	v.asked = append(v.asked, q)
	stamp := projections.Stamp{Position: v.At, Known: events.Position{Epoch: v.At.Epoch, Seq: q.Reading.Seq}, Complete: true}
	b, err := begin(stamp)
	return projections.Page{Stamp: stamp, Next: "more"}, append(b, `{"fact":"a"}`...), err
}

func TestATimelineIsAnsweredWithoutABroker(t *testing.T) {
	x, v := newAPI(t), &timeline{Views: still}
	const past = "/v1/summits/geneva/timeline?known=0a0b0c0d-2&type=note.added"
	w, err := get(x.Timeline, TimelineViews(v), past)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"summit":"geneva","position":"0a0b0c0d-3","known":"0a0b0c0d-2","complete":true,"items":[{"fact":"a"}],"next":"more"}`; w.Body.String() != want {
		t.Errorf("%s\nwant %s", w.Body, want)
	}
	if c := w.Header().Get("Cache-Control"); c != "public, max-age=3600" {
		t.Errorf("a past position: %s", c)
	}
	for range 2 { // an old position is kept from the second time on
		if w, err = get(x.Timeline, TimelineViews(v), past); err != nil || len(v.asked) != 2 {
			t.Errorf("asked again, the views were read %d times: %v", len(v.asked), err)
		}
	}
	if w, err = get(x.Timeline, TimelineViews(v), past, "If-None-Match", w.Header().Get("Etag")); err != nil || w.Code != http.StatusNotModified {
		t.Errorf("%d %v", w.Code, err)
	}
	if w, err = get(x.Timeline, TimelineViews(v), "/v1/summits/geneva/timeline"); err != nil || w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("the present: %v %v", w.Header(), err)
	}
	read := len(v.asked)
	if _, err = get(x.Timeline, TimelineViews(v), "/v1/summits/geneva/timeline"); err != nil || len(v.asked) != read {
		t.Errorf("the present, asked again, was read %d times: %v", len(v.asked)-read+1, err)
	}
	_, err = get(x.Timeline, TimelineViews(v), "/v1/summits/geneva/timeline?type=no.type&limit=0")
	var p *respond.Problem
	if !errors.As(err, &p) || len(p.Errors) != 2 || len(v.asked) != read {
		t.Errorf("two faults: %v", err)
	}
}

type recorder struct {
	readingtest.Views
	taken   []events.Event
	match   *events.Position
	outcome store.Outcome
	err     error
}

func (v *recorder) Record(_ context.Context, list []events.Event, match *events.Position) ([]summits.Outcome, error) {
	v.taken, v.match = list, match
	out := make([]summits.Outcome, len(list))
	for i := range list {
		out[i] = summits.Outcome{ID: "0198a9f2-7c1e-7000-8000-000000000001", Seq: v.At.Seq + uint64(i) + 1, Outcome: v.outcome}
	}
	return out, v.err
}

func TestAFactIsRecordedWithoutABroker(t *testing.T) {
	x := newAPI(t)
	const note = `{"source":"/desks/test","type":"note.added","subject":"note/a","data":{"text":"a","sources":[{"id":"s","name":"A reporter"}]}}`
	post := func(v *recorder, header ...string) (*httptest.ResponseRecorder, error) {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/v1/summits/geneva/facts", strings.NewReader(note))
		r.Header.Set("Content-Type", events.ContentType)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		return w, x.Record(w, r, v)
	}
	v := &recorder{Views: still, outcome: store.Created}
	w, err := post(v, "If-Match", `"0a0b0c0d-3"`)
	if err != nil || w.Code != http.StatusCreated || w.Header().Get("Summit-Position") != "0a0b0c0d-4" {
		t.Errorf("%d %v %v", w.Code, w.Header(), err)
	}
	if len(v.taken) != 1 || v.taken[0].Summit != "geneva" || v.match == nil || v.match.Seq != 3 {
		t.Errorf("recorded %+v after %v", v.taken, v.match)
	}
	if w, err := post(&recorder{Views: still, outcome: store.Duplicate}); err != nil || w.Code != http.StatusOK {
		t.Errorf("again: %d %v", w.Code, err)
	}
	if _, err := post(&recorder{Views: still, err: summits.ErrMoved}); class.Of(err) != class.Moved || respond.ProblemOf(err).Status != http.StatusPreconditionFailed {
		t.Errorf("moved: %v", err)
	}
}

type storedLog struct {
	readingtest.Views
	bytes []string
	err   error
}

func (v *storedLog) ReadBytes(_ context.Context, from, _ uint64) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for i, b := range v.bytes[from-1:] {
			if !yield(store.Record{Seq: from + uint64(i), Raw: []byte(b)}, nil) {
				return
			}
		}
		if v.err != nil {
			yield(store.Record{}, v.err)
		}
	}
}

func TestALogIsReadWithoutABroker(t *testing.T) {
	x, v := newAPI(t), &storedLog{Views: still, bytes: []string{`{"a":1}`, `{"b":2}`, `{"c":3}`}}
	w, err := get(x.Log, LogBytes(v), "/v1/summits/geneva/log?from=2&to=3")
	if err != nil || w.Body.String() != "{\"b\":2}\n{\"c\":3}\n" || w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Errorf("%s %v %v", w.Body, w.Header(), err)
	}
	v.Doubted = true
	if w, err = get(x.Log, LogBytes(v), "/v1/summits/geneva/log?to=3"); err != nil || w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("in doubt: %v %v", w.Header(), err)
	}
	gone := &storedLog{Views: still, err: store.ErrNotFound}
	if _, err = get(x.Log, LogBytes(gone), "/v1/summits/geneva/log"); !errors.Is(err, summits.ErrLost) {
		t.Errorf("a lost log: %v", err)
	}
	v.err = store.ErrUnavailable
	defer func() {
		if p := recover(); p != http.ErrAbortHandler { //nolint:errorlint // as net/http compares it
			t.Errorf("a log that breaks off looks whole: %v", p)
		}
	}()
	_, _ = get(x.Log, LogBytes(v), "/v1/summits/geneva/log")
}
