package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
)

// manPages writes the pages into a folder and gives it.
func manPages(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "man1")
	var out, errs bytes.Buffer
	if code := run([]string{"man", dir}, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}); code != cli.Good {
		t.Fatalf("exit %d: %s", code, &errs)
	}
	return dir
}

func page(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name+".1"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEachVerbAndEachFlagIsInAManPage(t *testing.T) {
	t.Setenv(client.TokenEnv, "t0ken-of-mine")
	t.Setenv(client.ServerEnv, "http://private.example")
	t.Setenv("SOURCE_DATE_EPOCH", "1755216000")
	dir := manPages(t)
	whole := page(t, dir, "summit")
	for _, v := range program().Verbs() {
		if !strings.Contains(whole, ".It Cm "+v.Name+"\n") || !strings.Contains(whole, `.Xr summit\-`+v.Name+" 1") {
			t.Errorf("summit(1) lacks %s", v.Name)
		}
		text := page(t, dir, "summit-"+v.Name)
		if !strings.HasPrefix(text, ".Dd August 15, 2025\n") || strings.Contains(text, "t0ken-of-mine") || strings.Contains(text, "private") {
			t.Errorf("summit-%s(1) depends on who writes it:\n%s", v.Name, text)
		}
		for _, l := range strings.Split(v.Example, "\n") {
			if !strings.Contains(text, cli.Escaped(l)+"\n") {
				t.Errorf("summit-%s(1) lacks the example %q", v.Name, l)
			}
		}
		v.Flags().VisitAll(func(f *pflag.Flag) {
			if !strings.Contains(text, "Fl "+cli.Escaped("-"+f.Name)) {
				t.Errorf("summit-%s(1) lacks --%s", v.Name, f.Name)
			}
		})
	}
}

// Two programs that read man pages check them.
func TestManPagesAreSound(t *testing.T) {
	dir := manPages(t)
	for tool, args := range map[string][]string{"mandoc": {"-Tlint", "-Wwarning"}, "groff": {"-Kutf8", "-mdoc", "-Tutf8", "-ww", "-z"}} {
		t.Run(tool, func(t *testing.T) {
			path := need(t, tool)
			pages, err := filepath.Glob(filepath.Join(dir, "*.1"))
			if err != nil || len(pages) != len(program().Verbs())+1 {
				t.Fatalf("%d pages: %v", len(pages), err)
			}
			for _, p := range pages {
				out, err := command(t, path, append(args, p)...).CombinedOutput()
				if err != nil || len(out) > 0 {
					t.Errorf("%s: %v\n%s", filepath.Base(p), err, out)
				}
			}
		})
	}
}
