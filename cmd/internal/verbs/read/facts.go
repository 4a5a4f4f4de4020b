package read

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/summit-timeline/summit/cmd/internal/locale"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/projections"
)

// Facts shows one fact.
func Facts() cli.Verb {
	return cli.Verb{
		Name: "facts", Args: "ID FACT", Short: "show one fact, with every event that touches it",
		Example:  "summit facts alaska-2025 @4\nsummit facts alaska-2025 @4 --known 2025-08-15T10:30:00-08:00",
		Complete: client.ByServer(),
		Setup: func(f *cli.Flags) cli.Run {
			var q query
			q.flags(f, "known", "min")
			return func(ctx context.Context, std cli.Streams, args []string) error {
				return q.fact(ctx, std, args[0], args[1])
			}
		},
	}
}

func (q *query) fact(ctx context.Context, std cli.Streams, summit, name string) error {
	id, _, err := q.FindFact(ctx, summit, name)
	if err != nil {
		return err
	}
	var f struct {
		projections.Item
		Known   string
		History []json.RawMessage
	}
	if done, err := q.read(ctx, std, summit, "/facts/"+url.PathEscape(id), &f); done || err != nil {
		return err
	}
	clock, err := q.clock(ctx, summit)
	if err != nil {
		return err
	}
	t := cli.NewTable(std.Out)
	printItem(t, clock, f.Item)
	t.Row("", "", say(clock, "sources", "sources", locale.Words(clock.Chain(f.Sources))), "", "")
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(std.Out)
	t = cli.NewTable(std.Out, say(clock, "head.seq"), say(clock, "head.recorded"), say(clock, "head.what"), say(clock, "head.by"))
	t.Row(fmt.Sprint(f.Seq), clock.Instant(f.Recorded.Time), f.Type, f.Desk)
	for _, a := range f.Amendments {
		t.Row(fmt.Sprint(a.Seq), clock.Instant(a.Recorded.Time), named(clock, a.Type, a.Notice), a.Desk)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	known, touched := knownAt(clock, f.Known), say(clock, "touched", "count", len(f.History), "flag", "--json")
	_, err = fmt.Fprintln(std.Out, spoken(clock).Say("list.semicolon", "one", locale.Words(known), "other", locale.Words(touched)))
	return err
}
