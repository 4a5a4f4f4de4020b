package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/nats-io/nats.go"

	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/archive"
	"github.com/summit-timeline/summit/store/durable"
	"github.com/summit-timeline/summit/store/embedded"
	"github.com/summit-timeline/summit/store/merkle"
)

// restoreFlags are what restore is told.
type restoreFlags struct {
	data, key, since string
	broker           brokerFlags
	more             bool
}

var restoreVerb = verb{
	name: "restore", args: "FILE", short: "a log from an archive, byte for byte; what is there is never written over",
	example: "  summit restore alaska-2025.summit --data summit-data\n  summit restore alaska-2025.summit --nats nats://127.0.0.1:4222 --nats-nkey replicas.nk --replicas 3",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		f := restoreFlags{broker: brokerFlags{durability: always}}
		fs.StringVar(&f.data, "data", "summit-data", "folder of a server that is not running")
		fs.StringVar(&f.broker.url, "nats", "", "JetStream to restore into instead; several URLs by comma")
		f.broker.credentials(fs)
		fs.IntVar(&f.broker.replicas, "replicas", 1, "replicas of the stream, with --nats")
		fs.StringVar(&f.key, "key", "", "verifier key that must have signed the archive, or a file that holds it")
		fs.StringVar(&f.since, "since", "", "file of a checkpoint that was kept: the log must have grown out of it")
		fs.BoolVar(&f.more, "continue", false, "go on with a log that holds the first events of the archive and no others")
		return func(ctx context.Context, std streams, args []string) error { return restore(ctx, std, args[0], f) }
	},
}

// restoreGC is how much garbage may lie about, in percent of what is in use.
const restoreGC = 25

// restore verifies the archive, appends what it holds, and reads it back.
func restore(ctx context.Context, std streams, path string, f restoreFlags) error {
	if err := f.broker.check(); err != nil {
		return err
	}
	file, a, err := openArchive(path)
	if file != nil {
		defer file.Close()
	}
	if err != nil {
		return fmt.Errorf("%s is bad: %w", path, err)
	}
	o, err := verifyFlags{key: f.key, since: f.since}.options(std)
	if err != nil {
		return err
	}
	report, err := a.Verify(ctx, o)
	if err != nil {
		return fmt.Errorf("%s is bad, nothing was restored: %w", path, err)
	}
	// The broker keeps every entity in memory: what is garbage is to be small
	// beside it.
	defer debug.SetGCPercent(debug.SetGCPercent(restoreGC))
	added, err := f.into(ctx, std, a)
	if ctx.Err() != nil {
		return fmt.Errorf("it was stopped after %d events; to go on: --continue", added)
	}
	if errors.Is(err, store.ErrExists) && !f.more {
		err = fmt.Errorf("%w; to go on with a log that was restored in part: --continue", err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s is restored to %s, root %s: %d events were added\n", a.Summit, report.Position, report.Root, added)
	return nil
}

// into appends to the JetStream that was named, or to the folder's own.
func (f restoreFlags) into(ctx context.Context, std streams, a *archive.Archive) (uint64, error) {
	logger := slog.New(slog.NewTextHandler(std.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if f.broker.url != "" {
		opts, err := f.broker.options(logger)
		if err != nil {
			return 0, err
		}
		c := &cluster{f: f.broker, opts: opts}
		if err := c.join(ctx); err != nil {
			return 0, &codeError{exitReach, fmt.Errorf("restore: %w", err)}
		}
		defer c.watch.Close()
		return f.onto(ctx, std, a, store.Options{Replicas: f.broker.replicas}, func(name string) (*nats.Conn, error) { return c.Connect(name) })
	}
	broker, err := embedded.Start(embedded.Options{Dir: filepath.Join(f.data, "nats"), Secret: rand.Text(), Logger: logger})
	if err != nil {
		return 0, err
	}
	added, err := f.onto(ctx, std, a, store.Options{}, func(name string) (*nats.Conn, error) { return broker.Connect(name) })
	if err == nil {
		err = setAside(f.data, a.Summit)
	}
	return added, errors.Join(err, broker.Shutdown())
}

func (f restoreFlags) onto(ctx context.Context, std streams, a *archive.Archive, o store.Options, connect func(name string) (*nats.Conn, error)) (uint64, error) {
	write, err := connect("append")
	if err != nil {
		return 0, &codeError{exitReach, fmt.Errorf("restore: %w", err)}
	}
	defer write.Close()
	read, err := connect("read")
	if err != nil {
		return 0, &codeError{exitReach, fmt.Errorf("restore: %w", err)}
	}
	defer read.Close()
	logs, err := store.Open(store.Conns{Append: write, Read: read}, o)
	if err != nil {
		return 0, err
	}
	tell := progressOf(std, "restored")
	added, err := logs.Restore(ctx, a.Summit, a.Stored(ctx), f.more, func(seq uint64) { tell(int64(seq), a.Checkpoint.Size) })
	if err != nil {
		return added, err
	}
	return added, readBack(ctx, logs, a)
}

// readBack computes the root of what is now stored.
func readBack(ctx context.Context, logs *store.Logs, a *archive.Archive) error {
	log, err := logs.Open(ctx, a.Summit)
	if err != nil {
		return err
	}
	acc := merkle.NewAccumulator()
	for rec, err := range log.ReadBytes(ctx, 1, 0) {
		if err == nil {
			err = acc.AppendEntry(rec.Raw)
		}
		if err != nil {
			return fmt.Errorf("read back what was restored: %w", err)
		}
	}
	root, err := acc.Root()
	if err != nil {
		return err
	}
	if root != a.Checkpoint.Root || acc.Size() != a.Checkpoint.Size {
		return fmt.Errorf("what was stored comes to %d events with the root %s, not to %d with %s", acc.Size(), root, a.Checkpoint.Size, a.Checkpoint.Root)
	}
	return nil
}

// setAside keeps the views of the log that was there before under another
// name: they are folded anew from the restored log, and show what was seen.
func setAside(data, summit string) error {
	path := filepath.Join(data, "views", summit+".db")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for n := 1; ; n++ {
		aside := fmt.Sprintf("%s.before-restore-%d", path, n)
		if _, err := os.Stat(aside); errors.Is(err, os.ErrNotExist) {
			return durable.Rename(path, aside)
		}
	}
}
