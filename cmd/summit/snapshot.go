package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/summit-timeline/summit/store/durable"
	"github.com/summit-timeline/summit/store/snapshot"
)

// endingSnapshot is that of the files that serve --snapshot-from looks for.
const endingSnapshot = ".snapshot"

var snapshotVerb = verb{
	name: "snapshot", args: "ID", short: "a copy of the views while they serve, for a server to begin from",
	example: "  summit snapshot alaska-2025 -o alaska-2025.snapshot --key server.pub\n  summit serve --data NEW --snapshot-from .      (begins from ./ID.snapshot, and folds the rest)",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var c client
		c.flags(fs)
		out := fs.String("o", "", "the file to write; ID.snapshot where not given")
		key := fs.String("key", "", "verifier key that must have signed it, or a file that holds it; the key that the server names where not given")
		return func(ctx context.Context, std streams, args []string) error {
			path := *out
			if path == "" {
				path = args[0] + endingSnapshot
			}
			return takeSnapshot(ctx, std, &c, args[0], path, *key)
		}
	},
}

// takeSnapshot downloads a snapshot into a file, which has its name only once it
// has been verified and is on the disk.
func takeSnapshot(ctx context.Context, std streams, c *client, id, path, given string) error {
	key, err := keyOrFile(given)
	if err != nil {
		return err
	}
	if key == "" {
		named, err := c.call(ctx, http.MethodGet, "/v1/key", "", nil)
		if err != nil {
			return err
		}
		key = strings.TrimSpace(string(named))
	}
	var said snapshot.Statement
	err = durable.Replace(path, 0o600, func(f *os.File) error {
		if _, err := c.download(ctx, std, summitPath(id, "/snapshot"), f); err != nil {
			return err
		}
		if said, err = readSnapshot(f, key, id); err != nil {
			return fmt.Errorf("what the server sent is not to be used: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s: the views of %s at %s, root %s, %s\nsigned by %s", path, id, said.Position, said.Root, size(uint64(said.Bytes)), clean(key))
	if given == "" {
		fmt.Fprint(std.out, ", as the server says: compare it with the key that was published, or give it with --key")
	}
	fmt.Fprintln(std.out)
	return nil
}

// readSnapshot verifies a snapshot without keeping what is in it.
func readSnapshot(f *os.File, key, id string) (snapshot.Statement, error) {
	verifier, err := logVerifier(key, id)
	if err != nil {
		return snapshot.Statement{}, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return snapshot.Statement{}, err
	}
	return snapshot.Read(f, verifier, io.Discard, nil)
}
