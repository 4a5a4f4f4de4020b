package logtest

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// BenchFdatasync measures what durable recording stands on: a write of 600 bytes and an
// fdatasync.
func BenchFdatasync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "raw"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	raw := make([]byte, 600)
	for b.Loop() {
		if _, err := f.Write(raw); err != nil {
			b.Fatal(err)
		}
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
