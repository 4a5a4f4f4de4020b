package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/manual"
)

// The blocks of code in the manual, by the words after their three backquotes:
//
//	sh            commands, which are run
//	sh stays      commands that go on until they are ended: they are run until they print something
//	sh elsewhere  commands that elsewhere names
//	console       commands after "$ " with what they print: … stands for what differs each time
//	go, js        programs
//	text          nothing to run
type block struct{ kind, code string }

// elsewhere names, for each command that is shown and not run here, the test that runs it.
var elsewhere = map[string]string{
	"go run ./cmd/summit serve --demo":                                           "every server of these tests is started so, on a port of its own",
	"go test ./...":                                                              ".ci/run, with the race detector",
	"go build -o summit ./cmd/summit":                                            "toolbox, for the commands of this test",
	"deploy/package/build.sh":                                                    "the tests of cmd/internal/e2e/install",
	"deploy/container/build.sh":                                                  "the tests of cmd/internal/e2e/install",
	"go test ./cmd/internal/e2e/faults -v":                                       ".ci/run",
	"summit ingest feed geneva-2026 https://www.example.org/news.rss":            "TestAFeedIsReadOnceHoweverOftenItIsRead, from an address of this machine",
	"summit ingest feed geneva-2026 https://www.example.org/news.rss --every 5m": "TestAFeedIsWatchedUntilItIsEnded, from an address of this machine",
	"go run ./cmd/summit-bench append":                                           "by hand: it takes a minute and every processor",
	"go run ./cmd/summit-bench live 1000,5000":                                   "TestLiveStreamsAreMeasured, with fewer readers",
	"go run ./cmd/summit-bench query 1000000":                                    "by hand: it takes minutes",
	"go test ./cmd/internal/e2e/faults -v -timeout 0 -run NoFault -faults.for 30m -faults.seed 7":                   "by hand: it takes half an hour; .ci/run tries each fault once",
	"SUMMIT_REBUILD_EVENTS=1000000 go test ./cmd/summit -run TestReadsGoOnWhileTheViewsAreMadeAnew -v -timeout 60m": "by hand: it takes half an hour; .ci/run has fewer events",
}

var fence = regexp.MustCompile("(?ms)^```([a-z ]*)\n(.*?)^```$")

func blocksOf(text string) (list []block) {
	for _, m := range fence.FindAllStringSubmatch(text, -1) {
		list = append(list, block{m[1], m[2]})
	}
	return list
}

// readme is what stands at the top of the source.
func readme(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The commands of the manual and the README do what the text says.
func TestCommandsOfTheManualWork(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts a server for each topic: left out by -short")
	}
	bin := toolbox(t)
	texts := map[string]string{"README": readme(t)}
	for _, topic := range chapters(t) {
		if topic.Name != "programs" { // TestProgramsOfTheManualWork holds it to more
			texts[topic.Name] = string(topic.Markdown())
		}
	}
	runnable := 0
	for name, text := range texts {
		list := blocksOf(text)
		if len(list) != strings.Count(text, "\n```")/2 {
			t.Errorf("%s has code that is not read: %d blocks", name, len(list))
		}
		for _, b := range list {
			if b.kind != "text" && b.kind != "sh elsewhere" {
				runnable++
			}
		}
		if len(list) == 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, bin)
			for _, b := range list {
				switch b.kind {
				case "sh":
					d.runs(b.code)
				case "sh stays":
					d.stays(b.code)
				case "sh elsewhere":
					d.named(b.code)
				case "console":
					d.console(b.code)
				case "text":
				default:
					d.Errorf("what is a block of %q?", b.kind)
				}
			}
		})
	}
	if runnable < 30 {
		t.Errorf("%d blocks can be run", runnable)
	}
}

// run runs an example as it is printed, in a folder of its own.
func (x block) run(t *testing.T, env []string) string {
	t.Helper()
	dir := t.TempDir()
	name, runner := map[string]string{"sh": "example.sh", "go": "main.go", "js": "example.mjs"}[x.kind], []string{"bash", "-eu"}
	switch x.kind {
	case "go":
		runner = []string{"go", "run"}
	case "js":
		runner = []string{need(t, "node")}
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(x.code), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := command(t, runner[0], append(runner[1:], path)...)
	cmd.Env = env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%s", x.kind, err, x.code, out)
	}
	return string(out)
}

