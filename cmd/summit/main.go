// Summit follows a fast-moving summit and proves afterwards what was known
// when: facts are appended to a log that cannot be edited, folded into views,
// and served.
package main

import (
	"context"
	"os"
	"runtime/debug"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/manual"
	"github.com/summit-timeline/summit/cmd/internal/memory"
	"github.com/summit-timeline/summit/cmd/internal/verbs/operate"
	"github.com/summit-timeline/summit/cmd/internal/verbs/proof"
	"github.com/summit-timeline/summit/cmd/internal/verbs/read"
	"github.com/summit-timeline/summit/cmd/internal/verbs/record"
)

func main() {
	go memory.Manage(context.Background())
	os.Exit(run(os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}

// run runs the program and returns its exit code.
func run(args []string, std cli.Streams) int { return program().Run(args, std) }

// program returns the program: its verbs by purpose. A verb is one file in a
// package of verbs, and one line here.
func program() *cli.Program {
	version, revision := build()
	return &cli.Program{
		Name: "summit", Short: "follows a summit and proves what was known when",
		Version: strings.TrimSpace(version + " " + revision),
		Groups: []cli.Group{
			{Title: "Read a summit", Verbs: []cli.Verb{
				read.List(), read.Timeline(), read.Status(), read.Changes(), read.Facts(), read.Conflicts(), read.Follow(), read.Replay(), read.Types(),
			}},
			{Title: "Record facts", Verbs: []cli.Verb{
				record.Open(), record.Record(), record.Import(), record.Ingest(version), record.Close(),
			}},
			{Title: "Prove and verify", Verbs: []cli.Verb{
				proof.Audit(), proof.Export(), proof.Verify(), proof.Restore(), proof.Witness(), proof.Keygen(),
			}},
			{Title: "Run a server", Verbs: []cli.Verb{
				operate.Serve(version, revision), operate.Token(), operate.Doctor(strings.TrimSpace(version + " " + revision)), proof.Snapshot(),
			}},
			{Title: "This program", Verbs: []cli.Verb{cli.Completion(program), cli.Man(program), operate.Version(version, revision)}},
		},
		Topics: topics,
		Environment: [][2]string{
			{client.ServerEnv, "the server, where --server is not given"},
			{client.TokenEnv, "the token, where --token is not given"},
			{"NO_COLOR", "no colours, where it is set"},
			{"COLUMNS", "how wide tables are where the output is no terminal"},
		},
		Hint: "Try it: summit serve --demo, then open the page that it prints.",
	}
}

// topics returns the topics of the manual. A test holds that they can be read.
func topics() []cli.Topic {
	list, err := manual.Topics()
	if err != nil {
		return nil
	}
	var topics []cli.Topic
	for _, t := range list {
		topics = append(topics, cli.Topic{Name: t.Name, Title: t.Title, Short: t.Short, Text: t.Terminal})
	}
	return topics
}

// build returns what the program was built from, or "" if it does not know.
func build() (version, revision string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown", ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value
		}
	}
	return info.Main.Version, revision
}
