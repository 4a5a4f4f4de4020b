package main

import (
	"context"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/bench"
)

// measureFor is how long one figure is measured.
const measureFor = 3 * time.Second

var appendBenchmark = benchmark{
	name: "append", short: "durable recording: one caller, many, batches, over HTTP",
	run: func(ctx context.Context, o options) (bench.Report, error) {
		return bench.Append(ctx, bench.AppendOptions{Programs: o.programs, Each: measureFor, Said: o.progress})
	},
}
