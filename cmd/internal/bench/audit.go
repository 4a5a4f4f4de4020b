package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
)

// AuditOptions say what to measure of audits.
type AuditOptions struct {
	Events int
	Said   io.Writer
}

// Audit measures an audit, an archive and its verification, each as an auditor
// runs it. The ceiling is reading the log over HTTP.
func Audit(ctx context.Context, o AuditOptions) (Report, error) {
	report := Report{Name: "audit"}
	err := inFolder(func(dir string) error {
		server, base, err := serveIn(ctx, filepath.Join(dir, "data"))
		if err != nil {
			return err
		}
		defer server.stop()
		fmt.Fprintf(o.Said, "recording %d events\n", o.Events)
		p, err := open(ctx, base, "bench")
		if err != nil {
			return err
		}
		if err := p.many(o.Events); err != nil {
			return err
		}
		if err := p.served(o.Events); err != nil {
			return err
		}
		read, err := timed(o.Events, func() error { return p.download("/log") })
		if err != nil {
			return err
		}
		report.add(Row{What: "the log, read over HTTP", Value: read, Unit: "events/s"})
		file := filepath.Join(dir, "bench.summit")
		for _, v := range []struct {
			what string
			args []string
		}{
			{"audit: the tree and every view made anew", []string{"audit", "bench", "--server", base}},
			{"export", []string{"export", "bench", "-o", file, "--server", base}},
			{"verify, the bytes alone", []string{"verify", file, "--bytes-only"}},
			{"verify, events read and views folded", []string{"verify", file}},
		} {
			fmt.Fprintln(o.Said, v.what)
			got, err := timed(o.Events, func() error { return verb(ctx, v.args...) })
			if err != nil {
				return err
			}
			report.add(Row{What: v.what, Value: got, Unit: "events/s", Ceiling: read, Note: "beside reading the log"})
		}
		return nil
	})
	return report, err
}

// verb runs another verb of the same program.
func verb(ctx context.Context, args ...string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program: %w", err)
	}
	if out, err := exec.CommandContext(ctx, self, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", args[0], err, out)
	}
	return nil
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
	return nil
}
