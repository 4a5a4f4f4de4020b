package read

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/events"
)

// List lists the summits of a server.
func List() cli.Verb {
	return cli.Verb{
		Name: "list", Short: "list the summits of the server, the most recently active first",
		Example: "summit list\nsummit list --q alaska --json",
		Setup: func(f *cli.Flags) cli.Run {
			var o listOptions
			f.StringVar(&o.words, "q", "", "only summits whose id or title contains these `WORDS`")
			f.IntVar(&o.limit, "limit", 100, "greatest `NUMBER` of summits")
			f.StringVar(&o.cursor, "cursor", "", "`CURSOR` that the previous page ended with")
			f.StringVar(&o.zone, "zone", "UTC", "IANA `ZONE` to show times in")
			f.JSON(&o.asJSON)
			o.Client.Flags(f)
			return func(ctx context.Context, std cli.Streams, _ []string) error { return o.list(ctx, std) }
		},
	}
}

type listOptions struct {
	client.Client
	words, cursor, zone string
	limit               int
	asJSON              bool
}

func (o *listOptions) list(ctx context.Context, std cli.Streams) error {
	zone, err := time.LoadLocation(o.zone)
	if err != nil {
		return cli.Usage("--zone %s: %w", o.zone, err)
	}
	query := url.Values{"limit": {strconv.Itoa(o.limit)}}
	for name, value := range map[string]string{"q": o.words, "cursor": o.cursor} {
		if value != "" {
			query.Set(name, value)
		}
	}
	var a struct {
		Summits []struct {
			ID, Title, Phase string
			Facts            int
			Last             *events.Instant
		}
		Next string
	}
	answer, err := o.Get(ctx, "/v1/summits", query, &a)
	if err != nil {
		return err
	}
	if o.asJSON {
		_, err := fmt.Fprintf(std.Out, "%s\n", answer)
		return err
	}
	clock := humanize.Clock{Zone: zone, Language: language()}
	t := cli.NewTable(std.Out, say(clock, "head.summit"), say(clock, "head.title"), say(clock, "head.phase"), say(clock, "head.facts"), say(clock, "head.last"))
	for _, s := range a.Summits {
		last := "–"
		if s.Last != nil {
			last = clock.Instant(s.Last.Time)
		}
		t.Row(s.ID, s.Title, label(clock, "phase", s.Phase), clock.Language.Number(int64(s.Facts)), last)
	}
	if t.Empty() {
		fmt.Fprintln(std.Out, say(clock, "none", "command", "summit open"))
		return nil
	}
	if err := t.Flush(); err != nil {
		return err
	}
	more(std, clock, a.Next)
	return nil
}
