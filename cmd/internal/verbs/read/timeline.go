package read

import (
	"context"
	"fmt"
	"strconv"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/projections"
)

// Timeline shows what happened.
func Timeline() cli.Verb {
	return cli.Verb{
		Name: "timeline", Args: "ID", Short: "show what happened, and who says so",
		Example:  "summit timeline alaska-2025 --type 'aircraft.*' --zone Europe/Moscow\nsummit timeline alaska-2025 --known @12\nsummit timeline alaska-2025 --from 'late thursday'",
		Complete: client.ByServer(),
		Setup: func(f *cli.Flags) cli.Run {
			var q query
			f.Section("Filters")
			q.flags(f, "from", "to", "known", "type", "entity", "actor", "party", "place", "source", "standing", "min_grade", "q", "order", "dir", "limit", "cursor", "min")
			return func(ctx context.Context, std cli.Streams, args []string) error { return q.timeline(ctx, std, args[0]) }
		},
	}
}

func (q *query) timeline(ctx context.Context, std cli.Streams, summit string) error {
	var a timelinePage
	if done, err := q.read(ctx, std, summit, "/timeline", &a); done || err != nil {
		return err
	}
	if err := q.fill(ctx, summit, &a); err != nil {
		return err
	}
	clock, err := q.clock(ctx, summit)
	if err != nil {
		return err
	}
	t := cli.NewTable(std.Out, say(clock, "head.seq"), say(clock, "head.when"), say(clock, "head.what"), say(clock, "head.word"), say(clock, "head.standing"))
	for _, i := range a.Items {
		printItem(t, clock, i)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(std.Out, knownAt(clock, a.Known))
	more(std, clock, a.Next)
	return nil
}

// knownAt returns a line with the position as of which something is shown.
func knownAt(clock humanize.Clock, position string) string {
	return say(clock, "known", "position", cli.Clean(position))
}

// more describes how to continue, or nothing at the end.
func more(std cli.Streams, clock humanize.Clock, cursor string) {
	if cursor != "" {
		fmt.Fprintln(std.Out, say(clock, "more", "flag", "--cursor "+cli.Clean(cursor)))
	}
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
		v, err := q.values(ctx, summit)
		if err != nil {
			return err
		}
		v.Set("cursor", a.Next)
		v.Set("limit", strconv.Itoa(limit-len(a.Items)))
		var more timelinePage
		if _, err := q.Get(ctx, client.Path(summit, "/timeline"), v, &more); err != nil {
			return err
		}
		if more.Next == a.Next {
			return fmt.Errorf("the server answers %s with the same page again", cli.Clean(a.Next))
		}
		a.Items, a.Next = append(a.Items, more.Items...), more.Next
	}
	return nil
}
