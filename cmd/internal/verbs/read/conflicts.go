package read

import (
	"context"
	"fmt"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/projections"
)

// Conflicts lists the contradictions of a summit.
func Conflicts() cli.Verb {
	return cli.Verb{
		Name: "conflicts", Args: "ID", Short: "show which facts contradict each other",
		Example:  "summit conflicts alaska-2025\nsummit conflicts alaska-2025 --known @20",
		Complete: client.ByServer(),
		Setup: func(f *cli.Flags) cli.Run {
			var q query
			q.paramFlags(f, "known", "min")
			q.answerFlags(f)
			return func(ctx context.Context, std cli.Streams, args []string) error { return q.conflicts(ctx, std, args[0]) }
		},
	}
}

func (q *query) conflicts(ctx context.Context, std cli.Streams, summit string) error {
	var a struct {
		Known     string
		Conflicts []projections.Conflict
	}
	if done, err := q.read(ctx, std, summit, "/conflicts", &a); done || err != nil {
		return err
	}
	clock := humanize.Clock{Language: language()}
	for _, c := range a.Conflicts {
		fmt.Fprintf(std.Out, "%s%s%s\n", cli.Paint(cli.Coloured(std.Out), cli.Yellow, strings.ToUpper(say(clock, c.Severity))), colon(clock), cli.Wrap(std.Out, cli.Clean(c.Detail), 2))
		for _, id := range c.Facts {
			line, err := q.named(ctx, summit, id, a.Known)
			if err != nil {
				return err
			}
			fmt.Fprintf(std.Out, "    %s\n", line)
		}
	}
	if len(a.Conflicts) == 0 {
		fmt.Fprintln(std.Out, say(clock, "harmony"))
	}
	_, err := fmt.Fprintln(std.Out, knownAt(clock, a.Known))
	return err
}

// named returns a fact by its headline, as it stood at a position.
func (q *query) named(ctx context.Context, summit, id, known string) (string, error) {
	var i projections.Item
	if _, err := q.Get(ctx, client.Path(summit, "/facts/"+id), map[string][]string{"known": {known}}, &i); err != nil {
		return "", err
	}
	return fmt.Sprintf("@%d %s (%s)", i.Seq, cli.Clean(i.Headline), cli.Clean(i.Attribution)), nil
}
