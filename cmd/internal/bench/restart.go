package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// What a server with a long log is to cost, on a machine of two cores.
const (
	startTarget  = 1.0   // seconds after SIGTERM
	crashTarget  = 3.0   // seconds after SIGKILL
	memoryTarget = 200.0 // MB
	filesTarget  = 2.5   // KB an event
)

// restarts measures what a server with a long log costs when nothing happens
// and when it starts: its files, its memory, and how long it takes to be ready.
func restarts(ctx context.Context, o ProjectOptions, report *Report) error {
	return inFolder(func(dir string) error {
		data, of := filepath.Join(dir, "data"), fmt.Sprintf("%d events", o.Events)
		fmt.Fprintf(o.Said, "recording %d events\n", o.Events)
		recorded, recordedMapped, err := o.recordLong(ctx, data, o.Events)
		if err != nil {
			return err
		}
		size, err := sizeOf(data)
		if err != nil {
			return err
		}
		fmt.Fprintln(o.Said, "starting after SIGTERM")
		server, base, cleanly, err := o.started(ctx, data, o.Events)
		if err != nil {
			return err
		}
		rest := server.settled(ctx, RestAfter)
		fmt.Fprintln(o.Said, "starting after SIGKILL amid recording")
		if err := server.crash(ctx, base); err != nil {
			server.stop()
			return err
		}
		server, _, crashed, err := o.started(ctx, data, o.Events)
		if err != nil {
			return err
		}
		server.stop()
		report.add(
			Row{What: "ready after SIGTERM, " + of, Value: cleanly, Unit: "s", Note: target(startTarget)},
			Row{What: "ready after SIGKILL amid recording, " + of, Value: crashed, Unit: "s", Note: target(crashTarget)},
			Row{What: "memory at rest, started with " + of, Value: rest.now / 1e6, Unit: "MB", Note: fmt.Sprintf("%s; %.0f MB of it are pages of files", target(memoryTarget), rest.mapped/1e6)},
			Row{What: "memory after recording " + of, Value: recorded / 1e6, Unit: "MB", Note: fmt.Sprintf("%.0f MB of it are pages of files, which the system may take back", recordedMapped/1e6)},
			Row{What: "files, log and views and tree", Value: size / float64(o.Events) / 1000, Unit: "KB/event", Note: target(filesTarget)},
		)
		return nil
	})
}

// recordLong records a long log, and tells how much memory its server then held,
// and how much of it in pages of files.
func (p Programs) recordLong(ctx context.Context, data string, events int) (memory, mapped float64, err error) {
	server, base, err := p.serveIn(ctx, data)
	if err != nil {
		return 0, 0, err
	}
	defer server.stop()
	to, err := open(ctx, base, "bench")
	if err != nil {
		return 0, 0, err
	}
	if err := to.many(events - 1); err != nil {
		return 0, 0, err
	}
	_, err = server.ready(ctx, base, events, time.Now())
	return server.resident(), server.mapped(), err
}

// started starts a server, and tells how many seconds it took to be ready.
func (p Programs) started(ctx context.Context, data string, events int) (server *process, base string, took float64, err error) {
	begun := time.Now()
	if server, base, err = p.serveIn(ctx, data); err != nil {
		return nil, "", 0, err
	}
	if took, err = server.ready(ctx, base, events, begun); err != nil {
		server.stop()
	}
	return server, base, took, err
}

func target(v float64) string { return fmt.Sprintf("target: at most %g", v) }

// ready waits until a server says that it is ready and serves so many events,
// and tells how many seconds that was after a moment.
func (p *process) ready(ctx context.Context, base string, events int, begun time.Time) (float64, error) {
	for ctx.Err() == nil && time.Since(begun) < stepWait {
		seq, err := readySeq(ctx, base)
		if err == nil && seq >= events {
			return time.Since(begun).Seconds(), nil
		}
		time.Sleep(2 * time.Millisecond)
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return 0, errTooLong
}

// readySeq is the last event that a server serves; 0 while it is not ready.
func readySeq(ctx context.Context, base string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/readyz", http.NoBody)
	if err != nil {
		return 0, fmt.Errorf("ask whether it is ready: %w", err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, fmt.Errorf("ask whether it is ready: %w", err)
	}
	defer res.Body.Close()
	var ready struct {
		Summits map[string]struct{ Position string }
	}
	if err := json.NewDecoder(res.Body).Decode(&ready); err != nil || res.StatusCode != http.StatusOK {
		return 0, err
	}
	_, seq, _ := strings.Cut(ready.Summits["bench"].Position, "-")
	n, err := strconv.Atoi(seq)
	if err != nil {
		return 0, nil //nolint:nilerr // it is not there yet
	}
	return n, nil
}

// crash kills the server while facts are recorded.
func (p *process) crash(ctx context.Context, base string) error {
	writer := &publisher{ctx: ctx, url: base + "/v1/summits/bench"}
	for range 20 {
		if err := writer.one(); err != nil {
			return err
		}
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = writer.many(1 << 20) // it ends with the server
	}()
	_, err := readySeq(ctx, base)
	if err == nil {
		err = p.cmd.Process.Kill()
	}
	<-ended
	_ = p.cmd.Wait() // it was killed
	return err
}

// sizeOf is how many bytes the files below a folder have.
func sizeOf(dir string) (total float64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += float64(info.Size())
		}
		return err
	})
	return total, err
}
