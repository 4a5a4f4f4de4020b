package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"time"
)

// AuditOptions define what to measure of audits.
type AuditOptions struct {
	Programs
	Events int
	Said   io.Writer
}

// Audit measures an audit, an archive, its verification and its restoring, each
// as it is run by hand, and the memory each of them takes. The ceiling is
// reading the log over HTTP.
func Audit(ctx context.Context, o AuditOptions) (Report, error) {
	b := &auditBench{ctx: ctx, AuditOptions: o, report: Report{Name: "audit"}}
	err := inFolder(func(dir string) error {
		b.dir = dir
		fmt.Fprintf(o.Said, "making a log of %d events\n", o.Events)
		if err := b.fill(); err != nil {
			return err
		}
		return b.served(b.verbs)
	})
	return b.report, err
}

type auditBench struct {
	AuditOptions
	ctx     context.Context
	dir     string
	server  string  // where it is served
	ceiling float64 // the log, read over HTTP
	report  Report
}

func (b *auditBench) data() string { return filepath.Join(b.dir, "data") }

// fill makes the log of a long story, as restoring one does.
func (b *auditBench) fill() error {
	logs, stop, err := broker(b.data())
	if err != nil {
		return err
	}
	defer stop()
	_, err = logs.Restore(b.ctx, "bench", told("bench", b.Events), false, func(uint64) {})
	if b.Events >= remembersMany {
		fmt.Fprintln(b.Said, "waiting until the broker need not remember its ids")
		time.Sleep(remembered)
	}
	return err
}

// A broker remembers the ids of half a minute, and reads them again when it is
// started: of a log that has just been made those are all, which are to be no
// figure of memory.
const remembered, remembersMany = 31 * time.Second, 100_000

// served folds the log with a server, and runs fn while it serves.
func (b *auditBench) served(fn func() error) error {
	fmt.Fprintln(b.Said, "folding it")
	server, base, err := b.serveIn(b.ctx, b.data())
	if err != nil {
		return err
	}
	defer server.stop()
	watched := watch(server.cmd.Process.Pid)
	b.server = base
	p := &publisher{ctx: b.ctx, url: base + "/v1/summits/bench"}
	if err := p.reaches(b.Events); err != nil {
		return err
	}
	read, err := timed(b.Events, func() error { return p.download("/log") })
	if err != nil {
		return err
	}
	b.ceiling = read
	b.report.add(Row{What: "the log, read over HTTP", Value: read, Unit: "events/s"})
	if err := fn(); err != nil {
		return err
	}
	b.report.add(watched().rows("serve, folding it and serving all that")...)
	return nil
}

// verbs runs what an auditor runs.
func (b *auditBench) verbs() error {
	file := filepath.Join(b.dir, "bench.summit")
	for _, v := range []struct {
		what string
		args []string
	}{
		{"audit", []string{"audit", "bench", "--server", b.server}},
		{"export", []string{"export", "bench", "-o", file, "--server", b.server}},
		{"verify, the bytes alone", []string{"verify", file, "--bytes-only"}},
		{"verify, events read and views folded", []string{"verify", file}},
		{"restore", []string{"restore", file, "--data", filepath.Join(b.dir, "restored")}},
	} {
		fmt.Fprintln(b.Said, v.what)
		var most memory
		got, err := timed(b.Events, func() (err error) {
			most, err = b.verb(b.ctx, v.args...)
			return err
		})
		if err != nil {
			return err
		}
		b.report.add(Row{What: v.what, Value: got, Unit: "events/s", Ceiling: b.ceiling, Note: "beside reading the log"})
		b.report.add(most.rows(v.what)...)
	}
	return nil
}

// verb runs a verb of the program, and returns the memory that it took.
func (p Programs) verb(ctx context.Context, args ...string) (memory, error) {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, p.Summit, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		return memory{}, fmt.Errorf("%s: %w", args[0], err)
	}
	watched := watch(cmd.Process.Pid)
	err := cmd.Wait()
	most := watched()
	if err != nil {
		return most, fmt.Errorf("%s: %w: %s", args[0], err, &out)
	}
	return most, nil
}

// download reads an answer to its end.
func (p *publisher) download(path string) error {
	r, err := http.NewRequestWithContext(p.ctx, http.MethodGet, p.url+path, http.NoBody)
	if err != nil {
		return fmt.Errorf("download %s: %w", path, err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("download %s: %w", path, err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return fmt.Errorf("download %s: %w", path, err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("download %s: status %d", path, res.StatusCode)
	}
	return nil
}
