package main

import (
	"context"
	"path/filepath"

	"github.com/summit-timeline/summit/cmd/internal/bench"
)

var replicasBenchmark = benchmark{
	name: "replicas", short: "a cluster of three NATS servers and 1, 2 and 3 replicas (in the source)",
	run: func(ctx context.Context, o options) (bench.Report, error) {
		n, err := howMany(o.config)
		if err != nil {
			return bench.Report{}, err
		}
		if o.config == "" {
			n = 3000
		}
		return bench.Replicas(ctx, bench.ReplicasOptions{
			Programs: o.programs, Config: filepath.Join("deploy", "cluster", "nats.conf"), Replicas: []int{1, 2, 3}, Readers: n, Rate: 20, Seconds: 15,
			Rest: bench.RestAfter, Said: o.progress,
		})
	},
}
