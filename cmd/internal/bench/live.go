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

// LiveOptions define what to measure of live streams.
type LiveOptions struct {
	Programs
	// Server is the address of a server; one is started in a folder of its own
	// if it is "".
	Server string
	// Clients are the numbers of clients to measure with.
	Clients []int
	// Backlog is how many facts a reader that comes late is sent; 0 leaves out
	// those, slow clients and the storm.
	Backlog int
	// Storm is how many clients come back at once.
	Storm int
	// SlowAmong is the number of clients to measure with one slow one in a
	// hundred.
	SlowAmong int
	// Secure is how many clients come over TLS and HTTP/2; 0 leaves them out.
	Secure int
	// Deliveries is how many there are of one burst. Latency is measured in so
	// many Rounds of so many Seconds.
	Deliveries, Rounds, Seconds int
	// Rest is how long the memory of a server may not change until it counts as
	// that of a server at rest.
	Rest time.Duration
	// Said is told what is being measured.
	Said io.Writer
}

const (
	// mostFacts bounds a burst if there are few clients.
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
	rawIn  string  // where it is posted to
	most   float64 // memory of the server, since it was last set to 0
}

// Live measures live streams: deliveries a second, latency from publish to
// received, memory a client, slow clients, backlogs and a storm of reconnects.
// The clients, the server and the raw broadcaster are processes of their own
// on this machine.
func Live(ctx context.Context, o LiveOptions) (Report, error) {
	x := &live{LiveOptions: o, ctx: ctx, report: Report{Name: "live"}, base: o.Server}
	if o.Server == "" {
		stop, err := x.serve()
		defer stop()
		if err != nil {
			return x.report, err
		}
	}
	var err error
	if x.raw, err = spawn(ctx, x.Bench, "raw"); err != nil {
		return x.report, err
	}
	defer x.raw.stop()
	if x.rawAt, err = x.raw.line("RAW"); err != nil {
		return x.report, err
	}
	if x.rawIn, err = x.raw.line("POST"); err != nil {
		return x.report, err
	}
	return x.report, x.run()
}

// serve starts a server in a folder of its own.
func (x *live) serve(flags ...string) (stop func(), err error) {
	dir, err := os.MkdirTemp("", "summit-bench-")
	if err != nil {
		return func() {}, fmt.Errorf("make a folder: %w", err)
	}
	stop = func() { _ = os.RemoveAll(dir) } // what is left is in the folder for such things
	if x.server, err = x.Programs.serve(x.ctx, dir, flags...); err != nil {
		return stop, err
	}
	started := x.server
	x.base, err = x.server.line("HTTP")
	return func() { started.stop(); _ = os.RemoveAll(dir) }, err
}

func (x *live) run() error {
	for _, n := range x.Clients {
		if err := x.crowd(n, 0); err != nil {
			return fmt.Errorf("%d clients: %w", n, err)
		}
	}
	if x.Backlog > 0 {
		if err := x.crowd(x.SlowAmong, max(x.SlowAmong/slowOf, 1)); err != nil {
			return fmt.Errorf("slow clients: %w", err)
		}
		if err := x.backlog(); err != nil {
			return fmt.Errorf("backlog: %w", err)
		}
	}
	if x.Secure > 0 && x.server != nil { // nobody has the key of another's certificate
		if err := x.secure(); err != nil {
			return fmt.Errorf("TLS and HTTP/2: %w", err)
		}
	}
	return nil
}

func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	return u.Host
}

// memory is what the server holds, or 0 if it is another's.
func (x *live) memory() float64 {
	if x.server == nil {
		return 0
	}
	return x.server.memory()
}

// atRest is what the server holds once it is idle, or 0 if it is
// another's.
func (x *live) atRest() float64 {
	if x.server == nil {
		return 0
	}
	return x.server.settled(x.ctx, x.Rest).own
}

// grown reports how much memory waiting clients take of a server that held so much before
// they came.
func (x *live) grown(name string, clients int, before float64) {
	if x.server == nil {
		return
	}
	each := func(now float64) float64 { return (now - before) / float64(clients) / kib }
	come, rest := each(x.memory()), each(x.atRest())
	x.report.add(Row{What: name + ", memory", Value: rest, Unit: "KiB a client", Note: fmt.Sprintf("resident, of the server at rest; %.1f when all had come", come)})
}

// swarm starts clients and waits until all have caught up.
func (x *live) swarm(s Swarm) (*process, error) {
	fmt.Fprintf(x.Said, "%d clients of %s%s\n", s.Clients, s.Addr, s.Path)
	return x.Programs.swarm(x.ctx, s, x.look)
}

// look notes the memory of the server.
func (x *live) look() { x.most = max(x.most, x.memory()) }

// swarm starts clients and waits until all have caught up.
func (p Programs) swarm(ctx context.Context, s Swarm, look func()) (*process, error) {
	config, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("start a swarm: %w", err)
	}
	clients, err := spawn(ctx, p.Bench, "swarm", string(config))
	if err != nil {
		return nil, err
	}
	if _, err := clients.until(look, func(now State) bool { return now.Ready >= int64(s.Clients) }); err != nil {
		clients.stop()
		return nil, err
	}
	return clients, nil
}

var errTooLong = errors.New("it takes too long")

// until asks a swarm again and again.
func (x *live) until(p *process, done func(State) bool) (State, error) { return p.until(x.look, done) }

// until asks a swarm again and again, and looks each time.
func (p *process) until(look func(), done func(State) bool) (State, error) {
	for until := time.Now().Add(stepWait); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		var s State
		if err := p.ask("state", &s); err != nil {
			return s, err
		}
		look()
		if done(s) {
			return s, nil
		}
		if s.Gone > 0 {
			return s, fmt.Errorf("%d connections ended", s.Gone)
		}
	}
	return State{}, errTooLong
}
