package main

import (
	"context"
	"flag"
	"fmt"
	"strconv"

	"github.com/summit-timeline/summit/projections"
)

var timelineVerb = verb{
	name: "timeline", args: "ID", short: "what happened, and on whose word",
	example: "  summit timeline alaska-2025 --type 'aircraft.*' --zone Europe/Moscow\n  summit timeline alaska-2025 --known @12",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var q query
		q.flags(fs, "from", "to", "known", "min", "type", "entity", "actor", "party", "place", "source", "standing", "min_grade", "q", "order", "dir", "limit", "cursor")
		return func(ctx context.Context, std streams, args []string) error {
			var a timelinePage
			if done, err := q.read(ctx, std, summitPath(args[0], "/timeline"), &a); done || err != nil {
				return err
			}
			if err := q.fill(ctx, args[0], &a); err != nil {
				return err
			}
			clock, err := q.clock(ctx, args[0])
			if err != nil {
				return err
			}
			w := newTable(std)
			fmt.Fprintln(w, "SEQ\tWHEN\tWHAT\tON WHOSE WORD\tSTANDING")
			for _, i := range a.Items {
				printItem(w, clock, i)
			}
			if err := w.Flush(); err != nil {
				return err
			}
			fmt.Fprintf(std.out, "as known at %s\n", clean(a.Known))
			if a.Next != "" {
				fmt.Fprintf(std.out, "more: --cursor %s\n", clean(a.Next))
			}
			return nil
		}
	},
}

// timelinePage is the part of an answer that is shown.
type timelinePage struct {
	Known string
	Items []projections.Item
	Next  string
}

// fill reads on where a page ended before its limit: one on which little was
// found for the work it took.
func (q *query) fill(ctx context.Context, summit string, a *timelinePage) error {
	limit, err := strconv.Atoi(*q.params["limit"])
	if err != nil {
		limit = projections.DefaultLimit
	}
	for a.Next != "" && len(a.Items) < limit {
		v := q.values()
		v.Set("cursor", a.Next)
		v.Set("limit", strconv.Itoa(limit-len(a.Items)))
		var more timelinePage
		if _, err := q.get(ctx, summitPath(summit, "/timeline"), v, &more); err != nil {
			return err
		}
		if more.Next == a.Next {
			return fmt.Errorf("the server goes on from %s to the same place", clean(a.Next))
		}
		a.Items, a.Next = append(a.Items, more.Items...), more.Next
	}
	return nil
}
