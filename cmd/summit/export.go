package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/summit-timeline/summit/store/archive"
	"github.com/summit-timeline/summit/store/durable"
)

var exportVerb = verb{
	name: "export", args: "ID", short: "the whole log in one file that can be verified offline",
	example: "  summit export alaska-2025 -o alaska-2025.summit",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var c client
		c.flags(fs)
		out := fs.String("o", "", "the file to write; ID.summit where not given")
		return func(ctx context.Context, std streams, args []string) error {
			path := *out
			if path == "" {
				path = args[0] + ".summit"
			}
			a, err := export(ctx, std, &c, args[0], path)
			if err != nil {
				return err
			}
			fmt.Fprintf(std.out, "%s: %d events, root %s\nsigned by %s\n", path, a.Checkpoint.Size, a.Checkpoint.Root, a.Key)
			return nil
		}
	},
}

// export downloads an archive into a file, which has its name only once it is
// whole and on the disk.
func export(ctx context.Context, std streams, c *client, id, path string) (a *archive.Archive, err error) {
	err = durable.Replace(path, 0o600, func(f *os.File) error {
		size, err := c.download(ctx, std, summitPath(id, "/archive"), f)
		if err != nil {
			return err
		}
		if a, err = archive.Open(f, size); err != nil {
			return fmt.Errorf("the server sent an archive that is not whole: %w", err)
		}
		return nil
	})
	return a, err
}

// download streams an answer into a file, and tells how far it is.
func (c *client) download(ctx context.Context, std streams, path string, into io.Writer) (int64, error) {
	res, err := c.open(ctx, path, nil)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	p := &progress{w: std.err, every: time.Second}
	n, err := io.Copy(into, io.TeeReader(res.Body, p))
	p.end()
	if err != nil && ctx.Err() == nil {
		err = &codeError{exitReach, fmt.Errorf("the server broke off after %d bytes: %w", n, err)}
	}
	return n, err
}

// progress tells a person how many bytes have come, now and then.
type progress struct {
	w     io.Writer
	every time.Duration
	bytes int64
	told  time.Time
}

func (p *progress) Write(b []byte) (int, error) {
	p.bytes += int64(len(b))
	if now := time.Now(); now.Sub(p.told) >= p.every {
		if !p.told.IsZero() {
			fmt.Fprintf(p.w, "\r%d MB", p.bytes>>20)
		}
		p.told = now
	}
	return len(b), nil
}

func (p *progress) end() {
	if p.bytes >= 1<<20 {
		fmt.Fprintf(p.w, "\r%d MB\n", p.bytes>>20)
	}
}
