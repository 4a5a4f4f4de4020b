package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"text/tabwriter"

	"github.com/summit-timeline/summit/cmd/internal/audit"
	"github.com/summit-timeline/summit/cmd/internal/humanize"
)

// print shows a report to people: the verdict first.
func (f *auditFlags) print(ctx context.Context, std streams, r *audit.Report) error {
	clock, err := f.clock(ctx, r.Summit)
	if err != nil {
		return err
	}
	if r.Sound {
		fmt.Fprintf(std.out, "SOUND: the log of %s is whole, and its tree and views are what follows from it\n\n", r.Summit)
	} else {
		fmt.Fprintf(std.out, "NOT SOUND: %s\n\n", r.Summit)
	}
	for _, x := range r.Findings {
		printFinding(std, x)
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "read again\t%d events, %d bytes, up to %s, in %.1f s\n", r.Events, r.Bytes, r.Position, r.Seconds)
	fmt.Fprintf(w, "root\t%s\n", base64.StdEncoding.EncodeToString(r.Root))
	fmt.Fprintf(w, "recorded\t%s\n", span(clock, r.Known))
	fmt.Fprintf(w, "occurred\t%s\n", span(clock, r.Occurred))
	fmt.Fprintf(w, "facts\t%d, amendments %d\n", r.Facts, r.Amendments)
	fmt.Fprintf(w, "sources\t%d names, %d of them roots\n", r.Sources, r.Roots)
	fmt.Fprintf(w, "quarantined\t%d\n", len(r.Quarantined)+r.QuarantinedMore)
	for _, q := range r.Quarantined {
		fmt.Fprintf(w, "\t@%d %s\n", q.Seq, clean(q.Reason))
	}
	if r.Misfiled > 0 {
		fmt.Fprintf(w, "\tfor %d of these the reason is the server's word: it lies in the message, not in the bytes\n", r.Misfiled)
	}
	printTables(w, r)
	printCheckpoint(w, "checkpoint", r.Checkpoint, "the server signs none")
	if r.Since != nil {
		printCheckpoint(w, "kept", r.Since, "")
	}
	return w.Flush()
}

func span(clock humanize.Clock, s audit.Span) string {
	if s.First == nil {
		return "–"
	}
	return clock.Instant(*s.First) + " to " + clock.Instant(*s.Last)
}

func printFinding(std streams, x audit.Finding) {
	at := ""
	if x.Seq > 0 {
		at = fmt.Sprintf(" at %d", x.Seq)
	}
	fmt.Fprintf(std.out, "  %s%s: %s\n", x.Check, at, clean(x.Detail))
	if x.Log != "" || x.Server != "" {
		fmt.Fprintf(std.out, "    from the log  %s\n    the server    %s\n", clean(x.Log), clean(x.Server))
	}
	fmt.Fprintln(std.out)
}

func printTables(w *tabwriter.Writer, r *audit.Report) {
	rows, same := 0, 0
	for _, t := range r.Tables {
		rows += t.Rows
		if t.Same {
			same++
		}
	}
	if len(r.Tables) == 0 {
		fmt.Fprint(w, "views\tnot compared\n")
		return
	}
	fmt.Fprintf(w, "views\t%d of %d tables the same, %d rows made anew\n", same, len(r.Tables), rows)
}

func printCheckpoint(w *tabwriter.Writer, name string, c *audit.Checkpoint, none string) {
	if c == nil {
		fmt.Fprintf(w, "%s\t%s\n", name, none)
		return
	}
	verified := "signature not verified: give --key"
	if c.Verified {
		verified = "signature verified"
	}
	fmt.Fprintf(w, "%s\t%s, %d events, %s\n", name, clean(c.Origin), c.Size, verified)
}
