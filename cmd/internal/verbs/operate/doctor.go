package operate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/server"
	"github.com/summit-timeline/summit/cmd/internal/summits"
)

// doctorOptions are the flags of doctor.
type doctorOptions struct {
	client.Client
	version string
	data    string
	key     string
	canary  bool
	asJSON  bool
	ready   bool
	wait    time.Duration
}

// Doctor examines a server and its logs.
func Doctor(version string) cli.Verb {
	return cli.Verb{
		Name: "doctor", Short: "show what is wrong with a server and its logs, and how to fix it",
		Example: "summit doctor\nsummit doctor --canary      (and sends a fact through the whole path)\n" +
			"summit doctor --data /var/lib/summit      (while no server runs: reads every log to its end)\n" +
			"summit doctor --ready --wait 30s          (for services and containers: needs no token)",
		Setup: func(f *cli.Flags) cli.Run {
			o := doctorOptions{version: version}
			o.flags(f)
			return func(ctx context.Context, std cli.Streams, _ []string) error {
				if o.ready {
					return ready(ctx, &o.Client, std, o.wait)
				}
				return o.doctor(ctx, std)
			}
		},
	}
}

func (f *doctorOptions) flags(fs *cli.Flags) {
	fs.BoolVar(&f.canary, "canary", false, "record a fact in a summit that only operators see ("+summits.Canary+"), and measure how soon it reaches the timeline and the live stream")
	fs.BoolVar(&f.ready, "ready", false, "only check whether the server is ready: needs no token, exits 1 if it is not")
	fs.DurationVar(&f.wait, "wait", 0, "with --ready: how long to keep asking until it is")
	fs.StringVar(&f.data, "data", "", "`DIR` of a stopped server, to examine offline")
	fs.StringVar(&f.key, "key", "", "with --data: `FILE` of the signing key, if serve uses --key")
	fs.JSON(&f.asJSON)
	f.Client.Flags(fs)
}

// errIll ends a visit that found something; what it is has been printed.
var errIll = errors.New("something is wrong")

func (f *doctorOptions) doctor(ctx context.Context, std cli.Streams) error {
	var report summits.Report
	var err error
	began := time.Now()
	if f.data != "" && f.canary {
		return cli.Usage("--canary needs a running server: use --server instead of --data")
	}
	if f.key != "" && f.data == "" {
		return cli.Usage("--key is for use with --data: a running server knows its own key")
	}
	if f.data != "" {
		report, err = server.Examine(ctx, std.Err, f.data, f.key, f.version)
	} else {
		_, err = f.Get(ctx, "/v1/doctor", nil, &report)
	}
	if err != nil {
		return err
	}
	found := diagnose(report, began, time.Now())
	var flown *canary
	if f.canary {
		if flown, err = flyCanary(ctx, &f.Client); err != nil {
			found = append(found, finding{"canary", true, err.Error(), []string{"summit doctor      (what else is wrong)", "the server's log names what it refused"}})
		}
	}
	if f.asJSON {
		b, err := json.MarshalIndent(struct {
			Found  []finding      `json:"found"`
			Canary *canary        `json:"canary,omitempty"`
			Report summits.Report `json:"report"`
		}{found, flown, report}, "", " ")
		if err != nil {
			return fmt.Errorf("encode the report: %w", err)
		}
		fmt.Fprintf(std.Out, "%s\n", b)
	} else if err := printDoctor(std, report, flown, found); err != nil {
		return err
	}
	for _, a := range found {
		if a.Bad {
			return cli.Exit(cli.Bad, errIll)
		}
	}
	return nil
}

func printDoctor(std cli.Streams, r summits.Report, flown *canary, found []finding) error {
	w := cli.NewTable(std.Out)
	w.Row("version", r.Version)
	w.Row("clock", r.Time.UTC().Format(time.RFC3339))
	w.Row("durability", r.Durability)
	if r.Disk != nil {
		w.Row("disk", fmt.Sprintf("%s free of %s in %s", Size(r.Disk.Free), Size(r.Disk.Total), r.Disk.Path))
	}
	if flown != nil {
		w.Row("canary", fmt.Sprintf("acknowledged after %s, queryable after %s, live after %s, at %s", flown.Acknowledged, flown.Queryable, flown.Live, flown.Position))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(r.Summits) > 0 {
		fmt.Fprintln(std.Out)
		w = cli.NewTable(std.Out, "SUMMIT", "POSITION", "LOG", "LAG", "SIZE", "READ AGAIN", "STATE")
	}
	for _, s := range r.Summits {
		w.Row(s.ID, s.Position, fmt.Sprintf("%d–%d", s.Stream.First, s.Stream.Last), fmt.Sprint(s.Lag), Size(s.Stream.Bytes), scrubWords(s.Scrub), stateWords(s))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(found) == 0 {
		fmt.Fprintln(std.Out, "\nnothing is wrong")
		return nil
	}
	for _, a := range found {
		word := "note"
		if a.Bad {
			word = "WRONG"
		}
		fmt.Fprintf(std.Out, "\n%s %s: %s\n", word, cli.Clean(a.Where), cli.Clean(a.What))
		for _, line := range a.Type {
			fmt.Fprintf(std.Out, "    %s\n", cli.Clean(line))
		}
	}
	return nil
}

// Size words a number of bytes.
func Size(n uint64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	x := float64(n)
	for len(units) > 1 && x >= 999.5 { // which three digits would round to 1000
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
		return "its views are paused"
	case s.Rebuilding:
		return fmt.Sprintf("rebuilding its views: %.0f %%", 100*s.Progress)
	case s.Fetching:
		return fmt.Sprintf("fetching the views of another replica: %.0f %%", 100*s.Progress)
	case s.Stalled > stallShown:
		return "its views are not advancing"
	case s.Quarantined > 0:
		return fmt.Sprintf("%d events set aside", s.Quarantined)
	}
	return "good"
}
