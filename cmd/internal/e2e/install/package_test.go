package install

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func debs(t *testing.T) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(packages(t), "*.deb"))
	if err != nil || len(list) != 2 {
		t.Fatalf("packages: %v (%v)", list, err)
	}
	return list
}

func TestThePackagesAreAsDebianExpects(t *testing.T) {
	t.Parallel()
	need(t, "lintian")
	if out := must(t, "lintian", append([]string{"--allow-root", "--fail-on", "error,warning"}, debs(t)...)...); out != "" {
		t.Error(out)
	}
}

// A package is installed below a folder, with nothing of this machine touched:
// what is there, which files an operator may change, and that the program runs.
func TestThePackageInstalls(t *testing.T) {
	t.Parallel()
	need(t, "dpkg", "dpkg-deb", "systemd-sysusers")
	needRoot(t)
	root := t.TempDir()
	for _, dir := range []string{"var/lib/dpkg/info", "var/lib/dpkg/updates", "var/log", "etc"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "var/lib/dpkg/status"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	dpkg := []string{"--root=" + root, "--force-script-chrootless"}
	must(t, "dpkg", append(dpkg, append([]string{"--install"}, debs(t)...)...)...)
	if out := must(t, filepath.Join(root, "usr/bin/summit"), "version"); !strings.HasPrefix(out, "summit ") {
		t.Error(out)
	}
	if out := must(t, filepath.Join(root, "usr/bin/summit-nats-server"), "--version"); !strings.HasPrefix(out, "nats-server: v") {
		t.Error(out)
	}
	users, err := os.ReadFile(filepath.Join(root, "etc/passwd"))
	if err != nil || !strings.Contains(string(users), "\nsummit-nats:") && !strings.HasPrefix(string(users), "summit") {
		t.Errorf("no users were made: %s %v", users, err)
	}
	conf := filepath.Join(root, "etc/summit/summit.conf")
	if b, err := os.ReadFile(conf); err != nil || !strings.Contains(string(b), "--addr 127.0.0.1:") {
		t.Errorf("as it comes it must listen on loopback alone: %s %v", b, err)
	}
	kept(t, root, conf, dpkg)
}

// kept changes and records something, and removes and purges the packages.
func kept(t *testing.T, root, conf string, dpkg []string) {
	t.Helper()
	if err := os.WriteFile(conf, []byte("SUMMIT_FLAGS=mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	record := filepath.Join(root, "var/lib/summit/nats/record")
	if err := os.MkdirAll(filepath.Dir(record), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(record, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "dpkg", append(dpkg, append([]string{"--force-confold", "--install"}, debs(t)...)...)...)
	if b, err := os.ReadFile(conf); err != nil || string(b) != "SUMMIT_FLAGS=mine\n" {
		t.Errorf("an upgrade wrote over what an operator had changed: %s %v", b, err)
	}
	must(t, "dpkg", append(dpkg, "--remove", "summit", "summit-nats")...)
	if _, err := os.Stat(conf); err != nil {
		t.Errorf("removing took the configuration: %v", err)
	}
	out := must(t, "dpkg", append(dpkg, "--purge", "summit", "summit-nats")...)
	if _, err := os.Stat(conf); err == nil {
		t.Error("purging left the configuration")
	}
	if b, err := os.ReadFile(record); err != nil || string(b) != "kept" || !strings.Contains(out, "are kept") {
		t.Errorf("purging must keep the log, and say so: %s %v\n%s", b, err, out)
	}
	left, err := filepath.Glob(filepath.Join(root, "usr/*/*"))
	if err != nil || slices.ContainsFunc(left, func(p string) bool { return strings.Contains(p, "summit") }) {
		t.Errorf("left behind: %v %v", left, err)
	}
}
