package proof

import (
	"context"
	"encoding/base64"
	"fmt"

	"github.com/summit-timeline/summit/cmd/internal/audit"
	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/humanize"
	"github.com/summit-timeline/summit/cmd/internal/verbs/read"
)

// print shows a report to people: the Verdict first.
func (f *auditOptions) print(ctx context.Context, std cli.Streams, r *audit.Report) error {
	clock, err := read.Clock(ctx, &f.Client, r.Summit, f.zone)
	if err != nil {
		return err
	}
	if r.Sound {
		fmt.Fprintf(std.Out, "SOUND: the log of %s is whole, and its tree and views are what follows from it\n\n", r.Summit)
	} else {
		fmt.Fprintf(std.Out, "NOT SOUND: %s\n\n", r.Summit)
	}
	for _, x := range r.Findings {
		printFinding(std, x)
	}
	w := cli.NewTable(std.Out)
	w.Row("read again", fmt.Sprintf("%d events, %d bytes, up to %s, in %.1f s", r.Events, r.Bytes, r.Position, r.Seconds))
	w.Row("root", base64.StdEncoding.EncodeToString(r.Root))
	w.Row("recorded", span(clock, r.Known))
	w.Row("occurred", span(clock, r.Occurred))
	w.Row("facts", fmt.Sprintf("%d, amendments %d", r.Facts, r.Amendments))
	w.Row("sources", fmt.Sprintf("%d names, %d of them roots", r.Sources, r.Roots))
	w.Row("quarantined", fmt.Sprintf("%d", len(r.Quarantined)+r.QuarantinedMore))
	for _, q := range r.Quarantined {
		w.Row("", fmt.Sprintf("@%d %s", q.Seq, cli.Clean(q.Reason)))
	}
	if r.Misfiled > 0 {
		w.Row("", fmt.Sprintf("for %d of these the reason rests on the server's word: it is in the message, not in the bytes", r.Misfiled))
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

func printFinding(std cli.Streams, x audit.Finding) {
	at := ""
	if x.Seq > 0 {
		at = fmt.Sprintf(" at %d", x.Seq)
	}
	fmt.Fprintf(std.Out, "  %s%s: %s\n", x.Check, at, cli.Clean(x.Detail))
	if x.Log != "" || x.Server != "" {
		fmt.Fprintf(std.Out, "    from the log  %s\n    the server    %s\n", cli.Clean(x.Log), cli.Clean(x.Server))
	}
	fmt.Fprintln(std.Out)
}

func printTables(w *cli.Table, r *audit.Report) {
	rows, same := 0, 0
	for _, t := range r.Tables {
		rows += t.Rows
		if t.Same {
			same++
		}
	}
	if len(r.Tables) == 0 {
		w.Row("views", "not compared")
		return
	}
	w.Row("views", fmt.Sprintf("%d of %d tables the same, %d rows rebuilt", same, len(r.Tables), rows))
}

func printCheckpoint(w *cli.Table, name string, c *audit.Checkpoint, none string) {
	if c == nil {
		w.Row(name, none)
		return
	}
	verified := "signature not verified: give --key"
	if c.Verified {
		verified = "signature verified"
	}
	w.Row(name, fmt.Sprintf("%s, %d events, %s", cli.Clean(c.Origin), c.Size, verified))
}
