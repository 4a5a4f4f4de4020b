package install

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryScriptIsSoundForShellcheck(t *testing.T) {
	t.Parallel()
	need(t, "shellcheck")
	var scripts []string
	err := filepath.WalkDir(deploy, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if strings.HasPrefix(string(b), "#!") {
			scripts = append(scripts, path)
		}
		return err
	})
	if err != nil || len(scripts) < 10 {
		t.Fatalf("%d scripts (%v)", len(scripts), err)
	}
	must(t, "shellcheck", scripts...)
}

// The commands of each step stand in the README as they are run.
func TestTheReadmeHasTheStepsThatAreWalked(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(deploy, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	steps, err := filepath.Glob(filepath.Join(deploy, "walk", "[0-9]*.sh"))
	if err != nil || len(steps) == 0 {
		t.Fatalf("no steps: %v", err)
	}
	for _, step := range steps {
		b, err := os.ReadFile(step)
		if err != nil {
			t.Fatal(err)
		}
		_, commands, _ := strings.Cut(string(b), "set -euo pipefail -v\n")
		if commands == "" || !strings.Contains(string(readme), "```sh\n"+commands+"```\n") {
			t.Errorf("%s is not in deploy/README.md as it is run", filepath.Base(step))
		}
	}
}
