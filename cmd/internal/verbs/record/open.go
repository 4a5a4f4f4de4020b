// Package record has the verbs that record facts.
package record

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
)

// Open opens a summit.
func Open() cli.Verb {
	return cli.Verb{
		Name: "open", Args: "ID", Short: "open a summit",
		Example: "summit open geneva-2026 --title 'Geneva talks' --zone Europe/Zurich --party ch='Switzerland'",
		Setup: func(f *cli.Flags) cli.Run {
			o := openOptions{parties: []map[string]string{}}
			f.StringVar(&o.title, "title", "", "`TITLE` of the summit")
			f.StringVar(&o.zone, "zone", "", "IANA time `ZONE` of the venue, such as Europe/Zurich")
			f.Func("party", "`ID=NAME` of a party; may be repeated", o.party)
			f.JSON(&o.asJSON)
			o.Client.Flags(f)
			return func(ctx context.Context, std cli.Streams, args []string) error { return o.open(ctx, std, args[0]) }
		},
	}
}

type openOptions struct {
	client.Client
	title, zone string
	parties     []map[string]string
	asJSON      bool
}

func (o *openOptions) party(s string) error {
	id, name, ok := strings.Cut(s, "=")
	if !ok {
		return errors.New("must be ID=NAME")
	}
	o.parties = append(o.parties, map[string]string{"id": id, "name": name})
	return nil
}

func (o *openOptions) open(ctx context.Context, std cli.Streams, id string) error {
	if o.title == "" || o.zone == "" {
		return cli.Usage("--title and --zone are required")
	}
	body, err := json.Marshal(map[string]any{"id": id, "title": o.title, "zone": o.zone, "parties": o.parties})
	if err != nil {
		return fmt.Errorf("encode the summit: %w", err)
	}
	answer, err := o.Call(ctx, http.MethodPost, "/v1/summits", "application/json", body)
	if err != nil {
		return worded(err, openFlags)
	}
	return printed(std, answer, o.asJSON, func(a outcome) string { return fmt.Sprintf("%s is open at %s", id, a.Position) })
}

// openFlags are the flags of what is sent to open a summit.
var openFlags = []flagOf{{"/data/title", "--title"}, {"/title", "--title"}, {"/data/zone", "--zone"}, {"/zone", "--zone"}, {"/data/parties", "--party"}, {"/parties", "--party"}, {"/data/id", "ID"}, {"/id", "ID"}, {"/subject", "ID"}}

// outcome is the answer to what was recorded.
type outcome struct{ ID, Position, Outcome string }

// printed prints an answer, in words or as it came.
func printed(std cli.Streams, answer []byte, asJSON bool, words func(outcome) string) error {
	if asJSON {
		_, err := fmt.Fprintf(std.Out, "%s\n", strings.TrimSpace(string(answer)))
		return err
	}
	var a outcome
	if err := json.Unmarshal(answer, &a); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	_, err := fmt.Fprintln(std.Out, cli.Clean(words(a)))
	return err
}
