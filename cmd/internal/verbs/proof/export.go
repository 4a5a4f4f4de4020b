package proof

import (
	"cmp"
	"context"
	"fmt"
	"os"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/store/archive"
	"github.com/summit-timeline/summit/store/durable"
)

// Export downloads an archive.
func Export() cli.Verb {
	return cli.Verb{
		Name: "export", Args: "ID", Short: "write the whole log into one file that can be verified offline",
		Example:  "summit export alaska-2025 -o alaska-2025.summit",
		Complete: client.ByServer(),
		Setup: func(f *cli.Flags) cli.Run {
			var c client.Client
			var path string
			var asJSON bool
			f.StringVarP(&path, "output", "o", "", "`FILE` to write (default ID.summit)")
			f.JSON(&asJSON)
			c.Flags(f)
			return func(ctx context.Context, std cli.Streams, args []string) error {
				path := cmp.Or(path, args[0]+".summit")
				a, err := export(ctx, std, &c, args[0], path)
				if err != nil {
					return err
				}
				if asJSON {
					return cli.PrintJSON(std.Out, map[string]any{"file": path, "summit": a.Summit, "size": a.Checkpoint.Size, "root": a.Checkpoint.Root, "key": a.Key})
				}
				_, err = fmt.Fprintf(std.Out, "%s: %d events, root %s\nsigned by %s\n", path, a.Checkpoint.Size, a.Checkpoint.Root, cli.Clean(a.Key))
				return err
			}
		},
	}
}

// export downloads an archive into a file, which has its name only once it is
// whole and on the disk.
func export(ctx context.Context, std cli.Streams, c *client.Client, id, path string) (a *archive.Archive, err error) {
	err = durable.Replace(path, 0o600, func(f *os.File) error {
		size, err := c.Download(ctx, std.Err, client.Path(id, "/archive"), f)
		if err != nil {
			return err
		}
		if a, err = archive.Open(f, size); err != nil {
			return fmt.Errorf("the server sent an incomplete archive: %w", err)
		}
		return nil
	})
	return a, err
}
