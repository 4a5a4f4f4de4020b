package summits

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/embedded"
	"github.com/summit-timeline/summit/store/logtest"
)

// BenchmarkRecord measures durable recording beside what it stands on, a write
// of 600 bytes and an fdatasync, in the same run and on the same disk. Compare
// events/s.
func BenchmarkRecord(b *testing.B) {
	b.Run("fdatasync", logtest.BenchFdatasync)
	b.Run("callers=1", func(b *testing.B) { benchRecord(b, 1, 1) })
	b.Run("callers=16", func(b *testing.B) { benchRecord(b, 16, 1) })
	b.Run("callers=64", func(b *testing.B) { benchRecord(b, 64, 1) })
	b.Run("import/batch=1000", func(b *testing.B) { benchRecord(b, 2, 1000) })
}

// durable opens a summit on a broker that syncs before each acknowledgement.
func durable(b *testing.B) *Summit {
	b.Helper()
	dir := b.TempDir()
	t := &broker{TB: b, dir: dir}
	var err error
	t.server, err = embedded.Start(embedded.Options{Dir: filepath.Join(dir, "nats"), Secret: uuid.NewString()})
	t.must(err)
	b.Cleanup(func() { t.must(t.server.Shutdown()) })
	h := t.run("views")
	return t.summit(h, "bench")
}

func benchRecord(b *testing.B, callers, size int) {
	s := durable(b)
	var next, lost atomic.Int64
	var group sync.WaitGroup
	b.ResetTimer()
	for range callers {
		group.Go(func() {
			for {
				n := int(next.Add(int64(size)))
				if n-size >= b.N*size {
					return
				}
				list := make([]events.Event, size)
				for i := range list {
					list[i] = sized(n - i)
				}
				if _, err := s.Record(b.Context(), list, nil); err != nil {
					lost.Add(1)
					b.Log(err)
					return
				}
			}
		})
	}
	group.Wait()
	b.StopTimer()
	if lost.Load() > 0 {
		b.Fatal("an append failed")
	}
	b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "events/s")
}

// sized is an event of about 600 bytes.
func sized(n int) events.Event {
	e := note("bench", numbered("bench", n), fmt.Sprintf("%0180d", n))
	e.Subject.ID = fmt.Sprintf("n-%d", n%1000)
	return e
}
