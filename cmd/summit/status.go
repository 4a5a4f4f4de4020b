package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/projections"
)

var statusVerb = verb{
	name: "status", args: "ID", short: "what stands, now or at a past moment, as known then",
	example: "  summit status alaska-2025\n  summit status alaska-2025 --at 2025-08-15T10:30:00-08:00 --known @20",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var q query
		q.flags(fs, "at", "known", "min")
		return func(ctx context.Context, std streams, args []string) error {
			var s projections.Status
			if done, err := q.read(ctx, std, summitPath(args[0], "/status"), &s); done || err != nil {
				return err
			}
			clock, err := q.clock(ctx, args[0])
			if err != nil {
				return err
			}
			w := newTable(std)
			printStatus(w, clock, s)
			return w.Flush()
		}
	},
}

func printStatus(w io.Writer, clock humanize.Clock, s projections.Status) {
	row := func(kind, name, state, detail, standing string) {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", kind, clean(name), clean(state), clean(detail), standing)
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

// printMatters are the rows of what is no movement.
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
