package record

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/ingest"
	"github.com/summit-timeline/summit/events"
)

// ingestOptions are the flags of ingest.
type ingestOptions struct {
	client.Client
	desk, identity, agent string
	every                 time.Duration
	asJSON                bool
}

// Ingest records what a source publishes.
func Ingest(version string) cli.Verb {
	return cli.Verb{
		Name: "ingest", Args: "KIND ID FROM", Short: "record what a source publishes, from a URL or a file (safe to repeat)",
		Example: "summit ingest feed geneva-2026 https://www.example.org/news.rss\n" +
			"summit ingest feed geneva-2026 https://www.example.org/news.rss --every 5m --desk /desks/geneva\n" +
			"summit ingest feed geneva-2026 saved.atom --json",
		Words:    map[string][]string{"KIND": kindNames()},
		Complete: client.ByServer(),
		Setup: func(fs *cli.Flags) cli.Run {
			f := ingestOptions{agent: "summit/" + version}
			fs.StringVar(&f.desk, "desk", defaultDesk, "`DESK` that records it")
			fs.StringVar(&f.identity, "identity", "", "`NAME` that ids are made from (default: the address that the source names)")
			fs.DurationVar(&f.every, "every", 0, "how often to read it again (default: read it once)")
			fs.BoolVar(&f.asJSON, "json", false, "print the result of each reading as JSON, one per line")
			f.Client.Flags(fs)
			return func(ctx context.Context, std cli.Streams, args []string) error {
				kind, ok := kindOf(args[0])
				if !ok {
					return cli.Usage("there is no kind of source %q; the kinds are %s", args[0], strings.Join(kindNames(), ", "))
				}
				if f.every < 0 {
					return cli.Usage("--every %v: must not be negative", f.every)
				}
				return f.run(ctx, std, kind, args[1], args[2])
			}
		},
	}
}

func kindNames() []string {
	var names []string
	for _, k := range ingest.Kinds {
		names = append(names, k.Name)
	}
	return names
}

func kindOf(name string) (ingest.Kind, bool) {
	for _, k := range ingest.Kinds {
		if k.Name == name {
			return k, true
		}
	}
	return ingest.Kind{}, false
}

// run reads a source, once or for as long as ctx lasts and there is one.
func (f *ingestOptions) run(ctx context.Context, std cli.Streams, kind ingest.Kind, summit, from string) error {
	w := watcher{
		kind: kind, what: ingest.Request{From: from, Identity: f.identity},
		fetcher: ingest.Fetcher{Agent: f.agent, Patience: ingest.Patience},
		teller: ingest.Recorder{Server: ingestServer{&f.Client}, Summit: summit, Desk: f.desk, Progress: func(done, of int) {
			fmt.Fprintf(std.Err, "\r%d of %d", done, of)
			if done == of {
				fmt.Fprintln(std.Err)
			}
		}},
		print: func(sum ingest.Report) error { return f.print(std, sum) },
	}
	if f.every == 0 {
		return w.read(ctx)
	}
	return w.watch(ctx, f.every, std.Err)
}

func (f *ingestOptions) print(std cli.Streams, sum ingest.Report) error {
	if f.asJSON {
		return cli.PrintJSON(std.Out, sum)
	}
	if sum.Unchanged {
		fmt.Fprintf(std.Out, "%s: unchanged since it was read\n", cli.Clean(sum.Source))
		return nil
	}
	fmt.Fprintf(std.Out, "%s: %d items: %d recorded, %d were there already, %d had changed, %d were withdrawn, %d left out, %d refused\n",
		cli.Clean(sum.Source), sum.Items, sum.Created, sum.Duplicate, sum.Corrected, sum.Retracted, len(sum.Skipped), len(sum.Refused))
	for _, s := range sum.Skipped {
		fmt.Fprintf(std.Out, "  left out %s\n", cli.Clean(s.Key+": "+s.Reason))
	}
	for _, s := range sum.Refused {
		fmt.Fprintf(std.Out, "  refused %s\n", cli.Clean(s.Key+": "+s.Reason))
	}
	return nil
}

// ingestServer is a server as readings are told to it.
type ingestServer struct{ *client.Client }

// History are the events that touch a fact, or none if there is none.
func (t ingestServer) History(ctx context.Context, summit, id string) ([]jsontext.Value, error) {
	var fact struct{ History []json.RawMessage }
	_, err := t.Get(ctx, client.Path(summit, "/facts/"+url.PathEscape(id)), nil, &fact)
	if p := (*client.Problem)(nil); errors.As(err, &p) && p.Status == http.StatusNotFound {
		return nil, nil // nor is there, perhaps, the summit: recording says so
	}
	if err != nil {
		return nil, err
	}
	list := make([]jsontext.Value, len(fact.History))
	for i, raw := range fact.History {
		list[i] = jsontext.Value(raw)
	}
	return list, nil
}

// Record records an event, and waits until it can be read.
func (t ingestServer) Record(ctx context.Context, summit string, event []byte) (bool, error) {
	answer, err := t.Call(ctx, http.MethodPost, client.Path(summit, "/facts"), events.ContentType, event)
	if err != nil {
		return false, err
	}
	var a struct{ Position, Outcome string }
	if err := json.Unmarshal(answer, &a); err != nil {
		return false, fmt.Errorf("read the answer: %w", err)
	}
	return a.Outcome == "created", t.Await(ctx, summit, a.Position)
}

// Refused reports whether the server's word is on one event alone: it cannot
// stand, or may not be recorded by who asks.
func (t ingestServer) Refused(err error) bool {
	var p *client.Problem
	if !errors.As(err, &p) {
		return false
	}
	return p.Status == http.StatusUnprocessableEntity || p.Status == http.StatusConflict || p.Status == http.StatusForbidden || p.Status == http.StatusRequestEntityTooLarge
}
