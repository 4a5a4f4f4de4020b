package proof

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/keys"
	"github.com/summit-timeline/summit/store/archive"
)

// verifyOptions are the flags of verify.
type verifyOptions struct {
	key, since   string
	asJSON       bool
	bytesOnly    bool
	withoutViews bool
}

// Verify verifies an archive offline.
func Verify() cli.Verb {
	return cli.Verb{
		Name: "verify", Args: "FILE", Short: "verify an archive offline: bytes, tree, signatures, events and views",
		Example: "summit verify alaska-2025.summit\nsummit verify alaska-2025.summit --key summit.example.org+1f2e3d4c+AU…\n" +
			"curl -s http://127.0.0.1:8080/v1/summits/alaska-2025/checkpoint > kept\nsummit verify alaska-2025.summit --since kept",
		Setup: func(fs *cli.Flags) cli.Run {
			var f verifyOptions
			fs.StringVar(&f.key, "key", "", "verifier `KEY` of the server or the log, or a file that holds it; without one, verify proves that the archive is intact, not who made it")
			fs.StringVar(&f.since, "since", "", "`FILE` of a saved checkpoint: the log must have grown from it")
			fs.BoolVar(&f.bytesOnly, "bytes-only", false, "check bytes, tree and signatures only: do not read events, do not build views")
			fs.BoolVar(&f.withoutViews, "without-views", false, "do not rebuild the views to compare their digests, which takes longest")
			fs.BoolVar(&f.asJSON, "json", false, "print the report as JSON")
			return func(ctx context.Context, std cli.Streams, args []string) error { return verify(ctx, std, args[0], f) }
		},
	}
}

// Verdict is the report of an archive.
type Verdict struct {
	archive.Report
	Good  bool           `json:"good"`
	Views string         `json:"views"` // same, other, not compared
	Why   string         `json:"views_why,omitempty"`
	Fault *archive.Fault `json:"fault,omitempty"`
}

func verify(ctx context.Context, std cli.Streams, path string, f verifyOptions) error {
	file, a, err := OpenArchive(path)
	if file != nil {
		defer file.Close()
	}
	var v Verdict
	if err == nil {
		v, err = f.check(ctx, std, a)
	}
	var exit *cli.ExitError
	if errors.As(err, &exit) || ctx.Err() != nil {
		return err
	}
	v.Good = err == nil
	if !errors.As(err, &v.Fault) && err != nil {
		v.Fault = &archive.Fault{Reason: err.Error()}
	}
	if f.asJSON {
		b, encErr := json.MarshalIndent(v, "", "  ")
		if encErr != nil {
			return encErr
		}
		fmt.Fprintf(std.Out, "%s\n", b)
	} else if err == nil {
		v.print(std)
	}
	if err != nil {
		return fmt.Errorf("%s is bad: %w", path, err)
	}
	return nil
}

// OpenArchive opens an archive. The caller closes the file, if there is one.
func OpenArchive(path string) (*os.File, *archive.Archive, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, cli.Usage("%v", err)
	}
	info, err := file.Stat()
	if err != nil {
		return file, nil, err
	}
	a, err := archive.Open(file, info.Size())
	return file, a, err
}

func (f verifyOptions) check(ctx context.Context, std cli.Streams, a *archive.Archive) (Verdict, error) {
	o, err := f.options(std)
	if err != nil {
		return Verdict{}, err
	}
	report, err := a.Verify(ctx, o)
	v := Verdict{Report: report, Views: viewsNotCompared, Why: "it was asked to leave them out"}
	if err != nil || f.bytesOnly || f.withoutViews {
		return v, err
	}
	v.Views, v.Why, err = compareViews(ctx, std, a)
	return v, err
}

func (f verifyOptions) options(std cli.Streams) (archive.Options, error) {
	o := archive.Options{BytesOnly: f.bytesOnly, Progress: progressOf(std, "verified")}
	var err error
	if o.Key, err = keys.OrFile("key", f.key); err != nil || f.since == "" {
		return o, err
	}
	if o.Since, err = os.ReadFile(f.since); err != nil {
		return o, cli.Usage("--since: %v", err)
	}
	return o, nil
}

// progressOf prints once a second how many events are done.
func progressOf(std cli.Streams, word string) func(done, total int64) {
	begun := time.Now()
	told := begun
	return func(done, total int64) {
		now := time.Now()
		if now.Sub(told) < time.Second && (done < total || told.Equal(begun)) {
			return
		}
		told = now
		end := ""
		if done == total {
			end = "\n"
		}
		fmt.Fprintf(std.Err, "\r%s %d of %d events%s", word, done, total, end)
	}
}

func (v Verdict) print(std cli.Streams) {
	fmt.Fprintf(std.Out, "good: %s, %d events, to %s\n", v.Summit, v.Size, v.Position)
	fmt.Fprintf(std.Out, "root       %s, computed from the bytes, by two programs\n", v.Root)
	if v.KeyGiven {
		fmt.Fprintf(std.Out, "signed by  %s, the key that was given\n", cli.Clean(v.Key))
	} else {
		fmt.Fprintf(std.Out, "signed by  %s, as the archive says: compare it with the key that was published, or give it with --key\n", cli.Clean(v.Key))
	}
	if v.Since > 0 {
		fmt.Fprintf(std.Out, "since      it grew out of the checkpoint of %d events that was kept\n", v.Since)
	} else {
		fmt.Fprintln(std.Out, "since      no kept checkpoint was given: a history that its own operator wrote anew would look the same")
	}
	fmt.Fprintf(std.Out, "made by    summit %s, revision %s\n", cli.Clean(v.Software), cli.Clean(v.Revision))
	fmt.Fprintf(std.Out, "views      %s", v.Views)
	if v.Why != "" {
		fmt.Fprintf(std.Out, ": %s", v.Why)
	}
	fmt.Fprintln(std.Out)
	if v.EventsRead {
		fmt.Fprintf(std.Out, "unreadable %d events, as they were when they were recorded\n", v.Count)
	}
	for _, u := range v.Unreadable {
		fmt.Fprintf(std.Out, "           %d: %s\n", u.Seq, cli.Clean(u.Reason))
	}
}
