package main

import (
	"context"

	"github.com/summit-timeline/summit/cmd/internal/bench"
)

var liveBenchmark = benchmark{
	name: "live", short: "live streams: deliveries, latency, memory, slow readers, backlogs, reconnects",
	run: func(ctx context.Context, std streams, server string) (bench.Report, error) {
		return bench.Live(ctx, bench.LiveOptions{
			Server: server, Clients: []int{100, 1000, 5000, 10_000}, Backlog: 100_000, Storm: 5000, Said: std.err,
		})
	},
}
