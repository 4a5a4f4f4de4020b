package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"

	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/embedded"
)

// AppendOptions define what to measure of recording.
type AppendOptions struct {
	Programs
	// Each is how long each figure is measured.
	Each time.Duration
	Said io.Writer
}

// Append measures durable recording: into the log alone, with the views that
// are folded meanwhile, by one caller and by many, in large batches, and over
// HTTP. The ceiling is a file that is written and forced to the disk for each
// event.
func Append(ctx context.Context, o AppendOptions) (Report, error) {
	x := &appends{AppendOptions: o, ctx: ctx, report: Report{Name: "append"}}
	err := inFolder(x.run)
	return x.report, err
}

// appends is a run of the benchmark.
type appends struct {
	AppendOptions
	ctx    context.Context
	report Report
}

func (x *appends) run(dir string) error {
	file, err := os.Create(filepath.Join(dir, "file"))
	if err != nil {
		return fmt.Errorf("write a file: %w", err)
	}
	defer file.Close()
	ceiling, err := synced(file)(x.Each)
	if err != nil {
		return err
	}
	x.report.add(Row{What: "a file, written and forced to the disk", Value: ceiling, Unit: "events/s"})
	if err := x.logged(filepath.Join(dir, "log"), synced(file)); err != nil {
		return err
	}
	s, stop, err := hosted(x.ctx, filepath.Join(dir, "direct"))
	if err != nil {
		return err
	}
	defer stop()
	direct := recording(x.ctx, s)
	if err := x.recorded(direct, synced(file)); err != nil {
		return err
	}
	return x.posted(filepath.Join(dir, "served"), direct(manyCallers, 1))
}

// add measures something beside its ceiling.
func (x *appends) add(name string, what, ceiling measure, note string) error {
	fmt.Fprintln(x.Said, name)
	got, top, err := beside(x.Each, what, ceiling)
	x.report.add(Row{What: name, Value: got, Unit: "events/s", Ceiling: top, Note: note})
	return err
}

// manyCallers is how many callers at once are many.
const manyCallers = 64

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

// synced measures how often a file is written and forced to the disk.
func synced(f *os.File) measure {
	line := make([]byte, eventSize)
	return func(each time.Duration) (float64, error) {
		return rate(each, 1, func(int) (int, error) {
			if _, err := f.Write(line); err != nil {
				return 0, err
			}
			return 1, f.Sync()
		})
	}
}

// logged measures what the log takes with no views beside it.
func (x *appends) logged(dir string, ceiling measure) error {
	logs, stop, err := broker(dir)
	if err != nil {
		return err
	}
	defer stop()
	log, _, err := logs.Create(x.ctx, opening("bench"))
	if err != nil {
		return err
	}
	var n int64
	last := uint64(1)
	for _, batch := range []int{1, 64, store.MaxBatch} {
		err := x.add(fmt.Sprintf("the log alone, %d at a time", batch), func(each time.Duration) (float64, error) {
			return rate(each, 1, func(int) (int, error) {
				list := make([]events.Event, batch)
				for i := range list {
					n++
					list[i] = note("bench", n)
				}
				results, err := log.Append(x.ctx, list, store.After(last))
				if err == nil {
					last = results[batch-1].Seq
				}
				return batch, err
			})
		}, ceiling, "")
		if err != nil {
			return err
		}
	}
	return nil
}

// recording returns a function that measures so many callers in the process, each with so
// many events at a time, until the views have what was recorded.
func recording(ctx context.Context, s *summits.Summit) func(callers, batch int) measure {
	var n atomic.Int64
	return func(callers, batch int) measure {
		return func(each time.Duration) (float64, error) {
			before, began := n.Load(), time.Now()
			_, err := rate(each, callers, func(int) (int, error) {
				list := make([]events.Event, batch)
				for i := range list {
					list[i] = note(s.ID, n.Add(1))
				}
				_, err := s.Record(ctx, list, nil)
				return len(list), err
			})
			if err != nil {
				return 0, err
			}
			info, err := s.Log.Info(ctx)
			if err != nil {
				return 0, err
			}
			err = s.Views.Wait(ctx, info.Last)
			return float64(n.Load()-before) / time.Since(began).Seconds(), err
		}
	}
}

// recorded measures recording in the process.
func (x *appends) recorded(direct func(callers, batch int) measure, ceiling measure) error {
	for _, c := range []struct{ callers, batch int }{{1, 1}, {16, 1}, {manyCallers, 1}, {1, store.MaxBatch}, {4, store.MaxBatch}} {
		what := fmt.Sprintf("with the views, %d callers in the process", c.callers)
		if c.batch > 1 {
			what += fmt.Sprintf(", batches of %d", c.batch)
		}
		if err := x.add(what, direct(c.callers, c.batch), ceiling, ""); err != nil {
			return err
		}
	}
	return nil
}

// posted measures recording over HTTP, one event a request, beside many callers
// in the process.
func (x *appends) posted(dir string, direct measure) error {
	server, base, err := x.serveIn(x.ctx, dir)
	if err != nil {
		return err
	}
	defer server.stop()
	p, err := open(x.ctx, base, "bench")
	if err != nil {
		return err
	}
	for _, connections := range []int{1, 16, manyCallers} {
		posters := make([]*publisher, connections)
		for i := range posters {
			posters[i] = &publisher{ctx: x.ctx, url: p.url, client: newClient(connections)}
		}
		err := x.add(fmt.Sprintf("POST, %d connections", connections), func(each time.Duration) (float64, error) {
			return rate(each, connections, func(c int) (int, error) { return 1, posters[c].one() })
		}, direct, fmt.Sprintf("beside %d callers in the process", manyCallers))
		if err != nil {
			return err
		}
	}
	return nil
}

// serveIn starts a server on a folder.
func (p Programs) serveIn(ctx context.Context, dir string) (*process, string, error) {
	server, err := p.serve(ctx, dir)
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
	b, err := embedded.Start(embedded.Options{Dir: filepath.Join(dir, "nats"), Secret: uuid.NewString(), Forced: true})
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
	o := store.Options{Clock: time.Now}
	if b.Forces() {
		o.Force, o.Note = b.Force, b.Note
	}
	if logs, err = store.Open(conns, o); err != nil {
		stop()
		return nil, nil, err
	}
	return logs, stop, nil
}

// hosted runs a summit in the process.
func hosted(ctx context.Context, dir string) (s *summits.Summit, stop func(), err error) {
	logs, down, err := broker(dir)
	if err != nil {
		return nil, nil, err
	}
	h, err := summits.Open(ctx, logs, summits.Options{
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
