package store_test

import (
	"context"
	"testing"

	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
)

// BenchmarkAppend measures durable appends beside what they stand on, a write
// of 600 bytes and an fdatasync, in the same run and on the same disk. Compare
// events/s.
func BenchmarkAppend(b *testing.B) {
	b.Run("fdatasync", logtest.BenchFdatasync)
	for name, size := range map[string]int{"one": 1, "batch=64": 64, "batch=1000": store.MaxBatch} {
		b.Run(name, func(b *testing.B) { benchAppend(b, size) })
	}
}

func benchAppend(b *testing.B, size int) {
	logs, _ := open(b, b.TempDir())
	log := create(b, logs, "bench")
	last := uint64(1)
	for b.Loop() {
		b.StopTimer()
		list := logtest.Notes("bench", int(last), size)
		b.StartTimer()
		results, err := log.Append(context.Background(), list, store.After(last))
		if err != nil {
			b.Fatal(err)
		}
		last = results[len(results)-1].Seq
	}
	b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "events/s")
}
