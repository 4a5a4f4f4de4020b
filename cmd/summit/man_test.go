package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// manPages writes the pages into a folder and gives it.
func manPages(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "man1")
	var out, errs bytes.Buffer
	if code := run([]string{"man", dir}, streams{strings.NewReader(""), &out, &errs}); code != exitGood {
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
	t.Setenv(tokenEnv, "t0ken-of-mine")
	t.Setenv(serverEnv, "http://private.example")
	t.Setenv("SOURCE_DATE_EPOCH", "1755216000")
	dir := manPages(t)
	whole := page(t, dir, "summit")
	for _, v := range verbs {
		if !strings.Contains(whole, ".It Cm "+v.name+"\n") || !strings.Contains(whole, `.Xr summit\-`+v.name+" 1") {
			t.Errorf("summit(1) lacks %s", v.name)
		}
		text := page(t, dir, "summit-"+v.name)
		if !strings.HasPrefix(text, ".Dd August 15, 2025\n") || strings.Contains(text, "t0ken-of-mine") || strings.Contains(text, "private") {
			t.Errorf("summit-%s(1) depends on who writes it:\n%s", v.name, text)
		}
		for _, l := range strings.Split(v.example, "\n") {
			if !strings.Contains(text, escaped(l)+"\n") {
				t.Errorf("summit-%s(1) lacks the example %q", v.name, l)
			}
		}
		fs, _ := v.flags()
		fs.VisitAll(func(f *flag.Flag) {
			if !strings.Contains(text, ".It Fl "+escaped("-"+f.Name)) {
				t.Errorf("summit-%s(1) lacks --%s", v.name, f.Name)
			}
		})
	}
}

// The pages are held against two programs that read them.
func TestManPagesAreSound(t *testing.T) {
	dir := manPages(t)
	for tool, args := range map[string][]string{"mandoc": {"-Tlint", "-Wwarning"}, "groff": {"-Kutf8", "-mdoc", "-Tutf8", "-ww", "-z"}} {
		t.Run(tool, func(t *testing.T) {
			path := need(t, tool)
			pages, err := filepath.Glob(filepath.Join(dir, "*.1"))
			if err != nil || len(pages) != len(verbs)+1 {
				t.Fatalf("%d pages: %v", len(pages), err)
			}
			for _, p := range pages {
				out, err := exec.Command(path, append(args, p)...).CombinedOutput()
				if err != nil || len(out) > 0 {
					t.Errorf("%s: %v\n%s", filepath.Base(p), err, out)
				}
			}
		})
	}
}
