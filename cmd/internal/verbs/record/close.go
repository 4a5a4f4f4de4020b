package record

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/events"
)

// Close closes a summit.
func Close() cli.Verb {
	return cli.Verb{
		Name: "close", Args: "ID", Short: "close a summit: afterwards it accepts only amendments",
		Example:  "summit close geneva-2026 --reason 'The delegations have left'",
		Complete: client.ByServer(),
		Setup: func(f *cli.Flags) cli.Run {
			var o closeOptions
			f.StringVar(&o.reason, "reason", "", "`TEXT` that explains why")
			f.StringVar(&o.desk, "desk", defaultDesk, "`DESK` that records it")
			f.JSON(&o.asJSON)
			o.Client.Flags(f)
			return func(ctx context.Context, std cli.Streams, args []string) error { return o.close(ctx, std, args[0]) }
		},
	}
}

type closeOptions struct {
	client.Client
	reason, desk string
	asJSON       bool
}

func (o *closeOptions) close(ctx context.Context, std cli.Streams, summit string) error {
	data := map[string]any{}
	if o.reason != "" {
		data["reason"] = o.reason
	}
	event, err := json.Marshal(map[string]any{"source": o.desk, "type": events.TypeSummitClosed, "subject": "summit/" + summit, "data": data})
	if err != nil {
		return fmt.Errorf("encode the event: %w", err)
	}
	answer, err := o.Call(ctx, http.MethodPost, client.Path(summit, "/facts"), events.ContentType, event)
	if err != nil {
		return worded(err, []flagOf{{"/data/reason", "--reason"}, {"/source", "--desk"}})
	}
	return printed(std, answer, o.asJSON, func(a outcome) string { return fmt.Sprintf("%s is closed at %s", summit, a.Position) })
}
