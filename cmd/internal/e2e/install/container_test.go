package install

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The image is built from nothing and run as it says: not as root, with no
// token not for others, and healthy where the program itself is asked.
func TestTheImageIsBuiltAndRuns(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds an image: left out by -short")
	}
	need(t, "buildah")
	needRoot(t)
	dir := t.TempDir()
	buildah := []string{"--storage-driver", "vfs", "--root", filepath.Join(dir, "root"), "--runroot", filepath.Join(dir, "run")}
	build := "BUILD=buildah " + strings.Join(buildah, " ") + " bud --isolation chroot --format docker"
	must(t, "env", build, filepath.Join(deploy, "container", "build.sh"), "localhost/summit:test")
	name := strings.TrimSpace(must(t, "buildah", append(buildah, "from", "--pull-never", "localhost/summit:test")...))
	in := func(args ...string) []string {
		return append(append(buildah, "run", "--isolation", "chroot", name, "--", "/usr/bin/summit"), args...)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	serve := in("serve", "--data", "/data", "--addr", addr, "--nats-listen", "off", "--proxy", "127.0.0.1")
	if out, err := try(t, "buildah", serve...); err == nil || !strings.Contains(out, "there is no token yet") {
		t.Fatalf("it started for others without a token: %v\n%s", err, out)
	}
	if out := must(t, "buildah", in("token", "add", "--data", "/data", "--name", "op", "--desk", "/desks/op", "--role", "operator")...); !strings.Contains(out, "summit_") {
		t.Fatal(out)
	}
	c := exec.CommandContext(t.Context(), "buildah", serve...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	must(t, "buildah", in("doctor", "--ready", "--wait", "60s", "--server", "http://"+addr)...)
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // buildah kills what it runs, and says so
}
