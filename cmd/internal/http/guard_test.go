package httpserver_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/http/middleware"
)

// breaks is the cause that the log has to show.
func breaks() { panic("it broke") }

// A panic is logged once, with the stack that shows its cause; the answer is a
// problem, or is cut off if it had begun.
func TestAPanicIsLoggedOnceWithItsStack(t *testing.T) {
	for name, c := range map[string]struct {
		serve func(http.ResponseWriter, *http.Request) error
		whole bool
	}{
		"before the answer": {func(http.ResponseWriter, *http.Request) error { breaks(); return nil }, true},
		"in the answer": {func(w http.ResponseWriter, _ *http.Request) error {
			_, _ = io.WriteString(w, `{"items":[`)
			breaks()
			return nil
		}, false},
		"after a flush": {func(w http.ResponseWriter, _ *http.Request) error {
			_ = http.NewResponseController(w).Flush()
			breaks()
			return nil
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			x := middleware.NewStack(middleware.StackOptions{Clock: time.Now, Logger: slog.New(slog.NewTextHandler(&log, nil))})
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				x.Handle(middleware.Route{Method: http.MethodGet, Path: "/healthz", Right: middleware.Anybody, Serve: c.serve}).ServeHTTP(w, r)
			}))
			res, err := server.Client().Get(server.URL)
			var body []byte
			if err == nil {
				body, err = io.ReadAll(res.Body)
				_ = res.Body.Close()
			}
			server.Close()
			if c.whole && (err != nil || res.StatusCode != http.StatusInternalServerError || !strings.Contains(string(body), "operator's log")) {
				t.Errorf("%v %s", err, body)
			}
			if !c.whole && err == nil {
				t.Errorf("the answer looks whole: %d %s", res.StatusCode, body)
			}
			if said := log.String(); strings.Count(said, "\n") != 1 || !strings.Contains(said, "it broke") || !strings.Contains(said, "http_test.breaks") {
				t.Errorf("logged: %s", said)
			}
		})
	}
}
