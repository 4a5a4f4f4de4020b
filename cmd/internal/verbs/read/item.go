package read

import (
	"fmt"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/projections"
)

// standingOf shows the standing of a fact and its grade.
func standingOf(clock humanize.Clock, i projections.Item) cli.Cell {
	text := label(clock, "standing", i.Standing)
	if i.Grade != nil {
		text += " " + *i.Grade
	}
	return cli.Cell{Text: text, Colour: shades[i.Standing]}
}

// printItem adds a row for a fact as it stands, and below it each amendment with
// the values before and after.
func printItem(t *cli.Table, clock humanize.Clock, i projections.Item) {
	t.Cells(cli.Cell{Text: fmt.Sprint(i.Seq), Colour: cli.Faint}, cli.Cell{Text: clock.Occurrence(i.When, i.Time)},
		cli.Cell{Text: i.Headline, Colour: cli.Bold}, cli.Cell{Text: i.Attribution}, standingOf(clock, i))
	for _, a := range i.Amendments {
		kind := strings.TrimPrefix(a.Type, "fact.")
		about := strings.TrimSuffix(" "+deed(i, a.Target), " ")
		t.Cells(cli.Cell{}, cli.Cell{}, cli.Cell{Text: fmt.Sprintf("  %s @%d%s: %s", strings.ToUpper(amended(clock, kind)), a.Seq, about, a.Notice), Colour: shades[kind]},
			cli.Cell{Text: a.Attribution}, cli.Cell{})
		for _, d := range a.Changes {
			t.Row("", "", "    "+difference(clock, d), "", "")
		}
	}
}

// amended describes what an amendment of a kind, such as corrected, does to a fact.
func amended(clock humanize.Clock, kind string) string {
	if kind == "graded" {
		return say(clock, "graded")
	}
	return label(clock, "standing", kind)
}

// difference words a value that an amendment changed.
func difference(clock humanize.Clock, d projections.Difference) string {
	return fmt.Sprintf("%s: %s → %s", clock.Field(d.Path), clock.Brief(d.Was), clock.Brief(d.Now))
}

// pathWords words a change of the status, or false if only facts were added to
// what a value rests on.
func pathWords(clock humanize.Clock, d projections.Difference) (string, bool) {
	c, ok := clock.Change(d.Path, d.Was, d.Now)
	return fmt.Sprintf("%s: %s → %s", c.What, c.Was, c.Now), ok
}

// shades are the colours of standings, and of the amendments that bring them about.
var shades = map[string]cli.Colour{
	projections.StandingRetracted: cli.Red, projections.StandingDisputed: cli.Yellow, projections.StandingCorrected: cli.Purple,
	projections.StandingCorroborated: cli.Green, projections.StandingOverdue: cli.Yellow, projections.StandingSuperseded: cli.Faint,
}
