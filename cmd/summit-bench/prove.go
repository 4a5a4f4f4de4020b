package main

import (
	"context"

	"github.com/summit-timeline/summit/cmd/internal/bench"
)

var proveBenchmark = benchmark{
	name: "prove", short: "signed heads for single facts, and inclusion proofs",
	run: func(ctx context.Context, o options) (bench.Report, error) {
		n, err := howMany(o.config)
		if err != nil {
			return bench.Report{}, err
		}
		return bench.Prove(ctx, bench.ProveOptions{Programs: o.programs, Events: n, Each: measureFor, Said: o.progress})
	},
}
