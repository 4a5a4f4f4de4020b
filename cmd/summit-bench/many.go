package main

import (
	"context"

	"github.com/summit-timeline/summit/cmd/internal/bench"
)

// manySummits is how many summits are many.
const manySummits = 2000

var manyBenchmark = benchmark{
	name: "many", short: "what many summits cost that nobody asks for",
	run: func(ctx context.Context, o options) (bench.Report, error) {
		n := manySummits
		if o.config != "" {
			var err error
			if n, err = howMany(o.config); err != nil {
				return bench.Report{}, err
			}
		}
		return bench.Many(ctx, bench.ManyOptions{Programs: o.programs, Summits: n, Rest: bench.RestAfter, Said: o.progress})
	},
}
