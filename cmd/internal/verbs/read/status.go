package read

import (
	"context"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/projections"
)

// Status shows what stands.
func Status() cli.Verb {
	return cli.Verb{
		Name: "status", Args: "ID", Short: "show what stands now, or stood at a past moment as known then",
		Example:  "summit status alaska-2025\nsummit status alaska-2025 --at 2025-08-15T10:30:00-08:00 --known @20",
		Complete: client.ByServer(),
		Setup: func(f *cli.Flags) cli.Run {
			var q query
			q.flags(f, "at", "known", "kind", "min")
			return func(ctx context.Context, std cli.Streams, args []string) error { return q.status(ctx, std, args[0]) }
		},
	}
}

func (q *query) status(ctx context.Context, std cli.Streams, summit string) error {
	var s projections.Status
	if done, err := q.read(ctx, std, summit, "/status", &s); done || err != nil {
		return err
	}
	clock, err := q.clock(ctx, summit)
	if err != nil {
		return err
	}
	t := cli.NewTable(std.Out)
	printStatus(t, clock, s)
	return t.Flush()
}

func printStatus(t *cli.Table, clock humanize.Clock, s projections.Status) {
	row := func(kind, name, state, detail, standing string) {
		t.Cells(cli.Cell{Text: kind, Colour: cli.Faint}, cli.Cell{Text: name, Colour: cli.Bold}, cli.Cell{Text: state}, cli.Cell{Text: detail}, cli.Cell{Text: standing, Colour: shades[standing]})
	}
	what := "as known at " + s.Known
	if s.At != nil {
		what = "at " + clock.Instant(s.At.Time) + ", " + what
	}
	row("SUMMIT", s.Summit, humanize.Label(s.Phase), what, "")
	for _, a := range s.Aircraft {
		detail := clock.Moment(a.Since)
		if a.Place != nil {
			detail = a.Place.Name + ", " + detail
		}
		row("aircraft", a.ID, humanize.Label(a.State), detail, a.Standing)
	}
	for _, d := range s.Delegations {
		row("delegation", d.ID, humanize.Label(d.State), clock.Moment(d.Since), d.Standing)
		for _, p := range d.Delegates {
			row("  delegate", p.Name, humanize.Label(p.State), p.Role, p.Standing)
		}
	}
	for _, m := range s.Meetings {
		row("meeting", m.Title, humanize.Label(m.State), clock.Moment(m.When), m.Standing)
	}
	printMatters(row, s)
}

// printMatters adds the rows of what is no movement.
func printMatters(row func(kind, name, state, detail, standing string), s projections.Status) {
	for _, x := range s.Sites {
		for _, aspect := range []string{"security", "logistics", "reception"} {
			if a, ok := x.Aspects[aspect]; ok {
				row("site", x.Name, aspect+" "+a.Level, a.Detail, a.Standing)
			}
		}
	}
	for _, a := range s.Agenda {
		row("agenda", a.Title, map[bool]string{true: "expected", false: "not expected"}[a.Expected], a.Detail, a.Standing)
	}
	for _, p := range s.Positions {
		for _, st := range p.Stances {
			row("position", p.Title, st.Actor+": "+st.Stance, st.Detail, st.Standing)
		}
	}
	for _, c := range s.Warnings {
		row("warning", c.Rule, c.Severity, c.Detail, "")
	}
}
