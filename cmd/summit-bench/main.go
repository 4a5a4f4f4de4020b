// Summit-bench measures how fast summit is on this machine, beside the raw
// ceilings of the same run:
//
//	go run ./cmd/summit-bench append
//	go run ./cmd/summit-bench live 1000,5000
//	go run ./cmd/summit-bench --json query 1000000
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/summit-timeline/summit/cmd/internal/bench"
)

// benchmark is one of the things that are measured.
type benchmark struct {
	name, short string
	run         func(ctx context.Context, o options) (bench.Report, error)
}

// benchmarks returns all benchmarks, each of which has a file of its own.
func benchmarks() []benchmark {
	return []benchmark{appendBenchmark, projectBenchmark, queryBenchmark, liveBenchmark, auditBenchmark, proveBenchmark, manyBenchmark, replicasBenchmark}
}

// options are what a run is asked for.
type options struct {
	programs bench.Programs
	server   string // the address of a running server; "" where one is to be started
	config   string // narrows what is measured; "" is the whole
	progress io.Writer
	asJSON   bool
	against  string // the file of reports to compare with; "" is none
}

// roles are what the other processes of a benchmark do.
var roles = map[string]func(ctx context.Context, config string) error{
	"hello": func(ctx context.Context, _ string) error { return bench.RunHello(ctx, os.Stdin, os.Stdout) },
	"raw":   func(ctx context.Context, _ string) error { return bench.RunBroadcaster(ctx, os.Stdin, os.Stdout) },
	"swarm": func(ctx context.Context, config string) error {
		return bench.RunSwarm(ctx, config, os.Stdin, os.Stdout)
	},
}

const (
	exitBad   = 1
	exitUsage = 2
)

// errUsage marks an error of the command line.
var errUsage = errors.New("see --help")

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o := options{progress: errs}
	var summit string
	fs := flag.NewFlagSet("summit-bench", flag.ContinueOnError)
	fs.SetOutput(errs)
	fs.Usage = func() { help(fs) }
	fs.StringVar(&o.server, "server", "", "`URL` of a running server on this machine; by default one is started in a folder of its own")
	fs.StringVar(&summit, "summit", "", "`FILE` of the program to measure; by default it is built from the source here")
	fs.BoolVar(&o.asJSON, "json", false, "print the report as JSON")
	fs.StringVar(&o.against, "against", "", "`FILE` of reports of before, as --json prints them: say which ratios moved")
	var words []string
	for rest := args; ; rest = fs.Args()[1:] { // flags may stand after arguments
		if err := fs.Parse(rest); errors.Is(err, flag.ErrHelp) {
			return 0
		} else if err != nil {
			return exitUsage
		}
		if fs.NArg() == 0 {
			break
		}
		words = append(words, fs.Arg(0))
	}
	err := start(ctx, o, summit, append(words, "", ""), out)
	if err != nil {
		fmt.Fprintf(errs, "summit-bench: %v\n", err)
	}
	switch {
	case errors.Is(err, errUsage):
		return exitUsage
	case err != nil:
		return exitBad
	}
	return 0
}

func help(fs *flag.FlagSet) {
	w := fs.Output()
	fmt.Fprint(w, "summit-bench [flags] [WHAT] [CONFIG] measures how fast summit is here, beside raw ceilings.\n\n")
	for _, b := range benchmarks() {
		fmt.Fprintf(w, "  %-10s %s\n", b.name, b.short)
	}
	fmt.Fprint(w, "\nCONFIG is a number of events, for many of summits, for replicas of readers, or for live a comma list of numbers of clients, backlog and tls.\n\n")
	fs.PrintDefaults()
}

// start plays a role, or measures.
func start(ctx context.Context, o options, summit string, args []string, out io.Writer) error {
	if role := roles[args[0]]; role != nil {
		return role(ctx, args[1])
	}
	accepted, err := o.accepted()
	if err != nil {
		return fmt.Errorf("%w: %w", err, errUsage)
	}
	o.config, o.server = args[1], strings.TrimSuffix(o.server, "/")
	chosen, err := choose(args[0], o.server)
	if err != nil {
		return err
	}
	if err := checkConfig(args[0], o.config); err != nil {
		return fmt.Errorf("%w: %w", err, errUsage)
	}
	programs, remove, err := bench.FindPrograms(ctx, summit)
	if err != nil {
		return err
	}
	defer remove()
	o.programs = programs
	return measure(ctx, chosen, o, accepted, out)
}

// accepted returns the reports to compare with.
func (o options) accepted() ([]bench.Report, error) {
	if o.against == "" {
		return nil, nil
	}
	f, err := os.Open(o.against)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return bench.Accepted(f)
}

// checkConfig checks what narrows a benchmark before anything is built.
func checkConfig(name, config string) error {
	if name == liveBenchmark.name && config != "" {
		return narrow(&bench.LiveOptions{}, config)
	}
	_, err := howMany(config)
	return err
}

// choose returns the benchmark of a name, or all if it is "".
func choose(name, server string) ([]benchmark, error) {
	u, err := url.Parse(server)
	if err != nil || server != "" && !isLoopback(u.Hostname()) {
		return nil, fmt.Errorf("--server %s: a benchmark puts a server under full load, and is for one on this machine: %w", server, errUsage)
	}
	if name == "" {
		return benchmarks(), nil
	}
	var names []string
	for _, b := range benchmarks() {
		if b.name == name {
			return []benchmark{b}, nil
		}
		names = append(names, b.name)
	}
	return nil, fmt.Errorf("there is no benchmark %q, but %s: %w", name, strings.Join(names, ", "), errUsage)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// measure runs benchmarks and prints their reports, each with what moved since those of
// before.
func measure(ctx context.Context, list []benchmark, o options, accepted []bench.Report, out io.Writer) error {
	for _, b := range list {
		report, err := b.run(ctx, o)
		if err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
		write := report.Table
		if o.asJSON {
			write = report.JSON
		}
		if err := write(out); err != nil {
			return err
		}
		if o.against == "" {
			continue
		}
		people := out
		if o.asJSON {
			people = o.progress
		}
		if err := bench.Compare(people, accepted, report); err != nil {
			return err
		}
	}
	return nil
}

// howMany reads the number of events of a benchmark.
func howMany(config string) (int, error) {
	if config == "" {
		return longStory, nil
	}
	n, err := strconv.Atoi(config)
	if err != nil || n < 1000 {
		return 0, fmt.Errorf("%q is not a number of events from 1000", config)
	}
	return n, nil
}
