package main

import (
	"context"

	"github.com/summit-timeline/summit/cmd/internal/bench"
)

var queryBenchmark = benchmark{
	name: "query", short: "timeline pages and statuses, now and as known before",
	run: func(ctx context.Context, std streams, _, config string) (bench.Report, error) {
		n, err := howMany(config, longStory)
		if err != nil {
			return bench.Report{}, err
		}
		return bench.Query(ctx, bench.QueryOptions{Events: n, Each: measureFor, Said: std.err})
	},
}
