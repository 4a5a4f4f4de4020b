package operate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
)

// readyPace spaces the questions to a server that is not ready yet.
const readyPace = 100 * time.Millisecond

// ready asks only whether the server is ready, which anybody may: it is the
// health check of containers and services, which hold no token. A server that
// is not ready yet is asked again for as long as wait says.
func ready(ctx context.Context, c *client.Client, std cli.Streams, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, max(wait, readyOnce))
	defer cancel()
	for {
		_, err := c.Call(ctx, http.MethodGet, "/readyz", "", nil)
		if err == nil {
			fmt.Fprintln(std.Out, "ready")
			return nil
		}
		if wait == 0 {
			return notReady(c.Server, err)
		}
		if client.Pause(ctx, readyPace) != nil {
			return notReady(c.Server, err)
		}
	}
}

// readyOnce is how long one answer may take.
const readyOnce = 5 * time.Second

// notReady reports that a server answers but is not ready; one that does not answer is out of reach.
func notReady(server string, err error) error {
	if p := (*client.Problem)(nil); errors.As(err, &p) && p.Status == http.StatusServiceUnavailable {
		return cli.Exit(cli.Bad, fmt.Errorf("the server at %s is not ready; for the reason, run summit doctor with an operator's token", server))
	}
	return err
}
