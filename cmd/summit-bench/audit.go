package main

import (
	"context"

	"github.com/summit-timeline/summit/cmd/internal/bench"
)

var auditBenchmark = benchmark{
	name: "audit", short: "an audit, an archive and its verification, as an auditor runs them",
	run: func(ctx context.Context, o options) (bench.Report, error) {
		n, err := howMany(o.config)
		if err != nil {
			return bench.Report{}, err
		}
		return bench.Audit(ctx, bench.AuditOptions{Programs: o.programs, Events: n, Said: o.progress})
	},
}
