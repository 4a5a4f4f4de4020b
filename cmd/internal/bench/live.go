package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"
)

// LiveOptions say what to measure of live streams.
type LiveOptions struct {
	// Server is the address of a server; one is started in a folder of its own
	// where it is "".
	Server string
	// Clients are the numbers of clients to measure with.
	Clients []int
	// Backlog is how many facts a reader that comes late is sent; 0 measures
	// the numbers of clients alone.
	Backlog int
	// Storm is how many clients come back at once.
	Storm int
	// SlowAmong is the number of clients to measure with one slow one in a
	// hundred.
	SlowAmong int
	// Deliveries is how many there are of one burst, and Seconds for how long
	// latency is measured.
	Deliveries, Seconds int
	// Said is told what is being measured.
	Said io.Writer
}

const (
	// mostFacts bounds a burst where there are few clients.
	mostFacts = 20_000
	// fixedRate is deliveries a second while latency is measured.
	fixedRate = 100_000
	// mostRate bounds how many facts a second one writer then records.
	mostRate = 1000
	// slowOf is of how many clients one is slow.
	slowOf = 100
	// spareFiles is how many files a process needs besides its connections.
	spareFiles = 200
	// stepWait bounds each step.
	stepWait = 3 * time.Minute
)

// live is a run of the benchmark.
type live struct {
	LiveOptions
	ctx    context.Context
	report Report
	server *process // nil where it is another's
	base   string
	raw    *process
	rawAt  string
}

// Live measures live streams: deliveries a second, latency from publish to
// received, memory a client, slow clients, backlogs and a storm of reconnects.
// The clients, the server and the raw broadcaster are processes of their own
// on this machine.
func Live(ctx context.Context, o LiveOptions) (Report, error) {
	x := &live{LiveOptions: o, ctx: ctx, report: Report{Name: "live"}, base: o.Server}
	if o.Server == "" {
		dir, err := os.MkdirTemp("", "summit-bench-")
		if err != nil {
			return x.report, fmt.Errorf("make a folder: %w", err)
		}
		defer os.RemoveAll(dir)
		if x.server, err = spawn(ctx, "serve", "--data", dir, "--addr", "127.0.0.1:0", "--nats-listen", "off"); err != nil {
			return x.report, err
		}
		defer x.server.stop()
		if x.base, err = x.server.line("HTTP"); err != nil {
			return x.report, err
		}
	}
	var err error
	if x.raw, err = spawn(ctx, "bench", "raw"); err != nil {
		return x.report, err
	}
	defer x.raw.stop()
	if x.rawAt, err = x.raw.line("RAW"); err != nil {
		return x.report, err
	}
	return x.report, x.run()
}

func (x *live) run() error {
	for _, n := range x.Clients {
		if err := x.crowd(n, 0); err != nil {
			return fmt.Errorf("%d clients: %w", n, err)
		}
	}
	if x.Backlog == 0 {
		return nil
	}
	if err := x.crowd(x.SlowAmong, max(x.SlowAmong/slowOf, 1)); err != nil {
		return fmt.Errorf("slow clients: %w", err)
	}
	if err := x.backlog(); err != nil {
		return fmt.Errorf("backlog: %w", err)
	}
	return nil
}

// crowd measures a number of clients that wait for what comes.
func (x *live) crowd(clients, slow int) error {
	if most := openFiles(); most > 0 && uint64(clients+spareFiles) > most {
		x.report.add(Row{What: fmt.Sprintf("%d clients", clients), Note: fmt.Sprintf("left out: a process may open %d files (ulimit -Hn)", most)})
		return nil
	}
	id := fmt.Sprintf("bench-%d-%d-%d", clients, slow, time.Now().UnixNano())
	p, err := open(x.ctx, x.base, id)
	if err != nil {
		return err
	}
	before := x.memory()
	s, err := x.swarm(Swarm{Addr: hostOf(x.base), Path: "/v1/summits/" + id + "/live", Clients: clients, Slow: slow})
	if err != nil {
		return err
	}
	defer s.stop()
	memory := (x.memory() - before) / float64(clients) / 1024
	raw, err := x.swarm(Swarm{Addr: x.rawAt, Path: "/", Clients: clients})
	if err != nil {
		return err
	}
	defer raw.stop()
	name := fmt.Sprintf("%d clients", clients)
	if slow > 0 {
		name += fmt.Sprintf(" and %d that read nothing", slow)
	} else if memory > 0 {
		x.report.add(Row{What: name + ", memory", Value: memory, Unit: "KiB a client", Note: "resident, of the server"})
	}
	if err := x.saturate(name, clients, p, s, raw); err != nil {
		return err
	}
	return x.steady(name, clients, p, s, raw)
}

func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	return u.Host
}

func (x *live) memory() float64 {
	if x.server == nil {
		return 0
	}
	return x.server.resident()
}

