package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/bench"
)

var liveBenchmark = benchmark{
	name: "live", short: "live streams: deliveries, latency, memory, slow readers, backlogs, reconnects",
	run: func(ctx context.Context, o options) (bench.Report, error) {
		live := bench.LiveOptions{
			Programs: o.programs, Server: o.server, Clients: []int{100, 1000, 5000, 10_000}, SlowAmong: 1000, Backlog: 100_000, Storm: 5000,
			Secure: 1000, Deliveries: 6_000_000, Rounds: 5, Seconds: 3, Rest: bench.RestAfter, Said: o.progress,
		}
		if o.config != "" {
			if err := narrow(&live, o.config); err != nil {
				return bench.Report{}, err
			}
		}
		return bench.Live(ctx, live)
	},
}

// narrow keeps of a benchmark what config lists: numbers of clients, "backlog",
// "tls".
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
			return fmt.Errorf("live %s: give numbers of clients, such as 100,1000, backlog or tls", config)
		default:
			o.Clients = append(o.Clients, n)
		}
	}
	return nil
}
