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
		what := strings.TrimSuffix(amended(clock, kind)+" "+at(a.Seq)+" "+string(deed(clock, i, a.Target)), " ")
		t.Cells(cli.Cell{}, cli.Cell{}, cli.Cell{Text: "  " + named(clock, what, a.Notice), Colour: shades[kind]}, cli.Cell{Text: a.Attribution}, cli.Cell{})
		for _, d := range a.Changes {
			t.Row("", "", "    "+difference(clock, i.Entity, d), "", "")
		}
	}
}

// shades are the colours of standings, and of the amendments that bring them about.
var shades = map[string]cli.Colour{
	projections.StandingRetracted: cli.Red, projections.StandingDisputed: cli.Yellow, projections.StandingCorrected: cli.Purple,
	projections.StandingCorroborated: cli.Green, projections.StandingOverdue: cli.Yellow, projections.StandingSuperseded: cli.Faint,
}
