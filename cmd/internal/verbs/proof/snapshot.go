package proof

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/keys"
	"github.com/summit-timeline/summit/cmd/internal/server"
	"github.com/summit-timeline/summit/cmd/internal/verbs/operate"
	"github.com/summit-timeline/summit/store/durable"
	"github.com/summit-timeline/summit/store/snapshot"
)

// Snapshot downloads the views of a summit.
func Snapshot() cli.Verb {
	return cli.Verb{
		Name: "snapshot", Args: "ID", Short: "copy the views of a running server, for another server to start from",
		Example:  "summit snapshot alaska-2025 -o alaska-2025.snapshot --key server.pub\nsummit serve --data NEW --snapshot-from .      (starts from ./ID.snapshot, and reads the rest from the log)",
		Complete: client.ByServer(),
		Setup: func(f *cli.Flags) cli.Run {
			var c client.Client
			var path, key string
			var asJSON bool
			f.StringVarP(&path, "output", "o", "", "`FILE` to write (default ID"+server.SnapshotEnding+")")
			f.StringVar(&key, "key", "", "verifier `KEY` that must have signed it, or a file that holds it (default: the key that the server names)")
			f.JSON(&asJSON)
			c.Flags(f)
			return func(ctx context.Context, std cli.Streams, args []string) error {
				return takeSnapshot(ctx, std, &c, args[0], cmp.Or(path, args[0]+server.SnapshotEnding), key, asJSON)
			}
		},
	}
}

// takeSnapshot downloads a snapshot into a file, which has its name only once it
// has been verified and is on the disk.
func takeSnapshot(ctx context.Context, std cli.Streams, c *client.Client, id, path, given string, asJSON bool) error {
	key, err := keys.OrFile("key", given)
	if err != nil {
		return err
	}
	if key == "" {
		named, err := c.Call(ctx, http.MethodGet, "/v1/key", "", nil)
		if err != nil {
			return err
		}
		key = strings.TrimSpace(string(named))
	}
	var said snapshot.Statement
	err = durable.Replace(path, 0o600, func(f *os.File) error {
		if _, err := c.Download(ctx, std.Err, client.Path(id, "/snapshot"), f); err != nil {
			return err
		}
		if said, err = readSnapshot(f, key, id); err != nil {
			return fmt.Errorf("the snapshot that the server sent cannot be used: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if asJSON {
		return cli.PrintJSON(std.Out, map[string]any{"file": path, "summit": id, "position": said.Position, "root": said.Root, "bytes": said.Bytes, "key": key})
	}
	fmt.Fprintf(std.Out, "%s: the views of %s at %s, root %s, %s\nsigned by %s", path, id, said.Position, said.Root, operate.Size(uint64(said.Bytes)), cli.Clean(key))
	if given == "" {
		fmt.Fprint(std.Out, ", according to the server: compare it with the published key, or give that with --key")
	}
	fmt.Fprintln(std.Out)
	return nil
}

// readSnapshot verifies a snapshot without keeping what is in it.
func readSnapshot(f *os.File, key, id string) (snapshot.Statement, error) {
	verifier, err := keys.LogVerifier(key, id)
	if err != nil {
		return snapshot.Statement{}, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return snapshot.Statement{}, err
	}
	return snapshot.Read(f, verifier, io.Discard, nil)
}
