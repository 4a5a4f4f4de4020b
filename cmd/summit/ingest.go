package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/cmd/internal/ingest"
	"github.com/summit-timeline/summit/events"
)

// ingestFlags are what ingest is told.
type ingestFlags struct {
	client
	desk, identity string
	every          time.Duration
	asJSON         bool
}

var ingestVerb = verb{
	name: "ingest", args: "KIND ID FROM", short: "record what a source publishes, a URL or a file; again is once",
	example: "  summit ingest feed geneva-2026 https://www.example.org/news.rss\n" +
		"  summit ingest feed geneva-2026 https://www.example.org/news.rss --every 5m --desk /desks/geneva\n" +
		"  summit ingest feed geneva-2026 saved.atom --json",
	words: map[string][]string{"KIND": kindNames()},
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var f ingestFlags
		f.client.flags(fs)
		fs.StringVar(&f.desk, "desk", "/desks/cli", "the desk that records")
		fs.StringVar(&f.identity, "identity", "", "what ids are made from; the address that the source says it has where not given")
		fs.DurationVar(&f.every, "every", 0, "read it again and again, so often; once where not given")
		fs.BoolVar(&f.asJSON, "json", false, "what came of each reading as JSON, one a line")
		return func(ctx context.Context, std streams, args []string) error {
			kind, ok := kindOf(args[0])
			if !ok {
				return usage("there is no kind of source %q: %s", args[0], strings.Join(kindNames(), ", "))
			}
			if f.every < 0 {
				return usage("--every %v: must not be negative", f.every)
			}
			return f.run(ctx, std, kind, args[1], args[2])
		}
	},
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
func (f *ingestFlags) run(ctx context.Context, std streams, kind ingest.Kind, summit, from string) error {
	w := watcher{
		kind: kind, what: ingest.Ask{From: from, Identity: f.identity},
		fetcher: ingest.Fetcher{Agent: "summit/" + version(), Patience: ingest.Patience},
		teller: ingest.Teller{Server: ingestServer{&f.client}, Summit: summit, Desk: f.desk, Progress: func(done, of int) {
			fmt.Fprintf(std.err, "\r%d of %d", done, of)
			if done == of {
				fmt.Fprintln(std.err)
			}
		}},
		print: func(sum ingest.Told) error { return f.print(std, sum) },
	}
	if f.every == 0 {
		return w.read(ctx)
	}
	return w.watch(ctx, f.every, std.err)
}

func (f *ingestFlags) print(std streams, sum ingest.Told) error {
	if f.asJSON {
		return json.NewEncoder(std.out).Encode(sum)
	}
	if sum.Unchanged {
		fmt.Fprintf(std.out, "%s: unchanged since it was read\n", sum.Source)
		return nil
	}
	fmt.Fprintf(std.out, "%s: %d items: %d recorded, %d were there already, %d had changed, %d were withdrawn, %d left out, %d refused\n",
		sum.Source, sum.Items, sum.Created, sum.Duplicate, sum.Corrected, sum.Retracted, len(sum.Skipped), len(sum.Refused))
	for _, s := range sum.Skipped {
		fmt.Fprintf(std.out, "  left out %s: %s\n", s.Key, s.Reason)
	}
	for _, s := range sum.Refused {
		fmt.Fprintf(std.out, "  refused %s: %s\n", s.Key, s.Reason)
	}
	return nil
}

// ingestServer is a server as readings are told to it.
type ingestServer struct{ *client }

// History are the events that touch a fact; none where there is none.
func (t ingestServer) History(ctx context.Context, summit, id string) ([]jsontext.Value, error) {
	var fact struct{ History []json.RawMessage }
	_, err := t.get(ctx, summitPath(summit, "/facts/"+url.PathEscape(id)), nil, &fact)
	if p := (*problem)(nil); errors.As(err, &p) && p.Status == http.StatusNotFound {
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
	answer, err := t.call(ctx, http.MethodPost, summitPath(summit, "/facts"), events.ContentType, event)
	if err != nil {
		return false, err
	}
	var a struct{ Position, Outcome string }
	if err := json.Unmarshal(answer, &a); err != nil {
		return false, fmt.Errorf("read the answer: %w", err)
	}
	return a.Outcome == "created", t.await(ctx, summit, a.Position)
}

// Refused says whether the server's word is on one event alone: it cannot
// stand, or may not be recorded by who asks.
func (t ingestServer) Refused(err error) bool {
	var p *problem
	if !errors.As(err, &p) {
		return false
	}
	return p.Status == http.StatusUnprocessableEntity || p.Status == http.StatusConflict || p.Status == http.StatusForbidden || p.Status == http.StatusRequestEntityTooLarge
}
