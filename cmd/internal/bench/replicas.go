package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nkeys"
)

// ReplicasOptions define what to measure of a cluster.
type ReplicasOptions struct {
	Programs
	// Config is the configuration of the NATS servers.
	Config string
	// Replicas are the numbers of replicas to measure with. Readers live streams are shared
	// out among them.
	Replicas []int
	Readers  int
	// Rate is facts a second, recorded at the first replica for so many Seconds.
	Rate, Seconds int
	// Rest is for how long the memory of a server may not change until it is at rest.
	Rest time.Duration
	Said io.Writer
}

// natsServers is how many there are: a log outlives the loss of one.
const natsServers = 3

// Replicas measures a cluster of three NATS servers and some replicas, all of them processes of
// this machine: what a delivery to a reader costs, and what a fact costs whoever reads it. On
// one machine more replicas deliver no more; the cost of each says what a machine of its own
// would.
func Replicas(ctx context.Context, o ReplicasOptions) (Report, error) {
	x := &cluster{ReplicasOptions: o, ctx: ctx, report: Report{Name: "replicas"}}
	return x.report, inFolder(func(dir string) error {
		x.nats = filepath.Join(dir, "nats-server")
		build := exec.CommandContext(ctx, "go", "build", "-o", x.nats, "github.com/nats-io/nats-server/v2")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("build nats-server: %w", err)
		}
		for _, n := range o.Replicas {
			if err := x.with(filepath.Join(dir, fmt.Sprint(n)), n); err != nil {
				return fmt.Errorf("%d replicas: %w", n, err)
			}
		}
		return nil
	})
}

// cluster is a run of the benchmark.
type cluster struct {
	ReplicasOptions
	ctx    context.Context
	nats   string // the program of a NATS server
	report Report
}

// with measures with so many replicas.
func (x *cluster) with(dir string, replicas int) error {
	fmt.Fprintf(x.Said, "%d replicas\n", replicas)
	brokers, flags, err := x.brokers(dir)
	defer stopAll(brokers)
	if err != nil {
		return err
	}
	var servers []*process
	defer func() { stopAll(servers) }()
	var bases []string
	for n := range replicas {
		server, err := x.serve(x.ctx, filepath.Join(dir, fmt.Sprint("replica", n)), flags...)
		if err != nil {
			return err
		}
		servers = append(servers, server)
		base, err := server.line("HTTP")
		if err != nil {
			return err
		}
		bases = append(bases, base)
	}
	return x.measure(brokers, servers, bases)
}

func stopAll(list []*process) {
	for i := len(list) - 1; i >= 0; i-- {
		list[i].stop()
	}
}

// brokers starts the NATS servers, and returns the flags of a replica of theirs.
func (x *cluster) brokers(dir string) (list []*process, flags []string, err error) {
	user, err := nkeys.CreateUser()
	if err != nil {
		return nil, nil, fmt.Errorf("make a key: %w", err)
	}
	seed, seedErr := user.Seed()
	public, publicErr := user.PublicKey()
	key := filepath.Join(dir, "replicas.nk")
	if err := errors.Join(seedErr, publicErr, os.MkdirAll(dir, 0o700), os.WriteFile(key, seed, 0o600)); err != nil {
		return nil, nil, fmt.Errorf("keep a key: %w", err)
	}
	ports, err := freePorts(x.ctx, 2*natsServers)
	if err != nil {
		return nil, nil, err
	}
	env := append(os.Environ(), "SUMMIT_NKEY="+public, "HOST=127.0.0.1")
	var urls []string
	for n := range natsServers {
		env = append(env, fmt.Sprintf("ROUTE_%d=nats://127.0.0.1:%d", n+1, ports[natsServers+n]))
		urls = append(urls, fmt.Sprintf("nats://127.0.0.1:%d", ports[n]))
	}
	for n := range natsServers {
		own := append(env[:len(env):len(env)], fmt.Sprintf("NODE=n%d", n+1), fmt.Sprintf("CLIENT_PORT=%d", ports[n]),
			fmt.Sprintf("ROUTE_PORT=%d", ports[natsServers+n]), "STORE="+filepath.Join(dir, fmt.Sprint("n", n+1)))
		p, err := spawnWith(x.ctx, own, x.nats, "-c", x.Config, "-l", filepath.Join(dir, fmt.Sprintf("n%d.log", n+1)))
		if err != nil {
			return list, nil, err
		}
		list = append(list, p)
	}
	return list, []string{"--nats", strings.Join(urls, ","), "--nats-nkey", key}, nil
}

