// Package operate has the verbs for operators.
package operate

import (
	"context"
	"fmt"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/cli"
)

// Version prints the version of the program.
func Version(version, revision string) cli.Verb {
	return cli.Verb{
		Name: "version", Short: "print the version of this program", Example: "summit version\nsummit version --json",
		Setup: func(f *cli.Flags) cli.Run {
			var asJSON bool
			f.JSON(&asJSON)
			return func(_ context.Context, std cli.Streams, _ []string) error {
				if asJSON {
					return cli.PrintJSON(std.Out, map[string]string{"version": version, "revision": revision})
				}
				fmt.Fprintln(std.Out, "summit", strings.TrimSpace(version+" "+revision))
				return nil
			}
		},
	}
}
