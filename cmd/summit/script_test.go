package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/summit-timeline/summit/cmd/internal/cli"
)

// The scripts share one server, and each has its own summit.
func TestScripts(t *testing.T) {
	server := start(t, filepath.Join(t.TempDir(), "data"))
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Setenv("SUMMIT_SERVER", server.url)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits runs the program and holds its exit code: exits CODE ARGS.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if err != nil || neg {
		ts.Fatalf("exits CODE ARGS")
	}
	got := cli.Good
	var failed *exec.ExitError
	if err := ts.Exec("summit", args[1:]...); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit %d, want %d", got, want)
	}
}