// swarm starts clients and waits until all have caught up.
func (x *live) swarm(s Swarm) (*process, error) {
	fmt.Fprintf(x.Said, "%d clients of %s%s\n", s.Clients, s.Addr, s.Path)
	config, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("start a swarm: %w", err)
	}
	p, err := spawn(x.ctx, "bench", "swarm", string(config))
	if err != nil {
		return nil, err
	}
	if _, err := x.until(p, func(s2 State) bool { return s2.Ready >= int64(s.Clients) }); err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

var errTooLong = errors.New("it takes too long")

// until asks a swarm again and again.
func (x *live) until(p *process, done func(State) bool) (State, error) {
	for until := time.Now().Add(stepWait); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		var s State
		if err := p.ask("state", &s); err != nil {
			return s, err
		}
		if done(s) {
			return s, nil
		}
		if s.Gone > 0 {
			return s, fmt.Errorf("%d connections ended", s.Gone)
		}
	}
	return State{}, errTooLong
}

// saturate sends a burst and measures how fast it is delivered to all.
func (x *live) saturate(name string, clients int, p *publisher, s, raw *process) error {
	facts := min(x.Deliveries/clients, mostFacts)
	measure := func(swarm *process, publish func() error) (float64, error) {
		var first State
		if err := swarm.ask("state", &first); err != nil {
			return 0, err
		}
		want := first.Frames + int64(facts*clients)
		began := time.Now()
		if err := publish(); err != nil {
			return 0, err
		}
		_, err := x.until(swarm, func(s State) bool { return s.Frames >= want })
		return float64(facts*clients) / time.Since(began).Seconds(), err
	}
	served, err := measure(s, func() error { return p.many(facts) })
	if err != nil {
		return err
	}
	ceiling, err := measure(raw, func() error { var n int; return x.raw.ask(fmt.Sprint("burst ", facts), &n) })
	if err != nil {
		return err
	}
	x.report.add(Row{What: name + ", saturated", Value: served, Unit: "deliveries/s", Ceiling: ceiling, Note: fmt.Sprintf("%d facts recorded meanwhile", facts)})
	return nil
}

// steady measures latency at a fixed rate.
func (x *live) steady(name string, clients int, p *publisher, s, raw *process) error {
	rate := min(max(fixedRate/clients, 1), mostRate)
	measure := func(swarm *process, publish func() error) (State, error) {
		var first State
		if err := swarm.ask("forget", &first); err != nil {
			return first, err
		}
		if err := publish(); err != nil {
			return first, err
		}
		return x.until(swarm, func(s State) bool { return s.Frames >= first.Frames+int64(rate*x.Seconds*clients) })
	}
	served, err := measure(s, func() error { return pace(rate, x.Seconds, p.one) })
	if err != nil {
		return err
	}
	ceiling, err := measure(raw, func() error { var n int; return x.raw.ask(fmt.Sprintf("rate %d %d", rate, x.Seconds), &n) })
	if err != nil {
		return err
	}
	note := fmt.Sprintf("publish to received, %d facts/s", rate)
	x.report.add(Row{What: name + ", p50", Value: served.P50, Unit: "ms", Ceiling: ceiling.P50, Note: note},
		Row{What: name + ", p99", Value: served.P99, Unit: "ms", Ceiling: ceiling.P99, Note: note})
	return nil
}

// backlog measures readers that come late, and many that come back at once.
func (x *live) backlog() error {
	id := fmt.Sprintf("bench-backlog-%d", time.Now().UnixNano())
	p, err := open(x.ctx, x.base, id)
	if err != nil {
		return err
	}
	if err := p.many(x.Backlog); err != nil {
		return err
	}
	if err := p.served(x.Backlog); err != nil {
		return err
	}
	live := "/v1/summits/" + id + "/live"
	for _, clients := range []int{1, 10, 100} {
		state, err := x.come(Swarm{Addr: hostOf(x.base), Path: live + "?since=@0", Clients: clients})
		if err != nil {
			return err
		}
		x.report.add(Row{What: fmt.Sprintf("backlog of %d to %d", x.Backlog, clients), Value: float64(state.Frames) / state.Seconds, Unit: "frames/s", Note: fmt.Sprintf("%.2f s", state.Seconds)})
	}
	state, err := x.come(Swarm{Addr: hostOf(x.base), Path: live + "?since=@" + fmt.Sprint(x.Backlog-100), Clients: x.Storm})
	if err != nil {
		return err
	}
	x.report.add(Row{What: fmt.Sprintf("storm of %d reconnects", x.Storm), Value: state.Seconds, Unit: "s", Note: "until each has caught up, 101 frames behind"})
	return nil
}

// come starts clients, and says how long it took them to catch up.
func (x *live) come(s Swarm) (State, error) {
	p, err := x.swarm(s)
	if err != nil {
		return State{}, err
	}
	defer p.stop()
	var state State
	return state, p.ask("state", &state)
}
