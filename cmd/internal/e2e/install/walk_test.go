package install

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/summit-timeline/summit/events/eventstest"
)

// An operator installs the package, puts it behind TLS with tokens, sees a
// forged source refused, watches it in Prometheus, moves it to three NATS
// servers, loses a replica, restores a backup, upgrades and removes it: under a
// systemd of its own, on a machine that is thrown away.
func TestAnOperatorWalksTheReadme(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts a machine and walks for a minute: left out by -short")
	}
	need(t, "unshare", "runuser", "dpkg", "openssl", "curl", "update-ca-certificates", "nginx", "prometheus", "promtool")
	needRoot(t)
	if _, err := os.Stat("/lib/systemd/systemd"); err != nil {
		eventstest.Lacking(t, "there is no systemd")
	}
	report := filepath.Join(t.TempDir(), "report")
	out, err := try(t, filepath.Join(deploy, "walk", "machine.sh"), packages(t), report)
	walked, reading := os.ReadFile(report)
	if err != nil || reading != nil {
		t.Fatalf("%v %v\n%s\n%s", err, reading, out, walked)
	}
	t.Logf("%s", walked)
}
