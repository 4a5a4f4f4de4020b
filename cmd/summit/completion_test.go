package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"

	"github.com/summit-timeline/summit/events/eventstest"
)

// shellEnv links the test binary under the name of the program, in a folder of its
// own, and the environment in which a shell finds it.
func shellEnv(t *testing.T, more ...string) []string {
	t.Helper()
	dir := t.TempDir()
	script := "#!/bin/sh\nSUMMIT_TEST_RUN=1 exec '" + os.Args[0] + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, "summit"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return append(append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "HOME="+dir), more...)
}

// need returns the path of a program of others. If CI is set it must be there.
func need(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		eventstest.Lacking(t, err.Error())
	}
	return path
}

// needFile returns the path of a file of others. If CI is set it must be there.
func needFile(t *testing.T, path string) string {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		eventstest.Lacking(t, err.Error())
	}
	return path
}

// offered asks for what may stand next.
func offered(t *testing.T, line ...string) map[string]string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(append([]string{"__complete"}, line...), cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}); code != cli.Good {
		t.Fatalf("exit %d: %s", code, &errs)
	}
	have := map[string]string{}
	for l := range strings.Lines(out.String()) {
		word, short, _ := strings.Cut(strings.TrimSuffix(l, "\n"), "\t")
		if !strings.HasPrefix(word, ":") { // the last line says how the shell goes on
			have[word] = short
		}
	}
	return have
}

func TestEachVerbAndEachFlagIsOffered(t *testing.T) {
	t.Setenv(client.TokenEnv, "secret")
	first := offered(t, "")
	for _, v := range program().Verbs() {
		if first[v.Name] != v.Short {
			t.Errorf("%s is offered as %q", v.Name, first[v.Name])
		}
		have := offered(t, v.Name, "--")
		n := 0
		v.Flags().VisitAll(func(f *pflag.Flag) {
			n++
			if text, ok := have["--"+f.Name]; !ok || text == "" {
				t.Errorf("summit %s --%s is not offered", v.Name, f.Name)
			}
			if strings.Contains(f.Usage, "query parameter") {
				t.Errorf("summit %s --%s is described as a query parameter: %s", v.Name, f.Name, f.Usage)
			}
		})
		if len(have) != n+1 {
			t.Errorf("summit %s: %d flags and --help are offered as %v", v.Name, n, have)
		}
	}
}

func TestWhatIsKnownOfAValueIsOffered(t *testing.T) {
	for line, want := range map[string]string{
		"ti":                                "timeline",
		"help ti":                           "timeline times",
		"token ":                            "add list revoke",
		"token add --role re":               "reader recorder",
		"token add --role=re":               "reader recorder",
		"token --role reader re":            "revoke",
		"record geneva --type meeting.st":   "meeting.started",
		"record geneva --data ":             "",
		"types summit.":                     "summit.opened summit.closed",
		"timeline geneva --order ":          "occurred recorded",
		"completion ":                       "bash fish zsh",
		"import geneva ":                    "",
		"nonsense ":                         "",
		"timeline --json --server http://x": "",
	} {
		have := offered(t, strings.Split(line, " ")...)
		wanted := strings.Fields(want)
		for _, w := range wanted {
			if _, ok := have[w]; !ok {
				t.Errorf("%q: %s is not offered, but %v", line, w, have)
			}
		}
		if len(have) != len(wanted) {
			t.Errorf("%q: %v, want %v", line, have, wanted)
		}
	}
}

func TestTheSummitsOfTheServerAreOffered(t *testing.T) {
	p := start(t, filepath.Join(t.TempDir(), "data"))
	if got := offered(t, "status", "--server", p.url, "al"); got["alaska-2025"] != "Alaska summit, August 2025" || len(got) != 1 {
		t.Errorf("offered: %v", got)
	}
	if got := offered(t, "open", "--server", p.url, ""); len(got) != 0 {
		t.Errorf("a summit that is to be opened: %v", got)
	}
	if got := offered(t, "status", "--server", "http://127.0.0.1:1", ""); len(got) != 0 {
		t.Errorf("out of reach: %v", got)
	}
}

// The shell itself is asked what it offers.
func TestTheShellsComplete(t *testing.T) {
	bash := `. ` + needFile(t, "/usr/share/bash-completion/bash_completion") + `
source <(summit completion bash)
complete -p summit >/dev/null || exit 1
try() { COMP_LINE="${LINE:-$*}"; COMP_POINT=${#COMP_LINE}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); __start_summit 2>/dev/null; printf '%s\n' "${COMPREPLY[@]%% *}"; }
try summit ti; echo; try summit token --role rea; echo; LINE="summit token --role=rea" try summit token --role = rea; echo; try summit timeline --js`
	fish := `summit completion fish | source
complete -C 'summit ti'; echo; complete -C 'summit token --role rea'; echo; complete -C 'summit token --role=rea'; echo; complete -C 'summit timeline --js'`
	zsh := `autoload -Uz compinit && compinit -u -D
source <(summit completion zsh)
_describe() { print -l -- "${(@)completions%%:*}" }
try() { words=("$@"); CURRENT=$#; _summit }
try summit ti; echo; try summit token --role rea; echo; try summit token --role=rea; echo; try summit timeline --js`
	for shell, script := range map[string]string{"bash": bash, "fish": fish, "zsh": zsh} {
		t.Run(shell, func(t *testing.T) {
			cmd := command(t, need(t, shell), "-c", script)
			cmd.Env = shellEnv(t)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			want := "timeline\n\nreader\n\n" + "reader\n\n--json\n"
			if shell == "fish" { // it completes the whole word
				want = "timeline\n\nreader\n\n--role=reader\n\n--json\n"
			}
			var got strings.Builder
			for l := range strings.Lines(string(out)) {
				word, _, _ := strings.Cut(strings.TrimSuffix(l, "\n"), "\t") // fish adds what it is
				got.WriteString(word + "\n")
			}
			if got.String() != want {
				t.Errorf("offered:\n%s\nwant:\n%s", &got, want)
			}
		})
	}
}

func TestAShellThatIsNotKnownIsNamed(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run([]string{"completion", "../summit"}, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}); code != cli.Misused || !strings.Contains(errs.String(), "bash, zsh, fish") {
		t.Errorf("exit %d: %s", code, &errs)
	}
}
