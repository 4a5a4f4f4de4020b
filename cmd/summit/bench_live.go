package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/bench"
)

var liveBenchmark = benchmark{
	name: "live", short: "live streams: deliveries, latency, memory, slow readers, backlogs, reconnects",
	run: func(ctx context.Context, std streams, server, config string) (bench.Report, error) {
		o := bench.LiveOptions{
			Server: server, Clients: []int{100, 1000, 5000, 10_000}, SlowAmong: 1000, Backlog: 100_000, Storm: 5000,
			Deliveries: 6_000_000, Seconds: 5, Said: std.err,
		}
		if config != "" { // numbers of clients alone
			o.Clients, o.Backlog = nil, 0
			for text := range strings.SplitSeq(config, ",") {
				n, err := strconv.Atoi(text)
				if err != nil || n < 1 {
					return bench.Report{}, usage("bench live %s: give numbers of clients, such as 100,1000", config)
				}
				o.Clients = append(o.Clients, n)
			}
		}
		return bench.Live(ctx, o)
	},
}
