package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/projections"
)

// clean takes away what could command a terminal.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// table writes rows of cells that end with tabs.
type table struct {
	*tabwriter.Writer
	lines bytes.Buffer
	out   io.Writer
}

func newTable(std streams) *table {
	t := &table{out: std.out}
	t.Writer = tabwriter.NewWriter(&t.lines, 0, 0, 2, ' ', 0)
	return t
}

// Flush writes the rows, without the blanks at their ends, and nothing that
// could command a terminal.
func (t *table) Flush() error {
	if err := t.Writer.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(t.lines.String()) {
		if _, err := fmt.Fprintln(t.out, clean(strings.TrimRight(line, " \n"))); err != nil {
			return err
		}
	}
	t.lines.Reset()
	return nil
}

// printItem is a row for a fact as it stands, and below it each amendment with
// what it said before and what it says since.
func printItem(w io.Writer, clock humanize.Clock, i projections.Item) {
	standing := i.Standing
	if i.Grade != nil {
		standing += " " + *i.Grade
	}
	fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", i.Seq, clean(clock.Occurrence(i.When, i.Time)), clean(i.Headline), clean(i.Attribution), standing)
	for _, a := range i.Amendments {
		about := strings.TrimSuffix(" "+deed(i, a.Target), " ")
		fmt.Fprintf(w, "\t\t  %s @%d%s: %s\t%s\t\n", strings.ToUpper(strings.TrimPrefix(a.Type, "fact.")), a.Seq, about, clean(a.Notice), clean(a.Attribution))
		for _, d := range a.Changes {
			fmt.Fprintf(w, "\t\t    %s: %s → %s\t\t\n", clean(d.Path), clean(humanize.Value(d.Was)), clean(humanize.Value(d.Now)))
		}
	}
}

// printDifferences is a line for each value that changed.
func printDifferences(std streams, list []projections.Difference) {
	for _, d := range list {
		fmt.Fprintf(std.out, "           %s: %s → %s\n", clean(d.Path), clean(humanize.Value(d.Was)), clean(humanize.Value(d.Now)))
	}
}
