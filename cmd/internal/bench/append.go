package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/cmd/internal/host"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/embedded"
)

// AppendOptions say what to measure of recording.
type AppendOptions struct {
	// Each is how long each figure is measured.
	Each time.Duration
	Said io.Writer
}

// Append measures durable recording: in the process, by one caller and by many,
// in large batches, and over HTTP. The ceiling is a file that is written and
// forced to the disk for each event.
func Append(ctx context.Context, o AppendOptions) (Report, error) {
	report := Report{Name: "append"}
	err := inFolder(func(dir string) error {
		ceiling, err := syncedWrites(filepath.Join(dir, "file"), o.Each)
		if err != nil {
			return err
		}
		report.add(Row{What: "a file, written and forced to the disk", Value: ceiling, Unit: "events/s"})
		direct, err := recorded(ctx, filepath.Join(dir, "direct"), o, ceiling, &report)
		if err != nil {
			return err
		}
		return posted(ctx, filepath.Join(dir, "served"), o, direct, &report)
	})
	return report, err
}

// inFolder runs fn in a folder that is removed afterwards.
func inFolder(fn func(dir string) error) error {
	dir, err := os.MkdirTemp("", "summit-bench-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	return fn(dir)
}

// eventSize is about what events have.
const eventSize = 600

func syncedWrites(path string, each time.Duration) (float64, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, fmt.Errorf("write a file: %w", err)
	}
	defer f.Close()
	line := make([]byte, eventSize)
	return rate(each, 1, func(int) (int, error) {
		if _, err := f.Write(line); err != nil {
			return 0, err
		}
		return 1, f.Sync()
	})
}

// rate runs callers for a while and gives how much they did a second.
func rate(each time.Duration, callers int, do func(caller int) (int, error)) (float64, error) {
	var done atomic.Int64
	var failed atomic.Pointer[error]
	var all sync.WaitGroup
	began := time.Now()
	for c := range callers {
		all.Go(func() {
			for time.Since(began) < each && failed.Load() == nil {
				n, err := do(c)
				if err != nil {
					failed.Store(&err)
					return
				}
				done.Add(int64(n))
			}
		})
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return float64(done.Load()) / time.Since(began).Seconds(), nil
}

// recorded measures recording in the process. It gives what 64 callers reach.
func recorded(ctx context.Context, dir string, o AppendOptions, ceiling float64, report *Report) (float64, error) {
	s, stop, err := hosted(ctx, dir)
	if err != nil {
		return 0, err
	}
	defer stop()
	var n atomic.Int64
	var many float64
	for _, c := range []struct{ callers, batch int }{{1, 1}, {16, 1}, {64, 1}, {1, store.MaxBatch}, {4, store.MaxBatch}} {
		fmt.Fprintf(o.Said, "%d callers of %d events\n", c.callers, c.batch)
		got, err := rate(o.Each, c.callers, func(int) (int, error) {
			list := make([]events.Event, c.batch)
			for i := range list {
				list[i] = note(s.ID, n.Add(1))
			}
			_, err := s.Record(ctx, list, nil)
			return len(list), err
		})
		if err != nil {
			return 0, err
		}
		what := fmt.Sprintf("%d callers in the process", c.callers)
		if c.batch > 1 {
			what += fmt.Sprintf(", batches of %d", c.batch)
		}
		if c.callers == 64 {
			many = got
		}
		report.add(Row{What: what, Value: got, Unit: "events/s", Ceiling: ceiling})
	}
	return many, nil
}

// posted measures recording over HTTP, one event a request, beside what 64
// callers reach in the process.
func posted(ctx context.Context, dir string, o AppendOptions, direct float64, report *Report) error {
	server, base, err := serveIn(ctx, dir)
	if err != nil {
		return err
	}
	defer server.stop()
	p, err := open(ctx, base, "bench")
	if err != nil {
		return err
	}
	for _, connections := range []int{1, 16, 64} {
		fmt.Fprintf(o.Said, "%d connections\n", connections)
		posters := make([]*publisher, connections)
		for i := range posters {
			posters[i] = &publisher{ctx: ctx, url: p.url, client: newClient(connections)}
		}
		got, err := rate(o.Each, connections, func(c int) (int, error) { return 1, posters[c].one() })
		if err != nil {
			return err
		}
		report.add(Row{What: fmt.Sprintf("POST, %d connections", connections), Value: got, Unit: "events/s", Ceiling: direct, Note: "beside 64 callers in the process"})
	}
	return nil
}

// serveIn starts a server on a folder.
func serveIn(ctx context.Context, dir string) (*process, string, error) {
	server, err := spawn(ctx, "serve", "--data", dir, "--addr", "127.0.0.1:0", "--nats-listen", "off")
	if err != nil {
		return nil, "", err
	}
	base, err := server.line("HTTP")
	if err != nil {
		server.stop()
		return nil, "", err
	}
	return server, base, nil
}

// hosted runs a summit in the process, durable as serve is.
func hosted(ctx context.Context, dir string) (s *host.Summit, stop func(), err error) {
	broker, err := embedded.Start(embedded.Options{Dir: filepath.Join(dir, "nats"), Secret: uuid.NewString()})
	if err != nil {
		return nil, nil, err
	}
	stops := []func(){func() { _ = broker.Shutdown() }}
	stop = func() {
		for i := len(stops) - 1; i >= 0; i-- {
			stops[i]()
		}
	}
	defer func() {
		if err != nil {
			stop()
		}
	}()
	write, err := broker.Connect("append")
	if err != nil {
		return nil, nil, err
	}
	stops = append(stops, write.Close)
	read, err := broker.Connect("read")
	if err != nil {
		return nil, nil, err
	}
	stops = append(stops, read.Close)
	logs, err := store.Open(store.Conns{Append: write, Read: read}, store.Options{})
	if err != nil {
		return nil, nil, err
	}
	h, err := host.Open(ctx, logs, host.Options{
		Views: filepath.Join(dir, "views"), Clock: time.Now, Logger: slog.New(slog.DiscardHandler),
		NewID: func() (string, error) { return uuid.NewString(), nil },
	})
	if err != nil {
		return nil, nil, err
	}
	inner, cancel := context.WithCancel(ctx)
	ran := make(chan error, 1)
	go func() { ran <- h.Run(inner) }()
	stops = append(stops, func() {
		cancel()
		_ = errors.Join(<-ran, h.Close()) // it was measured: how it ends counts for nothing
	})
	s, _, err = h.OpenSummit(ctx, opening("bench"))
	return s, stop, err
}
