package install

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events/eventstest"
)

// deploy is the folder that is held against its users.
const deploy = "../../../../deploy"

// need skips a test that lacks a program; with CI set it fails.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			eventstest.Lacking(t, p+" is not installed")
		}
	}
}

// needRoot skips a test that only root can do.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		eventstest.Lacking(t, "only root can make a machine that is thrown away")
	}
}

// patience is how long one program may take.
const patience = 15 * time.Minute

// try runs a program and gives what it printed.
func try(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	c.WaitDelay = 10 * time.Second
	err := c.Run()
	return out.String(), err
}

// must is try of what has to go well.
func must(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := try(t, name, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

var built struct {
	sync.Once
	dir, out string
	err      error
}

// build builds the packages once.
func build() {
	built.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		out, err := exec.CommandContext(ctx, filepath.Join(deploy, "package", "build.sh"), built.dir).CombinedOutput()
		built.out, built.err = string(out), err
	})
}

// packages gives the folder of the packages.
func packages(t *testing.T) string {
	t.Helper()
	build()
	if built.err != nil {
		t.Fatalf("build the packages: %v\n%s", built.err, built.out)
	}
	return built.dir
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "summit-operator-")
	if err != nil {
		panic(err)
	}
	built.dir = dir
	flag.Parse()
	// No test waits for the compiler: on a new machine it takes longer than any of them. Who
	// needs the packages says why they cannot be built.
	if _, err := exec.LookPath("dpkg"); err == nil && !testing.Short() {
		build()
	}
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(code)
}
