package install

import (
	"os"
	"path/filepath"
	"testing"
)

// exposureAllowed is ten times what systemd-analyze may say of a unit: 0 is
// confined, 100 is open.
const exposureAllowed = "15"

func TestTheUnitsAreSoundAndConfined(t *testing.T) {
	need(t, "systemd-analyze")
	root := t.TempDir()
	units := filepath.Join(root, "usr/lib/systemd/system")
	if err := os.CopyFS(units, os.DirFS("/lib/systemd/system")); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(units, os.DirFS(filepath.Join(deploy, "systemd"))); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"usr/bin/summit", "usr/bin/summit-nats-server", "bin/kill"} {
		path := filepath.Join(root, program)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	names := []string{"summit.service", "summit@one.service", "summit-nats@n1.service"}
	if out := must(t, "systemd-analyze", append([]string{"verify", "--man=no", "--root=" + root}, names...)...); out != "" {
		t.Error(out)
	}
	for _, name := range names {
		must(t, "systemd-analyze", "security", "--offline=true", "--root="+root, "--threshold="+exposureAllowed, name)
	}
}
