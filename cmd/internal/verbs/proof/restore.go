package proof

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/summit-timeline/summit/cmd/internal/broker"
	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/verbs/operate"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/archive"
	"github.com/summit-timeline/summit/store/durable"
	"github.com/summit-timeline/summit/store/embedded"
	"github.com/summit-timeline/summit/store/merkle"
)

// restoreOptions are the flags of restore.
type restoreOptions struct {
	data, key, since string
	cluster          broker.ClusterOptions
	more, asJSON     bool
}

// Restore restores a log from an archive.
func Restore() cli.Verb {
	return cli.Verb{
		Name: "restore", Args: "FILE", Short: "restore a log from an archive, byte for byte; nothing is ever overwritten",
		Example: "summit restore alaska-2025.summit --data summit-data\nsummit restore alaska-2025.summit --nats nats://127.0.0.1:4222 --nats-nkey replicas.nk --replicas 3",
		Setup: func(fs *cli.Flags) cli.Run {
			f := restoreOptions{cluster: broker.ClusterOptions{Durability: broker.Always}}
			fs.StringVar(&f.data, "data", "summit-data", "`DIR` of a server that is not running")
			fs.StringVar(&f.key, "key", "", "verifier `KEY` that must have signed the archive, or a file that holds it")
			fs.StringVar(&f.since, "since", "", "`FILE` of a saved checkpoint: the log must have grown from it")
			fs.BoolVar(&f.more, "continue", false, "resume with a log that holds only the first events of the archive")
			fs.JSON(&f.asJSON)
			fs.Section("Restoring into a cluster")
			fs.StringVar(&f.cluster.URL, "nats", "", "`URL` of the JetStream cluster to restore into, several separated by commas")
			operate.ClusterFlags(fs, &f.cluster)
			fs.IntVar(&f.cluster.Replicas, "replicas", 1, "`NUMBER` of cluster members that keep the log")
			return func(ctx context.Context, std cli.Streams, args []string) error { return restore(ctx, std, args[0], f) }
		},
	}
}

// restoreGC is how much garbage may lie about, in percent of what is in use.
const restoreGC = 25

// restore verifies the archive, appends what it holds, and reads it back.
func restore(ctx context.Context, std cli.Streams, path string, f restoreOptions) error {
	if err := f.cluster.Check(); err != nil {
		return err
	}
	file, a, err := OpenArchive(path)
	if file != nil {
		defer file.Close()
	}
	if err != nil {
		return fmt.Errorf("%s is bad: %w", path, err)
	}
	o, err := verifyOptions{key: f.key, since: f.since}.options(std)
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
		return fmt.Errorf("stopped after %d events; use --continue to resume", added)
	}
	if errors.Is(err, store.ErrExists) && !f.more {
		err = fmt.Errorf("%w; use --continue to resume a partial restore", err)
	}
	if err != nil {
		return err
	}
	if f.asJSON {
		return cli.PrintJSON(std.Out, map[string]any{"summit": a.Summit, "position": report.Position, "root": report.Root, "added": added})
	}
	fmt.Fprintf(std.Out, "%s is restored to %s, root %s: %d events were added\n", a.Summit, report.Position, report.Root, added)
	return nil
}

// into appends to the JetStream that was named, or to the folder's own.
func (f restoreOptions) into(ctx context.Context, std cli.Streams, a *archive.Archive) (uint64, error) {
	logger := slog.New(slog.NewTextHandler(std.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if f.cluster.URL != "" {
		c, err := broker.Join(ctx, f.cluster, logger)
		if err != nil {
			return 0, cli.Exit(cli.Unreachable, fmt.Errorf("restore: %w", err))
		}
		defer c.Leave()
		return f.onto(ctx, std, a, store.Options{Replicas: f.cluster.Replicas}, func(name string) (*nats.Conn, error) { return c.Connect(name) })
	}
	inside, err := embedded.Start(embedded.Options{Dir: filepath.Join(f.data, "nats"), Secret: rand.Text(), Logger: logger, Forced: true})
	if err != nil {
		return 0, err
	}
	o := store.Options{Clock: time.Now}
	if inside.Forces() {
		o.Force, o.Note = inside.Force, inside.Note
	}
	added, err := f.onto(ctx, std, a, o, func(name string) (*nats.Conn, error) { return inside.Connect(name) })
	if err == nil {
		err = setAside(f.data, a.Summit)
	}
	return added, errors.Join(err, inside.Shutdown())
}

func (f restoreOptions) onto(ctx context.Context, std cli.Streams, a *archive.Archive, o store.Options, connect func(name string) (*nats.Conn, error)) (uint64, error) {
	write, err := connect("append")
	if err != nil {
		return 0, cli.Exit(cli.Unreachable, fmt.Errorf("restore: %w", err))
	}
	defer write.Close()
	read, err := connect("read")
	if err != nil {
		return 0, cli.Exit(cli.Unreachable, fmt.Errorf("restore: %w", err))
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
		return fmt.Errorf("the restored log has %d events and the root %s, not %d and %s", acc.Size(), root, a.Checkpoint.Size, a.Checkpoint.Root)
	}
	return nil
}

// setAside keeps the views of the log that was there before under another
// name: they are folded again from the restored log, and show what was seen.
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
