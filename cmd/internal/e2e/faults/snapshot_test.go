//go:build linux

package faults

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// fromSnapshot is the flag of serve by which a replica begins from the views of
// another.
const fromSnapshot = "--snapshot-from"

// begun lets a replica whose views are gone begin from those of another, and
// something happen to either while it does. It comes back as it is told to
// begin, and is then started as it was before.
func (t *trial) begun(happens func(giver, taker *server)) {
	t.after(400)
	taker := t.s
	giver := t.servers[(slices.Index(t.servers, taker)+1)%len(t.servers)]
	key, err := giver.read(t.ctx, "/v1/key")
	t.must(err)
	taker.kill()
	t.must(os.RemoveAll(filepath.Join(taker.data, "views")))
	args := taker.args
	taker.args = append(slices.Clone(args), fromSnapshot, "http://"+giver.addr, "--snapshot-key", strings.TrimSpace(string(key)))
	happens(giver, taker)
	taker.args = args
	taker.stop()
	taker.mustStart()
}

// giverKilled kills a replica while another begins from its views.
func giverKilled(t *trial) {
	t.begun(func(giver, taker *server) {
		taker.mustStart()
		t.after(40)
		giver.kill()
		giver.mustStart()
		taker.ready()
	})
}

// takerKilled kills a replica inside a step of beginning from another's views.
func takerKilled(t *trial) {
	t.begun(func(_, _ *server) {
		calls := []string{"renameat", "fdatasync,fsync", "pwrite64", "write"}[t.r.IntN(4)]
		t.killedAt(calls, 1+t.r.IntN(20))
		t.s.ready()
	})
}

// knows reports whether the program has a flag of serve.
func knows(flag string) bool {
	out, _ := exec.Command(program("summit"), "serve", "-h").CombinedOutput() // it ends as it likes
	return strings.Contains(string(out), strings.TrimLeft(flag, "-")+" ")
}
