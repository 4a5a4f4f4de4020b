package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/summit-timeline/summit/cmd/internal/words"
	"github.com/summit-timeline/summit/projections"
)

// query is a verb that reads a summit.
type query struct {
	client
	asJSON bool
	zone   string
	params map[string]*string
}

func (q *query) flags(fs *flag.FlagSet, params ...string) {
	q.client.flags(fs)
	fs.BoolVar(&q.asJSON, "json", false, "the answer as JSON")
	fs.StringVar(&q.zone, "zone", "", "IANA zone to show times in; the summit's own where not given")
	q.params = map[string]*string{}
	for _, p := range params {
		q.params[p] = fs.String(strings.ReplaceAll(p, "_", "-"), "", "as the query parameter "+p)
	}
}

func (q *query) values() url.Values {
	v := url.Values{}
	for name, value := range q.params {
		if *value != "" {
			v.Set(name, *value)
		}
	}
	return v
}

// read asks for part of a summit; with --json it prints the answer and is done.
func (q *query) read(ctx context.Context, std streams, path string, into any) (done bool, err error) {
	answer, err := q.get(ctx, path, q.values(), into)
	if err != nil || !q.asJSON {
		return false, err
	}
	_, err = fmt.Fprintf(std.out, "%s\n", answer)
	return true, err
}

// clock is that of the zone asked for, else of the summit.
func (q *query) clock(ctx context.Context, summit string) (words.Clock, error) {
	zone := q.zone
	if zone == "" {
		var s struct{ Zone string }
		if _, err := q.get(ctx, summitPath(summit, ""), nil, &s); err != nil {
			return words.Clock{}, err
		}
		zone = s.Zone
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return words.Clock{}, usage("--zone %s: %v", zone, err)
	}
	return words.Clock{Zone: loc}, nil
}

// clean takes away what could command a terminal.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

var timelineVerb = verb{
	name: "timeline", args: "ID", short: "what happened, and on whose word",
	example: "  summit timeline alaska-2025 --type 'aircraft.*' --zone Europe/Moscow\n  summit timeline alaska-2025 --known @12",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var q query
		q.flags(fs, "from", "to", "known", "min", "type", "entity", "actor", "party", "place", "source", "standing", "min_grade", "q", "order", "dir", "limit", "cursor")
		return func(ctx context.Context, std streams, args []string) error {
			var a struct {
				Known string
				Items []projections.Item
				Next  string
			}
			if done, err := q.read(ctx, std, summitPath(args[0], "/timeline"), &a); done || err != nil {
				return err
			}
			clock, err := q.clock(ctx, args[0])
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "SEQ\tWHEN\tWHAT\tON WHOSE WORD\tSTANDING")
			for _, i := range a.Items {
				printItem(w, clock, i)
			}
			if err := w.Flush(); err != nil {
				return err
			}
			fmt.Fprintf(std.out, "as known at %s\n", a.Known)
			if a.Next != "" {
				fmt.Fprintf(std.out, "more: --cursor %s\n", a.Next)
			}
			return nil
		}
	},
}

func printItem(w *tabwriter.Writer, clock words.Clock, i projections.Item) {
	standing := i.Standing
	if i.Grade != nil {
		standing += " " + *i.Grade
	}
	fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", i.Seq, clean(clock.Moment(i.When)), clean(i.Headline), clean(i.Attribution), standing)
	for _, a := range i.Amendments {
		fmt.Fprintf(w, "\t\t  %s @%d: %s\t%s\t\n", strings.ToUpper(strings.TrimPrefix(a.Type, "fact.")), a.Seq, clean(a.Notice), clean(a.Attribution))
		for _, d := range a.Changes {
			fmt.Fprintf(w, "\t\t    %s: %s → %s\t\t\n", clean(d.Path), clean(words.Value(d.Was)), clean(words.Value(d.Now)))
		}
	}
}

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
			w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
			printStatus(w, clock, s)
			return w.Flush()
		}
	},
}

func printStatus(w *tabwriter.Writer, clock words.Clock, s projections.Status) {
	row := func(kind, name, state, detail string) {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", kind, clean(name), clean(state), clean(detail))
	}
	row("SUMMIT", s.Summit, words.Label(s.Phase), "as known at "+s.Known)
	for _, a := range s.Aircraft {
		detail := clock.Moment(a.Since)
		if a.Place != nil {
			detail = a.Place.Name + ", " + detail
		}
		row("aircraft", a.ID, words.Label(a.State), detail)
	}
	for _, d := range s.Delegations {
		row("delegation", d.ID, words.Label(d.State), clock.Moment(d.Since))
		for _, p := range d.Delegates {
			row("  delegate", p.Name, words.Label(p.State), p.Role)
		}
	}
	for _, m := range s.Meetings {
		row("meeting", m.Title, words.Label(m.State), clock.Moment(m.When))
	}
	for _, x := range s.Sites {
		for _, aspect := range []string{"security", "logistics", "reception"} {
			if a, ok := x.Aspects[aspect]; ok {
				row("site", x.Name, aspect+" "+a.Level, a.Detail)
			}
		}
	}
	for _, a := range s.Agenda {
		row("agenda", a.Title, map[bool]string{true: "expected", false: "not expected"}[a.Expected], a.Detail)
	}
	for _, p := range s.Positions {
		for _, st := range p.Stances {
			row("position", p.Title, st.Actor+": "+st.Stance, st.Detail)
		}
	}
	for _, c := range s.Warnings {
		row("warning", c.Rule, c.Severity, c.Detail)
	}
}

var changesVerb = verb{
	name: "changes", args: "ID", short: "what knowledge changed between two positions",
	example: "  summit changes alaska-2025 --since @20",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var q query
		q.flags(fs, "since", "until", "min")
		return func(ctx context.Context, std streams, args []string) error {
			var c struct {
				Added, Retracted, Restored []projections.Item
				Corrected                  []projections.CorrectedFact
				Status                     []projections.Difference
			}
			if done, err := q.read(ctx, std, summitPath(args[0], "/changes"), &c); done || err != nil {
				return err
			}
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
			if len(c.Status) > 0 {
				fmt.Fprintln(std.out, "status")
				printDifferences(std, c.Status)
			}
			return nil
		}
	},
}

func printDifferences(std streams, list []projections.Difference) {
	for _, d := range list {
		fmt.Fprintf(std.out, "           %s: %s → %s\n", clean(d.Path), clean(words.Value(d.Was)), clean(words.Value(d.Now)))
	}
}

var factsVerb = verb{
	name: "facts", args: "ID FACT", short: "one fact, with every event that touches it",
	example: "  summit facts alaska-2025 0198a9f2-7c1e-7000-8000-000000000001",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var q query
		q.flags(fs, "known", "min")
		return func(ctx context.Context, std streams, args []string) error {
			var f struct {
				projections.Item
				History []json.RawMessage
			}
			if done, err := q.read(ctx, std, summitPath(args[0], "/facts/"+url.PathEscape(args[1])), &f); done || err != nil {
				return err
			}
			clock, err := q.clock(ctx, args[0])
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
			printItem(w, clock, f.Item)
			if err := w.Flush(); err != nil {
				return err
			}
			fmt.Fprintf(std.out, "%s\n%d events touch it; --json shows them as recorded\n", clean(words.Chain(f.Sources)), len(f.History))
			return nil
		}
	},
}
