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
			Secure: 1000, Deliveries: 6_000_000, Rounds: 5, Seconds: 3, Rest: bench.RestAfter, Said: std.err,
		}
		if config != "" {
			if err := narrow(&o, config); err != nil {
				return bench.Report{}, err
			}
		}
		return bench.Live(ctx, o)
	},
}

// narrow leaves of a benchmark what is listed: numbers of clients, the backlog,
// clients over TLS.
func narrow(o *bench.LiveOptions, config string) error {
	backlog, secure := o.Backlog, o.Secure
	o.Clients, o.Backlog, o.Secure = nil, 0, 0
	for text := range strings.SplitSeq(config, ",") {
		n, err := strconv.Atoi(text)
		switch {
		case text == "backlog":
			o.Backlog = backlog
		case text == "tls":
			o.Secure = secure
		case err != nil || n < 1:
			return usage("bench live %s: give numbers of clients, such as 100,1000, backlog or tls", config)
		default:
			o.Clients = append(o.Clients, n)
		}
	}
	return nil
}
