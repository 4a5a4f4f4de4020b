package main

import (
	"context"

	"github.com/summit-timeline/summit/cmd/internal/bench"
)

// longStory is how many events a long story has.
const longStory = 200_000

var projectBenchmark = benchmark{
	name: "project", short: "the views and the tree, rebuilt from a log",
	run: func(ctx context.Context, o options) (bench.Report, error) {
		n, err := howMany(o.config)
		if err != nil {
			return bench.Report{}, err
		}
		return bench.Project(ctx, bench.ProjectOptions{Programs: o.programs, Events: n, Said: o.progress})
	},
}
