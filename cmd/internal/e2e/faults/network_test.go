//go:build linux

package faults

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// network is what joins the members of a cluster with each other and with the
// replicas: a network namespace each, on one bridge.
type network struct{ testing.TB }

// host is the address of a member.
func host(i int) string { return fmt.Sprintf("10.0.0.%d", i+1) }

// space and port are the names of a member's namespace, and of its place on
// the bridge.
func space(i int) string { return fmt.Sprintf("n%d", i+1) }
func port(i int) string  { return fmt.Sprintf("port%d", i+1) }

func newNetwork(t testing.TB) *network {
	t.Helper()
	n := &network{t}
	t.Cleanup(func() {
		n.ip("link del lan")
		for i := range members {
			n.ip("netns del %s", space(i)) // with what is in it
		}
	})
	n.ip("link add lan type bridge")
	n.ip("addr add 10.0.0.254/24 dev lan")
	n.ip("link set lan up")
	for i := range members {
		n.ip("netns add %s", space(i))
		n.ip("link add %s type veth peer name eth0 netns %s", port(i), space(i))
		n.ip("-n %s link set lo up", space(i))
		n.ip("-n %s addr add %s/24 dev eth0", space(i), host(i))
		n.ip("-n %s link set eth0 up", space(i))
		n.ip("link set %s up", port(i))
		n.join(i)
	}
	return n
}

func (n *network) ip(format string, args ...any) {
	n.Helper()
	line := fmt.Sprintf(format, args...)
	if out, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
		n.Fatalf("ip %s: %v %s", line, err, out)
	}
}

// leave takes a member off the network: what is sent to it or by it is lost.
func (n *network) leave(i int) { n.Helper(); n.ip("link set %s nomaster", port(i)) }
func (n *network) join(i int)  { n.Helper(); n.ip("link set %s master lan", port(i)) }

// part makes two members lose what they send each other. Others, and the
// replicas, still reach both.
func (n *network) part(i, j int) {
	n.Helper()
	n.ip("-n %s route add blackhole %s/32", space(i), host(j))
	n.ip("-n %s route add blackhole %s/32", space(j), host(i))
}

func (n *network) unite(i, j int) {
	n.Helper()
	n.ip("-n %s route del blackhole %s/32", space(i), host(j))
	n.ip("-n %s route del blackhole %s/32", space(j), host(i))
}
