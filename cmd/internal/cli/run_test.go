package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// example is a program with one verb, which says what it was given.
func example() *Program {
	verb := Verb{
		Name: "show", Args: "ID [PART]", Short: "show a thing", Example: "demo show one --size 3\ndemo show two",
		Words: map[string][]string{"PART": {"head", "tail"}},
		Setup: func(f *Flags) Run {
			size := f.Int("size", 7, "greatest `NUMBER` of parts")
			var path string
			f.Section("Output")
			f.StringVarP(&path, "output", "o", "", "`FILE` to write")
			return func(_ context.Context, std Streams, args []string) error {
				switch args[0] {
				case "bad":
					return errors.New("it is bad")
				case "away":
					return Exit(Unreachable, errors.New("nobody answers\x1b[2J"))
				}
				fmt.Fprintf(std.Out, "%v %d %s", args, *size, path)
				return nil
			}
		},
	}
	return &Program{Name: "demo", Short: "shows things", Version: "1.2.3", Groups: []Group{{Title: "Things", Verbs: []Verb{verb}}}}
}

func TestVerbsAreRun(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"show one", Good, "[one] 7 "},
		{"show --size 3 one -o x tail", Good, "[one tail] 3 x"},
		{"show one --size=4 --output=y", Good, "[one] 4 y"},
		{"show bad", Bad, "demo show: it is bad\n"},
		{"show away", Unreachable, "demo show: nobody answers [2J\n"},
		{"", Misused, "Usage: demo COMMAND"},
		{"help", Good, "Things\n  show  "},
		{"--help", Good, "Things\n  show"},
		{"--version", Good, "demo 1.2.3\n"},
		{"help show", Good, "--size NUMBER"},
		{"show --help", Good, "PART is one of: head, tail."},
		{"shwo", Misused, "did you mean show?"},
		{"help shwo", Misused, "did you mean show?"},
		{"show", Misused, "ID is missing: demo show ID [PART]\nfor example: demo show one --size 3\n"},
		{"show a b c", Misused, `unexpected argument "c"`},
		{"show a --sise 3", Misused, "unknown flag --sise; did you mean --size?"},
		{"show a -size 3", Misused, "-size has two dashes: --size"},
		{"show a --size x", Misused, `--size "x"`},
		{"show a --output", Misused, "--output needs a value: --output FILE"},
	} {
		var out bytes.Buffer
		code := example().Run(strings.Fields(c.args), Streams{In: strings.NewReader(""), Out: &out, Err: &out})
		if code != c.code || !strings.Contains(out.String(), c.says) {
			t.Errorf("%q: exit %d, want %d and %q:\n%s", c.args, code, c.code, c.says, &out)
		}
	}
}

func TestHelpHasSectionsAndFits(t *testing.T) {
	t.Setenv("COLUMNS", "60")
	var out bytes.Buffer
	example().Run([]string{"help", "show"}, Streams{Out: &out, Err: &out})
	text := out.String()
	if i, j := strings.Index(text, "\nFlags\n"), strings.Index(text, "\nOutput\n"); i < 0 || j < i {
		t.Errorf("the sections:\n%s", text)
	}
	for _, want := range []string{"greatest number of parts (default 7)", "-o, --output FILE", "file to write"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}
