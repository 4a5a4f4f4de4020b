package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tool is a program with flags of every sort, completion and man pages.
func tool() *Program {
	var p *Program
	verb := Verb{
		Name: "get", Args: "KIND ID [FILE]", Short: "get a thing", Example: "demo get big one\ndemo get small two out.txt",
		Words: map[string][]string{"KIND": {"big", "small"}},
		Complete: map[string]func(context.Context, *Flags) []Offer{"ID": func(_ context.Context, f *Flags) []Offer {
			return []Offer{{"one", "the first\nof two"}, {"other", f.Lookup("order").Value.String()}}
		}},
		Setup: func(f *Flags) Run {
			order := "asc"
			var asJSON bool
			f.Footer("Server", func() { f.String("server", os.Getenv("DEMO_SERVER"), "`URL` of the server") })
			f.Shared("server", "http://127.0.0.1")
			f.Choice(&order, "order", []string{"asc", "desc"}, "`DIRECTION` of the list")
			f.String("dir", "", "`DIR` to write to")
			f.Int("times", 0, "how often")
			f.JSON(&asJSON)
			f.Section("Rarely")
			f.Bool("twice", false, "get it twice")
			return func(context.Context, Streams, []string) error { return nil }
		},
	}
	p = &Program{
		Name: "demo", Short: "shows things", Version: "1", Environment: [][2]string{{"DEMO_SERVER", "the server"}},
		Groups: []Group{{"Things", []Verb{verb}}, {"Other", []Verb{Completion(func() *Program { return p }), Man(func() *Program { return p })}}},
		Topics: func() []Topic {
			return []Topic{{"tour", "A tour", "begin here", func(width int, _ bool) string { return strings.Repeat("x", width) }}}
		},
	}
	return p
}

func ran(t *testing.T, args ...string) (code int, text string) {
	t.Helper()
	var out bytes.Buffer
	code = tool().RunContext(t.Context(), args, Streams{In: strings.NewReader(""), Out: &out, Err: &out})
	return code, out.String()
}

// Help is the same for everybody: it shows no address or token of the environment.
func TestHelpDisclosesNothingOfTheEnvironment(t *testing.T) {
	t.Setenv("DEMO_SERVER", "http://user:secret@example.org")
	_, text := ran(t, "help", "get")
	if strings.Contains(text, "secret") || !strings.Contains(text, "(default http://127.0.0.1)") {
		t.Errorf("help shows\n%s", text)
	}
	sections := []int{strings.Index(text, "\nFlags\n"), strings.Index(text, "\nRarely\n"), strings.Index(text, "\nServer\n")}
	if sections[0] < 0 || !slices.IsSorted(sections) {
		t.Errorf("the sections are at %v:\n%s", sections, text)
	}
	for _, want := range []string{"--order DIRECTION", "direction of the list (default asc)", "--times INT", "how often\n", "folder to write to", "KIND is one of: big, small."} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

// Completion offers exactly the words that can come next.
func TestWhatAShellIsOffered(t *testing.T) {
	for line, want := range map[string]string{
		"get ": "big small :4", "get s": "small :4",
		"get big ":              "one\tthe first of two other\tasc :4",
		"get big --order desc ": "one\tthe first of two other\tdesc :4",
		"get big on":            "one\tthe first of two :4",
		"get big one ":          ":0", "get big one x ": ":4",
		"get --order ": "asc desc :4", "get --order=d": "desc :4", "get --dir ": ":0", "get --times ": ":4",
		"completion ": "bash zsh fish :4",
		"help t":      "tour\tbegin here :4",
		"help ge":     "get" + "\tget a thing :4",
		"help get ":   ":4",
	} {
		code, text := ran(t, append([]string{"__complete"}, strings.Split(line, " ")...)...)
		lines := strings.Split(text, "\n")
		if end := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, ":") }); end >= 0 {
			lines = lines[:end+1]
		}
		if got := strings.TrimPrefix(strings.Join(lines, " "), " "); code != Good || got != want {
			t.Errorf("%q: exit %d, %q, want %q", line, code, got, want)
		}
	}
}

func TestEachShellHasItsScript(t *testing.T) {
	for shell, want := range map[string]string{"bash": "__start_demo", "zsh": "#compdef demo", "fish": "complete -c demo"} {
		if code, text := ran(t, "completion", shell); code != Good || !strings.Contains(text, want) {
			t.Errorf("%s: exit %d\n%.300s", shell, code, text)
		}
	}
	if code, text := ran(t, "completion", "csh"); code != Misused || !strings.Contains(text, "bash, zsh, fish") {
		t.Errorf("exit %d, %s", code, text)
	}
}

// Pages are the same to the byte where SOURCE_DATE_EPOCH is the same.
func TestManPagesAreWrittenForEachVerb(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1755216000")
	texts := map[string]string{}
	for range 2 {
		dir := filepath.Join(t.TempDir(), "man1")
		if code, text := ran(t, "man", dir); code != Good || !strings.HasPrefix(text, "4 pages in ") {
			t.Fatalf("exit %d, %s", code, text)
		}
		for _, name := range []string{"demo.1", "demo-get.1", "demo-completion.1", "demo-man.1"} {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if before, again := texts[name]; again && before != string(b) {
				t.Errorf("%s is another the second time", name)
			}
			texts[name] = string(b)
		}
	}
	for _, want := range []string{".Dd August 15, 2025\n", `.Op Ar "FILE"`, `.It Fl \-order Ar "DIRECTION"`, ".Ss \"Rarely\"", "demo get big one\n", "wrong usage"} {
		if !strings.Contains(texts["demo-get.1"], want) {
			t.Errorf("%q is not in\n%s", want, texts["demo-get.1"])
		}
	}
	t.Setenv("SOURCE_DATE_EPOCH", "yesterday")
	if code, text := ran(t, "man", t.TempDir()); code != Misused || !strings.Contains(text, "SOURCE_DATE_EPOCH=yesterday") {
		t.Errorf("exit %d, %s", code, text)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, text := ran(t, "man", file); code != Bad || !strings.Contains(text, "write the man pages") {
		t.Errorf("into a file: exit %d, %s", code, text)
	}
}

func TestATopicIsShownAsWideAsTheTerminal(t *testing.T) {
	for columns, want := range map[string]int{"": customary, "50": 50, "-3": customary, "wide": customary} {
		t.Setenv("COLUMNS", columns)
		if code, text := ran(t, "help", "tour"); code != Good || len(text) != want {
			t.Errorf("COLUMNS=%s: exit %d, %d wide", columns, code, len(text))
		}
	}
	if code, text := ran(t, "help", "tuor"); code != Misused || !strings.Contains(text, "did you mean tour?") {
		t.Errorf("exit %d, %s", code, text)
	}
}
