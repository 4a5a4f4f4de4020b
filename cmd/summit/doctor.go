package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/summits"
)

// doctorFlags are what doctor is told.
type doctorFlags struct {
	client
	data   string
	key    string
	canary bool
	asJSON bool
	ready  bool
	wait   time.Duration
}

var doctorVerb = verb{
	name: "doctor", short: "what is wrong with a server and its logs, and what to type",
	example: "  summit doctor\n  summit doctor --canary      (and sends a fact through the whole path)\n" +
		"  summit doctor --data /var/lib/summit      (while no server runs: reads every log to its end)\n" +
		"  summit doctor --ready --wait 30s          (for services and containers: needs no token)",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var f doctorFlags
		f.client.flags(fs)
		fs.StringVar(&f.data, "data", "", "folder of a server that does not run: looked at without it")
		fs.StringVar(&f.key, "key", "", "with --data: file of the secret key, where serve is given one")
		fs.BoolVar(&f.canary, "canary", false, "record a fact in a summit that only operators see ("+summits.Canary+"), and time it to the timeline and to the live stream")
		fs.BoolVar(&f.asJSON, "json", false, "the report and what was found as JSON")
		fs.BoolVar(&f.ready, "ready", false, "ask only whether the server is ready: needs no token, exit 1 where it is not")
		fs.DurationVar(&f.wait, "wait", 0, "with --ready: how long to ask again until it is")
		return func(ctx context.Context, std streams, _ []string) error {
			if f.ready {
				return f.client.ready(ctx, std, f.wait)
			}
			return f.doctor(ctx, std)
		}
	},
}

// errIll ends a visit that found something; what it is has been printed.
var errIll = errors.New("something is wrong")

func (f *doctorFlags) doctor(ctx context.Context, std streams) error {
	var report summits.Report
	var err error
	began := time.Now()
	if f.data != "" && f.canary {
		return usage("--canary goes through a running server: give --server, and no --data")
	}
	if f.key != "" && f.data == "" {
		return usage("--key goes with --data: a running server knows its key")
	}
	if f.data != "" {
		report, err = examine(ctx, std, f.data, f.key)
	} else {
		_, err = f.get(ctx, "/v1/doctor", nil, &report)
	}
	if err != nil {
		return err
	}
	found := diagnose(report, began, time.Now())
	var flown *canary
	if f.canary {
		if flown, err = flyCanary(ctx, &f.client); err != nil {
			found = append(found, ailment{"canary", true, err.Error(), []string{"summit doctor      (what else is wrong)", "the server's log says what it refused"}})
		}
	}
	if f.asJSON {
		b, err := json.MarshalIndent(struct {
			Found  []ailment      `json:"found"`
			Canary *canary        `json:"canary,omitempty"`
			Report summits.Report `json:"report"`
		}{found, flown, report}, "", " ")
		if err != nil {
			return fmt.Errorf("encode the report: %w", err)
		}
		fmt.Fprintf(std.out, "%s\n", b)
	} else if err := printDoctor(std, report, flown, found); err != nil {
		return err
	}
	for _, a := range found {
		if a.Bad {
			return &codeError{exitBad, errIll}
		}
	}
	return nil
}

func printDoctor(std streams, r summits.Report, flown *canary, found []ailment) error {
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "version\t%s\n", r.Version)
	fmt.Fprintf(w, "clock\t%s\n", r.Time.UTC().Format(time.RFC3339))
	fmt.Fprintf(w, "durability\t%s\n", r.Durability)
	if r.Disk != nil {
		fmt.Fprintf(w, "disk\t%s free of %s in %s\n", size(r.Disk.Free), size(r.Disk.Total), r.Disk.Path)
	}
	if flown != nil {
		fmt.Fprintf(w, "canary\tacknowledged after %s, queryable after %s, live after %s, at %s\n", flown.Acknowledged, flown.Queryable, flown.Live, flown.Position)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(r.Summits) > 0 {
		fmt.Fprint(w, "\nSUMMIT\tPOSITION\tLOG\tLAG\tSIZE\tREAD AGAIN\tSTATE\n")
	}
	for _, s := range r.Summits {
		fmt.Fprintf(w, "%s\t%s\t%d–%d\t%d\t%s\t%s\t%s\n", s.ID, s.Position, s.Stream.First, s.Stream.Last, s.Lag, size(s.Stream.Bytes), scrubWords(s.Scrub), stateWords(s))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(found) == 0 {
		fmt.Fprintln(std.out, "\nnothing is wrong")
		return nil
	}
	for _, a := range found {
		word := "note"
		if a.Bad {
			word = "WRONG"
		}
		fmt.Fprintf(std.out, "\n%s %s: %s\n", word, a.Where, clean(a.What))
		for _, line := range a.Type {
			fmt.Fprintf(std.out, "    %s\n", line)
		}
	}
	return nil
}

func size(n uint64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	x := float64(n)
	for len(units) > 1 && x >= 1000 {
		x, units = x/1000, units[1:]
	}
	return fmt.Sprintf("%.3g %s", x, units[0])
}

func scrubWords(s summits.ScrubReport) string {
	switch {
	case s.Running:
		return fmt.Sprintf("%d of %d", s.Checked, s.Until)
	case s.Finished != nil:
		return s.Finished.UTC().Format(time.RFC3339)
	case !s.On:
		return "off"
	}
	return "not yet"
}

// stallShown is for how many seconds views stand still before it is shown.
const stallShown = 10

func stateWords(s summits.SummitReport) string {
	switch {
	case s.Doubt != nil:
		return fmt.Sprintf("in doubt at %d: %s", s.Doubt.Seq, s.Doubt.Kind)
	case s.Failed != "":
		return "its views wait"
	case s.Rebuilding:
		return fmt.Sprintf("making its views anew: %.0f %%", 100*s.Progress)
	case s.Fetching:
		return fmt.Sprintf("fetching the views of another replica: %.0f %%", 100*s.Progress)
	case s.Stalled > stallShown:
		return "its views stand still"
	case s.Quarantined > 0:
		return fmt.Sprintf("%d events set aside", s.Quarantined)
	}
	return "good"
}
