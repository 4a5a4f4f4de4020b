package read

import (
	"cmp"
	"context"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/cmd/internal/locale"
	"github.com/summit-timeline/summit/events"
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
	clock.Name = func(entity string) string {
		_, id, _ := strings.Cut(entity, "/")
		return cmp.Or(s.Called(entity), humanize.Label(id))
	}
	p := statusPrinter{t, clock}
	what := knownAt(clock, s.Known)
	if s.At != nil {
		what = comma(clock, say(clock, "at", "time", locale.Words(clock.Instant(s.At.Time))), what)
	}
	p.row(say(clock, "head.summit"), s.Summit, label(clock, "phase", s.Phase), what, "")
	p.movements(s)
	p.delegations(s)
	for _, m := range s.Meetings {
		p.row(p.kind("meeting"), m.Title, p.state(m.State), p.where(m.Place, m.When), m.Standing)
	}
	p.matters(s)
	p.papers(s)
	for _, c := range s.Warnings {
		p.row(say(clock, "warning"), label(clock, "rule", c.Rule), say(clock, c.Severity), c.Detail, "")
	}
}

// statusPrinter shows what stands, a row for each thing.
type statusPrinter struct {
	t     *cli.Table
	clock humanize.Clock
}

func (p statusPrinter) row(kind, name, state, detail, standing string) {
	p.t.Cells(cli.Cell{Text: kind, Colour: cli.Faint}, cli.Cell{Text: name, Colour: cli.Bold}, cli.Cell{Text: state}, cli.Cell{Text: detail},
		cli.Cell{Text: label(p.clock, "standing", standing), Colour: shades[standing]})
}

func (p statusPrinter) kind(name string) string { return label(p.clock, "kind", name) }

func (p statusPrinter) state(name string) string { return label(p.clock, "state", name) }

// where returns a place and a time in words, as far as they are known.
func (p statusPrinter) where(place *events.Place, when *events.Moment) string {
	var at, since string
	if place != nil {
		at = spoken(p.clock).Isolate(cmp.Or(place.Name, place.ICAO))
	}
	if when != nil {
		since = p.clock.Moment(when)
	}
	return comma(p.clock, at, since)
}

// aboard adds who is aboard.
func (p statusPrinter) aboard(detail string, names ...string) string {
	if len(names) == 0 || names[0] == "" {
		return detail
	}
	called := make([]string, len(names))
	for i, n := range names {
		called[i] = spoken(p.clock).Isolate(p.clock.Name(n))
	}
	return comma(p.clock, detail, say(p.clock, "aboard", "names", locale.Words(comma(p.clock, called...))))
}

func (p statusPrinter) movements(s projections.Status) {
	for _, a := range s.Aircraft {
		name := strings.TrimSpace(a.Model + " " + a.Registration)
		p.row(p.kind("aircraft"), withID(name, a.ID), p.state(a.State), p.aboard(p.where(a.Place, a.Since), a.Aboard...), a.Standing)
	}
	for _, v := range s.Vehicles {
		p.row(cmp.Or(label(p.clock, "vehicle", v.Kind), p.kind("vehicle")), withID(v.Name, v.ID), p.state(v.State), p.aboard(p.where(v.Place, v.Since), v.Aboard...), v.Standing)
	}
}

func (p statusPrinter) delegations(s projections.Status) {
	for _, d := range s.Delegations {
		p.row(p.kind("delegation"), withID(d.Name, d.ID), p.state(d.State), p.aboard(p.where(d.Place, d.Since), d.Aboard), d.Standing)
		for _, m := range d.Delegates {
			p.row("  "+say(p.clock, "delegate"), m.Name, p.state(m.State), p.aboard(m.Role, m.Aboard), m.Standing)
		}
	}
}

// matters adds the rows of places and of what is talked about.
func (p statusPrinter) matters(s projections.Status) {
	for _, x := range s.Sites {
		if x.State != "" {
			p.row(p.kind("site"), x.Name, label(p.clock, "site", x.State), p.where(nil, x.Since), "")
		}
		for _, aspect := range []string{"security", "logistics", "reception"} {
			if a, ok := x.Aspects[aspect]; ok {
				p.row(p.kind("site"), x.Name, named(p.clock, label(p.clock, "aspect", aspect), label(p.clock, "level", a.Level)), a.Detail, a.Standing)
			}
		}
	}
	for _, a := range s.Agenda {
		p.row(say(p.clock, "agenda"), a.Title, say(p.clock, map[bool]string{true: "expected", false: "unexpected"}[a.Expected]), a.Detail, a.Standing)
	}
	for _, x := range s.Positions {
		for _, st := range x.Stances {
			p.row(say(p.clock, "position"), cmp.Or(x.Title, x.Topic), named(p.clock, st.Actor, label(p.clock, "stance", st.Stance)), st.Detail, st.Standing)
		}
	}
}

// papers adds the rows of documents, measures and incidents.
func (p statusPrinter) papers(s projections.Status) {
	for _, d := range s.Documents {
		p.row(cmp.Or(label(p.clock, "document", d.Kind), p.kind("document")), d.Title, p.state(d.State), p.where(nil, d.Since), d.Standing)
	}
	for _, m := range s.Measures {
		p.row(cmp.Or(label(p.clock, "measure", m.Kind), p.kind("measure")), m.Title, p.state(m.State), p.where(nil, m.Since), m.Standing)
	}
	for _, i := range s.Incidents {
		p.row(p.kind("incident"), i.Title, label(p.clock, "incident", i.Kind), p.where(i.Place, i.When), i.Standing)
	}
}

// withID returns a name with the id that commands take.
func withID(name, id string) string {
	if name == "" {
		return id
	}
	return name + " (" + id + ")"
}