// freePorts returns ports of this machine that nobody listens on.
func freePorts(ctx context.Context, n int) (ports []int, err error) {
	for range n {
		l, listenErr := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if listenErr != nil {
			return nil, errors.Join(listenErr, err)
		}
		defer func() { err = errors.Join(err, l.Close()) }()
		at, ok := l.Addr().(*net.TCPAddr)
		if !ok {
			return nil, fmt.Errorf("%s is no TCP address", l.Addr())
		}
		ports = append(ports, at.Port)
	}
	return ports, nil
}

// measure has readers come to all replicas, and facts recorded at the first.
func (x *cluster) measure(brokers, servers []*process, bases []string) error {
	p, err := openPatiently(x.ctx, bases[0], "bench")
	if err != nil {
		return err
	}
	each := x.Readers / len(servers)
	before := servers[0].settled(x.ctx, x.Rest).own
	var swarms []*process
	defer func() { stopAll(swarms) }()
	for _, base := range bases {
		swarm, err := x.swarm(x.ctx, Swarm{Addr: hostOf(base), Path: "/v1/summits/bench/live", Clients: each}, func() {})
		if err != nil {
			return err
		}
		swarms = append(swarms, swarm)
	}
	held := (servers[0].settled(x.ctx, x.Rest).own - before) / float64(each) / kib
	idle := x.spent(brokers, servers)
	time.Sleep(time.Duration(x.Seconds) * time.Second)
	idle = x.spent(brokers, servers).since(idle)
	if _, err := x.told(p, swarms, each, 1); err != nil { // warms up
		return err
	}
	began := x.spent(brokers, servers)
	slowest, err := x.told(p, swarms, each, x.Seconds)
	if err != nil {
		return err
	}
	cost := x.spent(brokers, servers).since(began)
	facts := float64(x.Rate * x.Seconds)
	deliveries := facts * float64(each*len(servers))
	name := fmt.Sprintf("%d replicas, %d readers, ", len(servers), each*len(servers))
	x.report.add(
		Row{What: name + "memory", Value: held, Unit: "KiB a reader"},
		Row{What: name + "p50", Value: slowest.P50, Unit: "ms", Note: "publish to received, at the slowest replica"},
		Row{What: name + "p99", Value: slowest.P99, Unit: "ms"},
		Row{What: name + "replicas", Value: (cost.servers - idle.servers).Seconds() * 1e6 / deliveries, Unit: "µs a delivery", Note: "processor time beyond that at rest"},
		Row{What: name + "NATS servers", Value: (cost.brokers - idle.brokers).Seconds() * 1e6 / facts, Unit: "µs a fact", Note: "of all three"},
		Row{What: name + "written", Value: (cost.written - idle.written) / deliveries, Unit: "bytes a delivery"},
	)
	return nil
}

// told records facts for some seconds, and waits until all readers have them. It returns the
// state of the readers who were told last.
func (x *cluster) told(p *publisher, swarms []*process, each, seconds int) (slowest State, err error) {
	want := make([]int64, len(swarms))
	for i, s := range swarms {
		var now State
		if err := s.ask("forget", &now); err != nil {
			return slowest, err
		}
		want[i] = now.Frames + int64(x.Rate*seconds*each)
	}
	if err := pace(x.Rate, seconds, p.one); err != nil {
		return slowest, err
	}
	for i, s := range swarms {
		got, err := s.until(func() {}, func(now State) bool { return now.Frames >= want[i] })
		if err != nil {
			return slowest, err
		}
		if got.P99 > slowest.P99 {
			slowest = got
		}
	}
	return slowest, nil
}

// spending is what processes have spent.
type spending struct {
	brokers, servers time.Duration
	written          float64 // bytes that the servers wrote
}

func (x *cluster) spent(brokers, servers []*process) (s spending) {
	for _, p := range brokers {
		s.brokers += p.worked()
	}
	for _, p := range servers {
		s.servers += p.worked()
		s.written += p.written()
	}
	return s
}

func (s spending) since(before spending) spending {
	return spending{s.brokers - before.brokers, s.servers - before.servers, s.written - before.written}
}

// written is how many bytes the process has written, to files and to connections; 0 where the
// system does not say.
func (p *process) written() float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		var n float64
		if text, found := strings.CutPrefix(line, "wchar:"); found {
			if _, err := fmt.Sscan(text, &n); err != nil {
				return 0
			}
			return n
		}
	}
	return 0
}

// openPatiently opens a summit on a cluster that has just been started.
func openPatiently(ctx context.Context, server, id string) (p *publisher, err error) {
	for until := time.Now().Add(stepWait); time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
		if p, err = open(ctx, server, id); err == nil {
			return p, nil
		}
	}
	return nil, err
}