func TestProgramsOfTheManualWork(t *testing.T) {
	t.Parallel()
	programs := slices.IndexFunc(chapters(t), func(x manual.Topic) bool { return x.Name == "programs" })
	list := blocksOf(string(chapters(t)[programs].Markdown()))
	want := []struct{ language, says string }{
		{"sh", ``},
		{"sh", `(?s)"title":"Oslo talks".*"position":"\w+-2".*"items":\[.*Snow at the airport`},
		{"go", `(?s)^201 .*"position":"(\w+-3)","outcome":"created"}\n200 .*-3","outcome":"duplicate"}\n$`},
		{"js", `(?s)^\w{8}-2 Snow at the airport\n\w{8}-3 .*Oslo airport.*\n$`},
		{"sh", `(?s)"type":"summit.opened".*"type":"note.added".*"type":"delegation.arrived"`},
	}
	if len(list) != len(want) {
		t.Fatalf("%d blocks, want %d", len(list), len(want))
	}
	need(t, "node") // before anything is started
	need(t, "curl")
	bin := t.TempDir()
	goRun(t, "build", "-modfile=deploy/tools.mod", "-o", filepath.Join(bin, "nats"), "github.com/nats-io/natscli/nats")
	p := start(t, filepath.Join(t.TempDir(), "data"))
	env := append(os.Environ(), "SUMMIT_SERVER="+p.url, "NATS_URL="+p.nats, "PATH="+bin+":"+os.Getenv("PATH"), "XDG_CONFIG_HOME="+t.TempDir())
	for i, x := range list {
		got := x.run(t, env)
		if x.kind != want[i].language || !regexp.MustCompile(want[i].says).MatchString(got) {
			t.Errorf("block %d (%s) says\n%s\nwant %s", i+1, x.kind, got, want[i].says)
		}
	}
	p.end(t, syscall.SIGTERM)
}

// A newcomer reads the whole README, so it is short.
func TestTheREADMEIsShort(t *testing.T) {
	text := readme(t)
	if n := strings.Count(text, "\n"); n > 150 {
		t.Errorf("it has %d lines, and 150 are the most", n)
	}
	for line := range strings.Lines(text) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 120 {
			t.Errorf("%d characters, and 120 are the most: %s", n, line)
		}
	}
	for _, topic := range chapters(t) {
		if !strings.Contains(text, "(cmd/internal/manual/"+topic.Name+".md)") {
			t.Errorf("it does not lead to %s", topic.Name)
		}
	}
	for _, m := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(text, -1) {
		if path, _, _ := strings.Cut(m[1], "#"); !strings.Contains(path, "://") {
			if _, err := os.Stat(filepath.Join("..", "..", path)); err != nil {
				t.Errorf("it leads to %s: %v", m[1], err)
			}
		}
	}
}

func TestHelpShowsTheManual(t *testing.T) {
	list := chapters(t)
	if len(list) == 0 {
		t.Fatal("the manual cannot be read")
	}
	t.Setenv("COLUMNS", "60")
	said := func(want int, args ...string) (string, string) {
		t.Helper()
		var out, errs bytes.Buffer
		if code := run(append([]string{"help"}, args...), cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}); code != want {
			t.Errorf("help %v: exit %d, want %d: %s", args, code, want, &errs)
		}
		return out.String(), errs.String()
	}
	all, _ := said(cli.Good)
	for _, topic := range list {
		if slices.ContainsFunc(program().Verbs(), func(v cli.Verb) bool { return v.Name == topic.Name }) {
			t.Errorf("%s is a topic and a verb", topic.Name)
		}
		if !strings.Contains(all, "  "+topic.Name+" ") {
			t.Errorf("help does not list %s", topic.Name)
		}
		text, _ := said(cli.Good, topic.Name)
		if text != topic.Terminal(60, false) {
			t.Errorf("help %s shows %.80q", topic.Name, text)
		}
		if offers := offered(t, "help", topic.Name[:2]); offers[topic.Name] != topic.Short {
			t.Errorf("%s is not offered: %v", topic.Name, offers)
		}
	}
	if _, errs := said(cli.Misused, "nothing"); !strings.Contains(errs, `unknown command or topic "nothing"`) {
		t.Errorf("of a topic that is none it says %s", errs)
	}
}

// chapters returns the topics of the manual.
func chapters(t *testing.T) []manual.Topic {
	t.Helper()
	list, err := manual.Topics()
	if err != nil {
		t.Fatal(err)
	}
	return list
}
