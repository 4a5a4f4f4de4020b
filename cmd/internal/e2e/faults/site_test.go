//go:build linux

package faults

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// site is an installation of the program: the servers that writers and
// subscribers may go to, and the story that is told there.
type site struct {
	testing.TB
	name    string
	servers []*server
	cluster *cluster   // nil where the log is inside the server
	wire    *nats.Conn // a recorder's

	story   *trial
	rounds  int // that the story has lived through
	stories int
	resumed int // streams of the stories before
	facts   int // acknowledged in the stories before
}

// place is which kind of site a fault happens on.
type place int

const (
	lone place = iota
	clustered
)

// newSite installs and starts the servers.
func newSite(t testing.TB, where place) *site {
	t.Helper()
	h := &site{TB: t, name: "lone"}
	if where == lone {
		nats := freeAddr(t)
		h.servers = []*server{newServer(t, "the server", program("summit"), disk(t), "--nats-listen", nats)}
		h.servers[0].nats = "nats://" + nats
	} else {
		dir := t.TempDir()
		h.name, h.cluster = "cluster", newCluster(t, dir)
		for i := range 2 {
			h.servers = append(h.servers, newServer(t, fmt.Sprintf("replica %d", i+1), program("summit"),
				filepath.Join(dir, fmt.Sprint("replica", i+1)), "--nats", h.cluster.url(), "--nats-nkey", h.cluster.seedFile(replicas)))
		}
	}
	t.Cleanup(h.tell)
	for _, s := range h.servers {
		s.mustStart()
	}
	h.wire = h.recorder()
	return h
}

// tell logs what every process said last, and what every server is at, where
// the trial failed.
func (h *site) tell() {
	if !h.Failed() {
		return
	}
	for _, s := range h.servers {
		itself := answer("http://" + s.addr + "/v1/doctor")
		s.stacks()
		h.Logf("%s said:\n%s\nand of itself: %s", s.name, s.said, itself)
	}
	if h.cluster != nil {
		for i, m := range h.cluster.members {
			h.Logf("%s said:\n%s", m.name, m.said)
			h.Logf("and of its logs: %s", answer("http://"+host(i)+":8222/jsz?accounts=true&streams=true&raft=true"))
		}
	}
}

// answer is what something answers within a moment, whatever that is.
func answer(url string) string {
	res, err := (&http.Client{Timeout: 5 * time.Second}).Get(url)
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return fmt.Sprintf("%s %s (%v)", res.Status, b, err)
}

// disk is a folder on a small disk of its own if that can be had.
func disk(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Getenv(private) == "" {
		return dir
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2g,mode=0700"); err != nil {
		t.Fatalf("mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// try lets a fault happen in the story of the site, or in a new one when the
// story has lived through enough.
func (h *site) try(f fault, round int, r *rand.Rand) (resent int) {
	h.Helper()
	if h.story == nil || h.rounds == roundsOf {
		h.end()
		h.story, h.rounds = begin(h, fmt.Sprintf("%s-%d", h.name, h.stories)), 0
		h.stories++
	}
	h.rounds++
	h.story.r = r
	return h.story.round(f, round)
}

// end ends the story: its subscribers go.
func (h *site) end() {
	if h.story == nil {
		return
	}
	h.story.end()
	h.story.restored()
	for _, f := range h.story.subs {
		h.resumed += f.count()
	}
	h.facts += h.story.ledger.size()
	h.story = nil
}
