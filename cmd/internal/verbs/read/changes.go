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

// Changes shows what became known between two positions.
func Changes() cli.Verb {
	return cli.Verb{
		Name: "changes", Args: "ID", Short: "show what became known between two positions or times",
		Example:  "summit changes alaska-2025 --since @20\nsummit changes alaska-2025 --since '2h ago'\nsummit changes alaska-2025 --since 2025-08-15T10:00:00-08:00 --until 2025-08-15T10:30:00-08:00",
		Complete: client.ByServer(),
		Setup: func(f *cli.Flags) cli.Run {
			var q query
			q.flags(f, "since", "until", "limit", "cursor", "min")
			return func(ctx context.Context, std cli.Streams, args []string) error {
				if err := q.required("since", "a position, @ and a sequence, or a time"); err != nil {
					return err
				}
				return q.changes(ctx, std, args[0])
			}
		},
	}
}

// learned is the answer about changes, as far as it is shown.
type learned struct {
	Since, Until, Next         string
	Added, Retracted, Restored []projections.Item
	Corrected                  []projections.CorrectedFact
	Standing                   []projections.StandingChange
	Status                     []projections.Difference
}

func (q *query) changes(ctx context.Context, std cli.Streams, summit string) error {
	var c learned
	if done, err := q.read(ctx, std, summit, "/changes", &c); done || err != nil {
		return err
	}
	clock, err := q.clock(ctx, summit)
	if err != nil {
		return err
	}
	fmt.Fprintln(std.Out, say(clock, "between", "since", cli.Clean(c.Since), "until", cli.Clean(c.Until)))
	t := cli.NewTable(std.Out)
	c.rows(t, clock)
	if t.Empty() {
		t.Row(say(clock, "unchanged"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	more(std, clock, c.Next)
	return nil
}

// rows adds a row for each change.
func (c *learned) rows(t *cli.Table, clock humanize.Clock) {
	row := func(what, text string) {
		word := ""
		if what != "" {
			word = say(clock, what)
		}
		t.Cells(cli.Cell{Text: word, Colour: shades[what]}, cli.Cell{Text: text})
	}
	for _, list := range []struct {
		name  string
		items []projections.Item
	}{{"added", c.Added}, {"retracted", c.Retracted}, {"restored", c.Restored}} {
		for _, i := range list.items {
			row(list.name, fmt.Sprintf("@%d %s (%s)", i.Seq, i.Headline, i.Attribution))
		}
	}
	for _, f := range c.Corrected {
		row("corrected", f.Headline)
		for _, d := range f.Changes {
			row("", "  "+difference(clock, "", d))
		}
	}
	for _, f := range c.Standing {
		standing := humanize.Change{What: f.Headline, Was: label(clock, "standing", f.Was), Now: label(clock, "standing", f.Now)}
		if f.Was == f.Now { // an amendment may leave it as it was
			row("standing", named(clock, standing.What, standing.Now))
			continue
		}
		row("standing", changed(clock, standing))
	}
	for _, text := range statusChanges(clock, c.Status) {
		row("status", text)
	}
}

// statusChanges words what changed in the status. What only rests on other facts
// than before did not change for people.
func statusChanges(clock humanize.Clock, list []projections.Difference) (texts []string) {
	for _, d := range list {
		if c, tell := clock.Change(d.Path, d.Was, d.Now); tell {
			texts = append(texts, strings.TrimSpace(changed(clock, c)))
		}
	}
	return texts
}
