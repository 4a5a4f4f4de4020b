package middleware

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/summit-timeline/summit/cmd/internal/access"
)

type callerKey struct{}

// logged logs each request at the level debug: method, path, status, how long it
// took, the address, and the name of the token, never the token. The handlers
// of slog quote what a stranger chose, so that a line of the log is one line.
// At other levels it costs nothing.
func (x *Stack) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !x.o.Logger.Enabled(r.Context(), slog.LevelDebug) {
			next.ServeHTTP(w, r)
			return
		}
		began := x.o.Clock()
		var caller access.Identity
		a := &answered{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			x.o.Logger.LogAttrs(r.Context(), slog.LevelDebug, "request", slog.String("method", r.Method), slog.String("path", r.URL.Path),
				slog.Int("status", a.status), slog.Float64("took_ms", x.o.Clock().Sub(began).Seconds()*1000), slog.Int64("bytes", a.bytes),
				slog.String("from", r.RemoteAddr), slog.String("token", caller.Name))
		}()
		known := r.WithContext(context.WithValue(r.Context(), callerKey{}, &caller))
		next.ServeHTTP(a, known)
		r.Pattern = known.Pattern
	})
}

// noteCaller names the sender of a request in the log of requests.
func noteCaller(r *http.Request, who access.Identity) {
	if caller, ok := r.Context().Value(callerKey{}).(*access.Identity); ok {
		*caller = who
	}
}

// answered records the status and the size of an answer.
type answered struct {
	http.ResponseWriter
	status int
	bytes  int64
	wrote  bool
}

// Unwrap lets http.ResponseController reach what is below.
func (a *answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader sends the status.
func (a *answered) WriteHeader(status int) {
	if !a.wrote && status >= http.StatusOK {
		a.status, a.wrote = status, true
	}
	a.ResponseWriter.WriteHeader(status)
}

// FlushError sends what is there, the header first.
func (a *answered) FlushError() error {
	a.wrote = true
	return http.NewResponseController(a.ResponseWriter).Flush() //nolint:wrapcheck // it is the writer below
}

// Write sends a part of the body.
func (a *answered) Write(b []byte) (int, error) {
	a.wrote = true
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err //nolint:wrapcheck // it counts, and is else the writer below
}
