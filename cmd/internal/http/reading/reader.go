// Package reading reads the positions and filters of a request, and waits until
// the positions are served.
//
// A server answers nothing older than what it has acknowledged itself. A position
// that comes from another server is waited for.
package reading

import (
	"context"
	"net/http"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
	"github.com/summit-timeline/summit/projections"
)

// Log is a log whose end can be asked for, and views that follow it.
type Log interface {
	// Summit returns the id of the summit.
	Summit() string
	// Head returns the position that is served.
	Head() events.Position
	// Await waits until a sequence is served.
	Await(ctx context.Context, seq uint64) error
	// End returns where the log ended at now or later.
	End(ctx context.Context, now time.Time) (uint64, error)
	// EndAfter returns where the log ends once t has passed.
	EndAfter(ctx context.Context, t time.Time, now func() time.Time) (uint64, error)
}

// Views are views that can be read as of a past position.
type Views interface {
	Log
	// Resolve returns the position that a text names, or an instant.
	Resolve(known string, now time.Time) (projections.AsOf, error)
	// Passed reports whether the views hold an event that became known after t.
	Passed(t time.Time) (bool, error)
	// Complete reports whether nothing is missing in the views as of a position.
	Complete(at projections.AsOf) (bool, error)
	// Version, Partial and Overdue are what answers depend on besides a position.
	Version() int
	Partial() bool
	Overdue(now time.Time) int64
}

// Reader resolves the positions of a request, and waits until they are served. It
// decides how long an answer may be cached.
type Reader struct {
	Clock   func() time.Time
	Version string // of the program
	// Scope returns who may cache the answer to a request.
	Scope func(r *http.Request) string
	// Languages are those in which sentences are told; nil is English alone.
	Languages *locale.Catalogues
}

// LanguageOf returns the language of the sentences in the answer to a request: that
// of lang, else the first of Accept-Language that there is, else English.
func (x *Reader) LanguageOf(r *http.Request) *message.Language {
	if x.Languages == nil {
		return message.English()
	}
	return x.Locale(r).Messages()
}

// Locale returns the same language with all its texts.
func (x *Reader) Locale(r *http.Request) *locale.Language {
	if x.Languages == nil {
		return locale.English()
	}
	return x.Languages.Choose(r.FormValue("lang"), r.Header.Get("Accept-Language"))
}
