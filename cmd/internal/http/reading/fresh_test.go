package reading_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/http/reading"
	"github.com/summit-timeline/summit/cmd/internal/http/reading/readingtest"
	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// odd are views in which one thing that answers depend on is another.
type odd struct {
	readingtest.Views
	version int
	partial bool
	overdue int64
}

func (o odd) Version() int                            { return o.version }
func (o odd) Partial() bool                           { return o.partial }
func (o odd) Overdue(time.Time) int64                 { return o.overdue }
func (o odd) Complete(projections.AsOf) (bool, error) { return !o.partial, nil }

// An answer has another ETag wherever anything that it depends on is another: a client
// that holds the one never gets a 304 for the other.
func TestAnETagIsOfAllThatAnAnswerDependsOn(t *testing.T) {
	languages, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	one := func() (*reading.Reader, odd, *http.Request, projections.AsOf) {
		x := &reading.Reader{Clock: time.Now, Version: "1.0.0", Languages: languages, Scope: func(*http.Request) string { return "public" }}
		return x, odd{Views: still(), version: 1}, asked("q=a"), projections.AsOf{Seq: 7}
	}
	tag := func(x *reading.Reader, v odd, r *http.Request, at projections.AsOf) string {
		w := httptest.NewRecorder()
		if same, err := x.Fresh(w, r, v, at); same || err != nil {
			t.Fatal(same, err)
		}
		return w.Header().Get("Etag")
	}
	seen := map[string]string{tag(one()): "the first"}
	for name, change := range map[string]func(x *reading.Reader, v *odd, r *http.Request, at *projections.AsOf) *http.Request{
		"the version of the program": func(x *reading.Reader, _ *odd, r *http.Request, _ *projections.AsOf) *http.Request {
			x.Version = "1.0.1"
			return r
		},
		"the version of the views": func(_ *reading.Reader, v *odd, r *http.Request, _ *projections.AsOf) *http.Request {
			v.version = 2
			return r
		},
		"that something is missing": func(_ *reading.Reader, v *odd, r *http.Request, _ *projections.AsOf) *http.Request {
			v.partial = true
			return r
		},
		"a plan that is overdue": func(_ *reading.Reader, v *odd, r *http.Request, _ *projections.AsOf) *http.Request {
			v.overdue = 1
			return r
		},
		"the position": func(_ *reading.Reader, _ *odd, r *http.Request, at *projections.AsOf) *http.Request {
			at.Seq = 6
			return r
		},
		"the history": func(_ *reading.Reader, v *odd, r *http.Request, _ *projections.AsOf) *http.Request {
			v.At = events.Position{Epoch: "00000000", Seq: 7}
			return r
		},
		"the query": func(*reading.Reader, *odd, *http.Request, *projections.AsOf) *http.Request { return asked("q=b") },
		"the language": func(*reading.Reader, *odd, *http.Request, *projections.AsOf) *http.Request {
			return asked("q=a&lang=ru")
		},
		"what the reader accepts": func(_ *reading.Reader, _ *odd, r *http.Request, _ *projections.AsOf) *http.Request {
			r.Header.Set("Accept-Language", "de")
			return r
		},
	} {
		x, v, r, at := one()
		r = change(x, &v, r, &at)
		got := tag(x, v, r, at)
		if other, taken := seen[got]; taken || got == "" {
			t.Errorf("with another %s the ETag %s is that of %s", name, got, other)
		}
		seen[got] = name
	}
}

// An answer is kept for an hour where each position is named in full and nothing is
// missing, and asked for anew everywhere else.
func TestAnAnswerIsKeptWhereNothingCanChangeIt(t *testing.T) {
	x := &reading.Reader{Clock: time.Now, Scope: func(*http.Request) string { return "private" }}
	for _, c := range []struct {
		query   string
		partial bool
		want    string
	}{
		{"known=" + epoch + "-7", false, "private, max-age=3600"},
		{"known=" + epoch + "-7", true, "no-cache"},
		{"known=@7", false, "no-cache"},
		{"known=2025-08-15T00:00:00Z", false, "no-cache"},
		{"", false, "no-cache"},
	} {
		w := httptest.NewRecorder()
		if _, err := x.Fresh(w, asked(c.query), odd{Views: still(), partial: c.partial}, projections.AsOf{Seq: 7, Pinned: true}, "known"); err != nil {
			t.Fatal(err)
		}
		if got := w.Header().Get("Cache-Control"); got != c.want {
			t.Errorf("%s, something missing: %v: %q, want %q", c.query, c.partial, got, c.want)
		}
	}
}
