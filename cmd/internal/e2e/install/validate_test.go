package install

import (
	"path/filepath"
	"testing"
)

// Files for engines that are not at hand are read by the parsers of those engines.
func TestContainersComposeAndKubernetesAreValid(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the parsers of others: left out by -short")
	}
	need(t, "go")
	t.Log(must(t, "go", "run", "-C", filepath.Join(deploy, "check"), ".", ".."))
}

func TestTheCaddyfileIsValid(t *testing.T) {
	need(t, "caddy")
	must(t, "caddy", "validate", "--adapter", "caddyfile", "--config", filepath.Join(deploy, "proxy", "Caddyfile"))
}

func TestTheConfigurationOfPrometheusIsValid(t *testing.T) {
	need(t, "promtool")
	must(t, "promtool", "check", "config", "--syntax-only", filepath.Join(deploy, "container", "prometheus.yml"))
}
