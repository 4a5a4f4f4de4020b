package projections

import (
	"context"
	"path/filepath"
	"testing"
)

// BenchmarkFrames reads the frames of 50,000 events, as a reader who comes
// late is sent them.
func BenchmarkFrames(b *testing.B) {
	const length = 50_000
	m := longStory(b, length, true)
	e, err := Open(filepath.Join(b.TempDir(), "views.db"), m, Options{NoSync: true})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	if err := e.Wait(ctx, length); err != nil {
		b.Fatal(err)
	}
	cancel()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	bytes := 0
	for b.Loop() {
		for at := uint64(0); at < length; {
			if at, err = e.Frames(at, 256, func(f Frame) bool { bytes += len(f.Data); return true }); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(length*b.N)/b.Elapsed().Seconds(), "frames/s")
	b.SetBytes(int64(bytes / b.N))
	if err := e.Close(); err != nil {
		b.Fatal(err)
	}
}
