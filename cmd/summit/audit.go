package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/audit"
	"github.com/summit-timeline/summit/store/durable"
	"github.com/summit-timeline/summit/store/merkle"
)

// auditFlags are what audit is told.
type auditFlags struct {
	query
	since, save, key string
}

var auditVerb = verb{
	name: "audit", args: "ID", short: "read the whole log again, make the views anew and compare",
	example: "  summit audit alaska-2025 --save alaska.checkpoint\n  summit audit alaska-2025 --since alaska.checkpoint --save alaska.checkpoint --key server.pub",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var f auditFlags
		f.flags(fs)
		fs.StringVar(&f.since, "since", "", "file with a checkpoint that was kept: proves that the log only grew since")
		fs.StringVar(&f.save, "save", "", "file to keep the current checkpoint in, if the audit finds nothing wrong")
		fs.StringVar(&f.key, "key", "", "verifier key of the server or the log, or a file with it (GET /v1/key): verifies the signatures of checkpoints")
		return func(ctx context.Context, std streams, args []string) error { return f.audit(ctx, std, args[0]) }
	},
}

// errUnsound ends an audit that found something; what it is has been printed.
var errUnsound = errors.New("the audit found something wrong")

func (f *auditFlags) audit(ctx context.Context, std streams, summit string) error {
	o, err := f.options(std, summit)
	if err != nil {
		return err
	}
	if o.Scratch, err = os.MkdirTemp("", "summit-audit-"); err != nil {
		return fmt.Errorf("make room for the scratch views: %w", err)
	}
	report, err := audit.Run(ctx, &auditServer{client: &f.client, summit: summit}, o)
	if report != nil && report.Events >= audit.ProgressEvery {
		fmt.Fprintln(std.err)
	}
	if err = errors.Join(err, os.RemoveAll(o.Scratch)); err != nil {
		return err
	}
	if f.asJSON {
		b, err := json.MarshalIndent(report, "", " ")
		if err != nil {
			return fmt.Errorf("encode the report: %w", err)
		}
		fmt.Fprintf(std.out, "%s\n", b)
	} else if err := f.print(ctx, std, report); err != nil {
		return err
	}
	if !report.Sound {
		return &codeError{exitBad, errUnsound}
	}
	return f.keep(std, report)
}

func (f *auditFlags) options(std streams, summit string) (o audit.Options, err error) {
	o = audit.Options{Summit: summit, Clock: time.Now, Progress: func(done, of uint64) {
		fmt.Fprintf(std.err, "\r%d of %d events read", done, of)
	}}
	if f.since != "" {
		if o.Since, err = os.ReadFile(f.since); err != nil {
			return o, usage("--since: %v", err)
		}
	}
	if f.key == "" {
		return o, nil
	}
	o.Key = f.key
	if b, err := os.ReadFile(f.key); err == nil {
		o.Key = strings.TrimSpace(string(b))
	}
	if _, err = merkle.ParseVerifier(o.Key); err != nil {
		return o, usage("--key: %v", err)
	}
	return o, nil
}

// keep saves the checkpoint; it is on the disk when keep returns.
func (f *auditFlags) keep(std streams, r *audit.Report) error {
	if f.save == "" {
		return nil
	}
	if r.Checkpoint == nil {
		return errors.New("--save: the server signs no checkpoint that could be kept")
	}
	if err := durable.WriteFile(f.save, r.Checkpoint.Text, 0o644); err != nil {
		return fmt.Errorf("--save: %w", err)
	}
	fmt.Fprintf(std.err, "kept the checkpoint of %d events in %s\n", r.Checkpoint.Size, f.save)
	return nil
}
