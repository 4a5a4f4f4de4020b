package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/summit-timeline/summit/projections"
)

var changesVerb = verb{
	name: "changes", args: "ID", short: "what knowledge changed between two positions",
	example: "  summit changes alaska-2025 --since @20\n  summit changes alaska-2025 --since 2025-08-15T10:00:00-08:00 --until 2025-08-15T10:30:00-08:00",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var q query
		q.flags(fs, "since", "until", "min")
		return func(ctx context.Context, std streams, args []string) error {
			var c struct {
				Since, Until               string
				Added, Retracted, Restored []projections.Item
				Corrected                  []projections.CorrectedFact
				Standing                   []projections.StandingChange
				Status                     []projections.Difference
			}
			if done, err := q.read(ctx, std, summitPath(args[0], "/changes"), &c); done || err != nil {
				return err
			}
			fmt.Fprintf(std.out, "what became known between %s and %s\n", clean(c.Since), clean(c.Until))
			for _, list := range []struct {
				name  string
				items []projections.Item
			}{{"added", c.Added}, {"retracted", c.Retracted}, {"restored", c.Restored}} {
				for _, i := range list.items {
					fmt.Fprintf(std.out, "%-10s @%d %s (%s)\n", list.name, i.Seq, clean(i.Headline), clean(i.Attribution))
				}
			}
			for _, f := range c.Corrected {
				fmt.Fprintf(std.out, "%-10s %s\n", "corrected", clean(f.Headline))
				printDifferences(std, f.Changes)
			}
			for _, f := range c.Standing {
				fmt.Fprintf(std.out, "%-10s %s: %s → %s\n", "standing", clean(f.Headline), clean(f.Was), clean(f.Now))
			}
			if len(c.Status) > 0 {
				fmt.Fprintln(std.out, "status")
				printDifferences(std, c.Status)
			}
			return nil
		}
	},
}
