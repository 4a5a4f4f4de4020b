// Package proof has the verbs that prove what a log holds: audit, archives,
// snapshots, witnesses and keys.
package proof

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/audit"
	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/keys"
	"github.com/summit-timeline/summit/store/durable"
	"github.com/summit-timeline/summit/store/merkle"
)

// auditOptions are the flags of audit.
type auditOptions struct {
	client.Client
	zone, since, save, key string
	asJSON                 bool
}

// Audit audits a summit on a running server.
func Audit() cli.Verb {
	return cli.Verb{
		Name: "audit", Args: "ID", Short: "read the whole log, rebuild the views and compare",
		Example:  "summit audit alaska-2025 --save alaska.checkpoint\nsummit audit alaska-2025 --since alaska.checkpoint --save alaska.checkpoint --key server.pub",
		Complete: client.ByServer(),
		Setup: func(fs *cli.Flags) cli.Run {
			var f auditOptions
			fs.StringVar(&f.since, "since", "", "`FILE` of a saved checkpoint: proves that the log has only grown since")
			fs.StringVar(&f.save, "save", "", "`FILE` to save the current checkpoint in, if the audit finds nothing wrong")
			fs.StringVar(&f.key, "key", "", "verifier `KEY` of the server or the log, or a file that holds it: checks the signatures of checkpoints")
			fs.StringVar(&f.zone, "zone", "", "IANA `ZONE` to show times in (default: that of the summit)")
			fs.JSON(&f.asJSON)
			f.Client.Flags(fs)
			return func(ctx context.Context, std cli.Streams, args []string) error { return f.audit(ctx, std, args[0]) }
		},
	}
}

// errUnsound ends an audit that found something; what it is has been printed.
var errUnsound = errors.New("the audit found something wrong")

func (f *auditOptions) audit(ctx context.Context, std cli.Streams, summit string) error {
	o, err := f.options(std, summit)
	if err != nil {
		return err
	}
	if o.Scratch, err = os.MkdirTemp("", "summit-audit-"); err != nil {
		return fmt.Errorf("make room for the scratch views: %w", err)
	}
	report, err := audit.Run(ctx, &auditServer{Client: &f.Client, summit: summit}, o)
	if report != nil && report.Events >= audit.ProgressEvery {
		fmt.Fprintln(std.Err)
	}
	if err = errors.Join(err, os.RemoveAll(o.Scratch)); err != nil {
		return err
	}
	if f.asJSON {
		b, err := json.MarshalIndent(report, "", " ")
		if err != nil {
			return fmt.Errorf("encode the report: %w", err)
		}
		fmt.Fprintf(std.Out, "%s\n", b)
	} else if err := f.print(ctx, std, report); err != nil {
		return err
	}
	if !report.Sound {
		return cli.Exit(cli.Bad, errUnsound)
	}
	return f.keep(std, report)
}

func (f *auditOptions) options(std cli.Streams, summit string) (o audit.Options, err error) {
	o = audit.Options{Summit: summit, Clock: time.Now, Progress: func(done, of uint64) {
		fmt.Fprintf(std.Err, "\r%d of %d events read", done, of)
	}}
	if f.since != "" {
		if o.Since, err = os.ReadFile(f.since); err != nil {
			return o, cli.Usage("--since: %v", err)
		}
	}
	if o.Key, err = keys.OrFile("key", f.key); err != nil || o.Key == "" {
		return o, err
	}
	if _, err = merkle.ParseVerifier(o.Key); err != nil {
		return o, cli.Usage("--key: %v", err)
	}
	return o, nil
}

// keep saves the checkpoint; it is on the disk when keep returns.
func (f *auditOptions) keep(std cli.Streams, r *audit.Report) error {
	if f.save == "" {
		return nil
	}
	if r.Checkpoint == nil {
		return errors.New("--save: the server signs no checkpoint to save")
	}
	if err := durable.WriteFile(f.save, r.Checkpoint.Text, 0o644); err != nil {
		return fmt.Errorf("--save: %w", err)
	}
	fmt.Fprintf(std.Err, "kept the checkpoint of %d events in %s\n", r.Checkpoint.Size, f.save)
	return nil
}
