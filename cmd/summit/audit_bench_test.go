package main

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/cmd/internal/server"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

// BenchmarkAudit measures an audit beside its ceilings, in one run: reading the
// raw stream, and rebuilding the views from it. SUMMIT_BENCH_EVENTS says how
// many events, 20,000 if it is not given.
func BenchmarkAudit(b *testing.B) {
	count := 20_000
	if text := os.Getenv("SUMMIT_BENCH_EVENTS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		count = n
	}
	s := newStage(b, count, 0)
	rate := func(b *testing.B, fn func()) {
		b.Helper()
		for b.Loop() {
			fn()
		}
		b.ReportMetric(float64(count)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	}
	s.broker(func(_ jetstream.JetStream, logs func(store.Options) *store.Logs) {
		log, err := logs(store.Options{}).Open(b.Context(), staged)
		s.must(err)
		b.Run("read", func(b *testing.B) {
			rate(b, func() {
				for _, err := range log.Read(b.Context(), 1, 0) {
					s.must(err)
				}
			})
		})
		b.Run("rebuild", func(b *testing.B) {
			rate(b, func() {
				path := filepath.Join(b.TempDir(), "views.db")
				s.must(projections.Build(b.Context(), path, log, uint64(count), func(uint64) {}))
				s.must(os.Remove(path))
			})
		})
	})
	s.serve(server.ScrubOptions{}, func(x *served) {
		b.Run("audit", func(b *testing.B) {
			rate(b, func() {
				x.audit(true)
			})
		})
	})
}
