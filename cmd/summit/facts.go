package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"

	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/projections"
)

var factsVerb = verb{
	name: "facts", args: "ID FACT", short: "one fact, with every event that touches it",
	example: "  summit facts alaska-2025 @4\n  summit facts alaska-2025 @4 --known 2025-08-15T10:30:00-08:00",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var q query
		q.flags(fs, "known", "min")
		return func(ctx context.Context, std streams, args []string) error {
			id, _, err := q.find(ctx, args[0], args[1])
			if err != nil {
				return err
			}
			var f struct {
				projections.Item
				Known   string
				History []json.RawMessage
			}
			if done, err := q.read(ctx, std, summitPath(args[0], "/facts/"+url.PathEscape(id)), &f); done || err != nil {
				return err
			}
			clock, err := q.clock(ctx, args[0])
			if err != nil {
				return err
			}
			w := newTable(std)
			printItem(w, clock, f.Item)
			fmt.Fprintf(w, "\t\tsources: %s\t\t\n", clean(humanize.Chain(f.Sources)))
			if err := w.Flush(); err != nil {
				return err
			}
			fmt.Fprintf(w, "\nSEQ\tRECORDED\tWHAT\tBY\t\n")
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t\n", f.Seq, clock.Instant(f.Recorded.Time), f.Type, clean(f.Desk))
			for _, a := range f.Amendments {
				fmt.Fprintf(w, "%d\t%s\t%s\t%s\t\n", a.Seq, clock.Instant(a.Recorded.Time), clean(a.Type+": "+a.Notice), clean(a.Desk))
			}
			if err := w.Flush(); err != nil {
				return err
			}
			_, err = fmt.Fprintf(std.out, "as known at %s; %d events touch it, --json shows them as recorded\n", clean(f.Known), len(f.History))
			return err
		}
	},
}
