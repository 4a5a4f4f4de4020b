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
	"github.com/nats-io/nats.go"

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

// Append measures durable recording: into the log alone, with the views that
// are folded meanwhile, by one caller and by many, in large batches, and over
// HTTP. The ceiling is a file that is written and forced to the disk for each
// event.
func Append(ctx context.Context, o AppendOptions) (Report, error) {
	report := Report{Name: "append"}
	err := inFolder(func(dir string) error {
		ceiling, err := syncedWrites(filepath.Join(dir, "file"), o.Each)
		if err != nil {
			return err
		}
		report.add(Row{What: "a file, written and forced to the disk", Value: ceiling, Unit: "events/s"})
		if err := logged(ctx, filepath.Join(dir, "log"), o, ceiling, &report); err != nil {
			return err
		}
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

// logged measures what the log takes with no views beside it.
func logged(ctx context.Context, dir string, o AppendOptions, ceiling float64, report *Report) error {
	logs, stop, err := broker(dir)
	if err != nil {
		return err
	}
	defer stop()
	log, _, err := logs.Create(ctx, opening("bench"))
	if err != nil {
		return err
	}
	var n int64
	last := uint64(1)
	for _, batch := range []int{1, 64, store.MaxBatch} {
		fmt.Fprintf(o.Said, "the log alone, %d events at a time\n", batch)
		got, err := rate(o.Each, 1, func(int) (int, error) {
			list := make([]events.Event, batch)
			for i := range list {
				n++
				list[i] = note("bench", n)
			}
			results, err := log.Append(ctx, list, store.After(last))
			if err == nil {
				last = results[batch-1].Seq
			}
			return batch, err
		})
		if err != nil {
			return err
		}
		report.add(Row{What: fmt.Sprintf("the log alone, %d at a time", batch), Value: got, Unit: "events/s", Ceiling: ceiling})
	}
	return nil
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
		what := fmt.Sprintf("with the views, %d callers in the process", c.callers)
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

// broker runs a broker in the process, durable as that of serve is.
func broker(dir string) (logs *store.Logs, stop func(), err error) {
	b, err := embedded.Start(embedded.Options{Dir: filepath.Join(dir, "nats"), Secret: uuid.NewString()})
	if err != nil {
		return nil, nil, err
	}
	stops := []func(){func() { _ = b.Shutdown() }} // it was measured: how it ends counts for nothing
	stop = func() {
		for i := len(stops) - 1; i >= 0; i-- {
			stops[i]()
		}
	}
	var conns store.Conns
	for name, conn := range map[string]**nats.Conn{"append": &conns.Append, "read": &conns.Read} {
		if *conn, err = b.Connect(name); err != nil {
			stop()
			return nil, nil, err
		}
		stops = append(stops, (*conn).Close)
	}
	if logs, err = store.Open(conns, store.Options{Alone: true}); err != nil {
		stop()
		return nil, nil, err
	}
	return logs, stop, nil
}

// hosted runs a summit in the process.
func hosted(ctx context.Context, dir string) (s *host.Summit, stop func(), err error) {
	logs, down, err := broker(dir)
	if err != nil {
		return nil, nil, err
	}
	h, err := host.Open(ctx, logs, host.Options{
		Views: filepath.Join(dir, "views"), Clock: time.Now, Logger: slog.New(slog.DiscardHandler),
		NewID: func() (string, error) { return uuid.NewString(), nil },
	})
	if err != nil {
		down()
		return nil, nil, err
	}
	inner, cancel := context.WithCancel(ctx)
	ran := make(chan error, 1)
	go func() { ran <- h.Run(inner) }()
	stop = func() {
		cancel()
		_ = errors.Join(<-ran, h.Close()) // it was measured: how it ends counts for nothing
		down()
	}
	if s, _, err = h.OpenSummit(ctx, opening("bench")); err != nil {
		stop()
		return nil, nil, err
	}
	return s, stop, nil
}
