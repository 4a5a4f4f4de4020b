package bench

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// ManyOptions define what to measure of many summits.
type ManyOptions struct {
	Programs
	Summits int
	// Rest is for how long the memory of the server may not change until it counts as that of
	// a server at rest, and for how long its processor time is then measured.
	Rest time.Duration
	Said io.Writer
}

// What many summits on one server are to cost.
const (
	manyMemory = 200.0 // MB
	manyCPU    = 2.0   // percent of one processor
	manyFiles  = 500.0
	manyStart  = 2.0  // seconds
	manyWake   = 50.0 // milliseconds
)

// Many measures what many summits cost that nobody asks for: memory, processor time and open
// files of their server, how long it takes to start, and how long one that rests takes to
// answer.
func Many(ctx context.Context, o ManyOptions) (Report, error) {
	x := &many{ManyOptions: o, ctx: ctx, report: Report{Name: "many"}}
	return x.report, inFolder(x.run)
}

// many is a run of the benchmark.
type many struct {
	ManyOptions
	ctx    context.Context
	report Report
}

func (x *many) run(dir string) error {
	data := filepath.Join(dir, "data")
	took, err := x.opened(data)
	if err != nil {
		return err
	}
	begun := time.Now()
	server, base, err := x.serveIn(x.ctx, data)
	if err != nil {
		return err
	}
	defer server.stop()
	if err := x.ready(base); err != nil {
		return err
	}
	started := time.Since(begun)
	fmt.Fprintln(x.Said, "resting")
	held, cpu, files := server.settled(x.ctx, x.Rest), server.share(x.Rest), server.files()
	of := fmt.Sprintf(" of %d summits", x.Summits)
	x.report.add(
		Row{What: "opening" + of + ", each", Value: took, Unit: "ms"},
		Row{What: "ready after SIGTERM" + of, Value: started.Seconds(), Unit: "s", Note: target(manyStart)},
		Row{What: "memory at rest" + of, Value: held.now / 1e6, Unit: "MB", Note: target(manyMemory)},
		Row{What: "processor time at rest" + of, Value: cpu, Unit: "%", Note: target(manyCPU)},
		Row{What: "open files at rest" + of, Value: files, Unit: "files", Note: target(manyFiles)},
	)
	return x.woken(base)
}

// opened opens all summits, and returns how many milliseconds one took.
func (x *many) opened(data string) (float64, error) {
	fmt.Fprintf(x.Said, "opening %d summits\n", x.Summits)
	server, base, err := x.serveIn(x.ctx, data)
	if err != nil {
		return 0, err
	}
	defer server.stop()
	begun := time.Now()
	for n := range x.Summits {
		if _, err := open(x.ctx, base, nameOf(n)); err != nil {
			return 0, err
		}
	}
	return float64(time.Since(begun).Milliseconds()) / float64(x.Summits), nil
}

func nameOf(n int) string { return "bench-" + strconv.Itoa(n) }

// ready waits until a server says that it is ready.
func (x *many) ready(base string) error {
	for until := time.Now().Add(stepWait); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		r, err := http.NewRequestWithContext(x.ctx, http.MethodGet, base+"/readyz", http.NoBody)
		if err != nil {
			return fmt.Errorf("ask whether it is ready: %w", err)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			return fmt.Errorf("ask whether it is ready: %w", err)
		}
		if err := res.Body.Close(); err != nil || res.StatusCode == http.StatusOK {
			return err
		}
	}
	return errTooLong
}

// wakes is how many summits are asked that rest.
const wakes = 50

// woken measures how long a summit that rests takes to answer.
func (x *many) woken(base string) error {
	var all []float64
	for range min(wakes, x.Summits) {
		p := &publisher{ctx: x.ctx, url: base + "/v1/summits/" + nameOf(rand.IntN(x.Summits))}
		begun := time.Now()
		if err := p.download("/timeline"); err != nil {
			return err
		}
		all = append(all, float64(time.Since(begun).Microseconds())/1000)
	}
	slices.Sort(all)
	x.report.add(
		Row{What: "first page of one that rested, median", Value: all[len(all)/2], Unit: "ms"},
		Row{What: "the same, longest of " + strconv.Itoa(len(all)), Value: all[len(all)-1], Unit: "ms", Note: target(manyWake)},
	)
	return nil
}

// share is how many percent of one processor the process takes for a while.
func (p *process) share(while time.Duration) float64 {
	before := p.worked()
	time.Sleep(while)
	return 100 * (p.worked() - before).Seconds() / while.Seconds()
}

// files is how many files and connections the process has open; 0 where the system does not
// say.
func (p *process) files() float64 {
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	return float64(len(list))
}
