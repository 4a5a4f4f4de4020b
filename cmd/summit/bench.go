package main

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/bench"
)

// benchmark is one of the things that are measured.
type benchmark struct {
	name, short string
	// run measures. server is the address of a running one, "" where one is to
	// be started; config narrows what is measured, "" for the whole.
	run func(ctx context.Context, std streams, server, config string) (bench.Report, error)
}

// benchmarks are those there are, each in a file of its own.
var benchmarks = []benchmark{appendBenchmark, projectBenchmark, queryBenchmark, liveBenchmark, auditBenchmark}

// benchRoles are what the other processes of a benchmark are told to be.
var benchRoles = map[string]func(ctx context.Context, std streams, config string) error{
	"hello": func(ctx context.Context, std streams, _ string) error {
		return bench.RunHello(ctx, std.in, std.out)
	},
	"raw": func(ctx context.Context, std streams, _ string) error {
		return bench.RunBroadcaster(ctx, std.in, std.out)
	},
	"swarm": func(ctx context.Context, std streams, config string) error {
		return bench.RunSwarm(ctx, config, std.in, std.out)
	},
}

var benchVerb = verb{
	name: "bench", args: "[WHAT] [CONFIG]", short: "how fast it is here, beside the raw ceilings, in one run",
	example: "  summit bench live\n  summit bench live 1000,5000\n  summit bench query 1000000\n  summit bench live --json > figures.json",
	words:   map[string][]string{"WHAT": benchmarkNames()},
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		server := fs.String("server", "", "a running server; one is started in a folder of its own where not given")
		asJSON := fs.Bool("json", false, "the report as JSON")
		return func(ctx context.Context, std streams, args []string) error {
			args = append(args, "", "")
			if role := benchRoles[args[0]]; role != nil {
				return role(ctx, std, args[1])
			}
			return measure(ctx, std, args, strings.TrimSuffix(*server, "/"), *asJSON)
		}
	},
}

func benchmarkNames() []string {
	var names []string
	for _, b := range benchmarks {
		names = append(names, b.name)
	}
	return names
}

// measure runs the benchmark that is named, or all of them.
func measure(ctx context.Context, std streams, args []string, server string, asJSON bool) error {
	if u, err := url.Parse(server); err != nil || (server != "" && !loopbackHost(u.Hostname())) {
		return usage("--server %s: a benchmark loads a server with all that it can take, and is for one on this machine", server)
	}
	name, config, found := args[0], args[1], false
	for _, b := range benchmarks {
		if name != "" && name != b.name {
			continue
		}
		found = true
		report, err := b.run(ctx, std, server, config)
		if err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
		write := report.Table
		if asJSON {
			write = report.JSON
		}
		if err := write(std.out); err != nil {
			return err
		}
	}
	if !found {
		var names []string
		for _, b := range benchmarks {
			names = append(names, b.name)
		}
		return usage("there is no benchmark %q; there are: %s", name, strings.Join(names, ", "))
	}
	return nil
}

// howMany reads a number that narrows a benchmark.
func howMany(config string, otherwise int) (int, error) {
	if config == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(config)
	if err != nil || n < 1000 {
		return 0, usage("%q is no number of events from 1000", config)
	}
	return n, nil
}
