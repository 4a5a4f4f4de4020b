package httpserver_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/eventstest"
	"github.com/summit-timeline/summit/seeds"
	"github.com/summit-timeline/summit/store"
)

// If the views stand still although the log has more, even a single event, readiness
// turns red. It is green once they move again.
func TestReadinessTurnsRedWhenTheViewsStopAndGreenWhenTheyRecover(t *testing.T) {
	t.Parallel()
	f := newFixtureWith(t, func(s *store.Options, h *summits.Options) {
		s.Silence, h.Every = time.Hour, 5*time.Millisecond // no consumer is made anew, and time flies
	})
	f.Open("geneva")
	s, _ := f.Registry.Summit("geneva")
	f.Must(s.Views.Wait(t.Context(), 1)) // by then they follow
	f.awaitReady(http.StatusOK, "")
	js, err := jetstream.New(f.NATS)
	f.Must(err)
	stream, err := js.Stream(t.Context(), "SUMMIT_geneva")
	f.Must(err)
	var names []string
	for name := range stream.ConsumerNames(t.Context()).Name() {
		_, err := js.PauseConsumer(t.Context(), "SUMMIT_geneva", name, time.Now().Add(time.Hour))
		f.Must(err)
		names = append(names, name)
	}
	f.Post("/v1/summits/geneva/facts", events.ContentType, servertest.Note(servertest.ID(1), "a")).Want(http.StatusCreated)
	f.awaitReady(http.StatusServiceUnavailable, "geneva: the views have stood at 1 for")
	figures := f.Get("/metrics").Body
	for _, line := range []string{"summit_ready 0", `summit_lag_events{summit="geneva"} 1`, `summit_log_position{summit="geneva"} 2`, `summit_position{summit="geneva"} 1`} {
		if !strings.Contains(figures, "\n"+line+"\n") {
			t.Errorf("metrics lack %s", line)
		}
	}
	for _, name := range names {
		_, err := js.ResumeConsumer(t.Context(), "SUMMIT_geneva", name)
		f.Must(err)
	}
	f.awaitReady(http.StatusOK, "")
	if figures := f.Get("/metrics").Body; !strings.Contains(figures, "\nsummit_ready 1\n") || !strings.Contains(figures, `summit_stalled_seconds{summit="geneva"} 0`) {
		t.Error("the figures do not say that it recovered")
	}
}

// A server does not turn red because somebody opens a summit: its views have its
// first event a moment later.
func TestOpeningASummitMakesNobodyUnready(t *testing.T) {
	gate := make(chan struct{})
	f := newFixtureWith(t, func(_ *store.Options, h *summits.Options) {
		h.Commit = func(string, uint64, []string) func(error) { <-gate; return func(error) {} }
	})
	open := sync.OnceFunc(func() { close(gate) })
	t.Cleanup(open)
	story, err := seeds.Load("alaska-2025")
	f.Must(err)
	s, _, err := f.Registry.OpenSummit(t.Context(), story[0])
	f.Must(err)
	f.Get("/readyz").Want(http.StatusOK)
	open()
	f.Must(s.Views.Wait(t.Context(), 1))
	f.Get("/readyz").Want(http.StatusOK)
}

// awaitReady waits until readiness is as it is to be, for a reason.
func (f *fixture) awaitReady(status int, reason string) {
	f.Helper()
	eventstest.Eventually(f, fmt.Sprint("readiness is ", status, " ", reason), func() bool {
		r := f.Get("/readyz")
		return r.Status == status && strings.Contains(r.Body, reason)
	})
}
