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

	"github.com/summit-timeline/summit/store/archive"
)

// verifyFlags are what verify is told.
type verifyFlags struct {
	key, since   string
	asJSON       bool
	bytesOnly    bool
	withoutViews bool
}

var verifyVerb = verb{
	name: "verify", args: "FILE", short: "verify an archive offline: bytes, tree, signatures, events and views",
	example: "  summit verify alaska-2025.summit\n  summit verify alaska-2025.summit --key summit.example.org+1f2e3d4c+AU…\n" +
		"  curl -s http://127.0.0.1:8080/v1/summits/alaska-2025/checkpoint > kept\n  summit verify alaska-2025.summit --since kept",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var f verifyFlags
		fs.StringVar(&f.key, "key", "", "verifier key of the server or the log, or a file that holds it (GET /v1/key); without it only that the archive is whole is proven, not whose it is")
		fs.StringVar(&f.since, "since", "", "file of a checkpoint that was kept: the log must have grown out of it")
		fs.BoolVar(&f.asJSON, "json", false, "the report as JSON")
		fs.BoolVar(&f.bytesOnly, "bytes-only", false, "bytes, tree and signatures alone: neither events nor views are read")
		fs.BoolVar(&f.withoutViews, "without-views", false, "do not fold the views again to compare their digests, which takes longest")
		return func(ctx context.Context, std streams, args []string) error { return verify(ctx, std, args[0], f) }
	},
}

// verdict is the report of an archive.
type verdict struct {
	archive.Report
	Good  bool           `json:"good"`
	Views string         `json:"views"` // same, other, not compared
	Why   string         `json:"views_why,omitempty"`
	Fault *archive.Fault `json:"fault,omitempty"`
}

func verify(ctx context.Context, std streams, path string, f verifyFlags) error {
	file, a, err := openArchive(path)
	if file != nil {
		defer file.Close()
	}
	var v verdict
	if err == nil {
		v, err = f.check(ctx, std, a)
	}
	var usage *codeError
	if errors.As(err, &usage) || ctx.Err() != nil {
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
		fmt.Fprintf(std.out, "%s\n", b)
	} else if err == nil {
		v.print(std)
	}
	if err != nil {
		return fmt.Errorf("%s is bad: %w", path, err)
	}
	return nil
}

func openArchive(path string) (*os.File, *archive.Archive, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, usage("%v", err)
	}
	info, err := file.Stat()
	if err != nil {
		return file, nil, err
	}
	a, err := archive.Open(file, info.Size())
	return file, a, err
}

func (f verifyFlags) check(ctx context.Context, std streams, a *archive.Archive) (verdict, error) {
	o, err := f.options(std)
	if err != nil {
		return verdict{}, err
	}
	report, err := a.Verify(ctx, o)
	v := verdict{Report: report, Views: viewsNotCompared, Why: "it was asked to leave them out"}
	if err != nil || f.bytesOnly || f.withoutViews {
		return v, err
	}
	v.Views, v.Why, err = compareViews(ctx, std, a)
	return v, err
}

func (f verifyFlags) options(std streams) (archive.Options, error) {
	o := archive.Options{BytesOnly: f.bytesOnly, Progress: progressOf(std, "verified")}
	var err error
	if o.Key, err = keyOrFile(f.key); err != nil || f.since == "" {
		return o, err
	}
	if o.Since, err = os.ReadFile(f.since); err != nil {
		return o, usage("--since: %v", err)
	}
	return o, nil
}

// keyOrFile reads a verifier key, or the file that holds one.
func keyOrFile(text string) (string, error) {
	if text == "" || strings.Count(text, "+") >= 2 {
		return text, nil
	}
	b, err := os.ReadFile(text)
	if err != nil {
		return "", usage("--key %q is neither a verifier key (name+hash+key) nor a file that holds one: %v", text, err)
	}
	return strings.TrimSpace(string(b)), nil
}

// progressOf tells a person how many events are done, once a second.
func progressOf(std streams, word string) func(done, total int64) {
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
		fmt.Fprintf(std.err, "\r%s %d of %d events%s", word, done, total, end)
	}
}

func (v verdict) print(std streams) {
	fmt.Fprintf(std.out, "good: %s, %d events, to %s\n", v.Summit, v.Size, v.Position)
	fmt.Fprintf(std.out, "root       %s, computed from the bytes, by two programs\n", v.Root)
	if v.KeyGiven {
		fmt.Fprintf(std.out, "signed by  %s, the key that was given\n", clean(v.Key))
	} else {
		fmt.Fprintf(std.out, "signed by  %s, as the archive says: compare it with the key that was published, or give it with --key\n", clean(v.Key))
	}
	if v.Since > 0 {
		fmt.Fprintf(std.out, "since      it grew out of the checkpoint of %d events that was kept\n", v.Since)
	} else {
		fmt.Fprintln(std.out, "since      no kept checkpoint was given: a history that its own operator wrote anew would look the same")
	}
	fmt.Fprintf(std.out, "made by    summit %s, revision %s\n", clean(v.Software), clean(v.Revision))
	fmt.Fprintf(std.out, "views      %s", v.Views)
	if v.Why != "" {
		fmt.Fprintf(std.out, ": %s", v.Why)
	}
	fmt.Fprintln(std.out)
	if v.EventsRead {
		fmt.Fprintf(std.out, "unreadable %d events, as they were when they were recorded\n", v.Count)
	}
	for _, u := range v.Unreadable {
		fmt.Fprintf(std.out, "           %d: %s\n", u.Seq, clean(u.Reason))
	}
}
