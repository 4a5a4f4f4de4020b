package main

import (
	"context"

	"github.com/summit-timeline/summit/cmd/internal/bench"
)

var queryBenchmark = benchmark{
	name: "query", short: "timeline pages and statuses, now and as known before",
	run: func(ctx context.Context, o options) (bench.Report, error) {
		n, err := howMany(o.config)
		if err != nil {
			return bench.Report{}, err
		}
		return bench.Query(ctx, bench.QueryOptions{Programs: o.programs, Events: n, Each: measureFor, Said: o.progress})
	},
}
