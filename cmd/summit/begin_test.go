package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/keys"
	"github.com/summit-timeline/summit/cmd/internal/server"

	"github.com/summit-timeline/summit/cmd/internal/broker/brokertest"
	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/viewdb"
)

const herdEvents = 3000

func TestANewReplicaBeginsFromTheSnapshotOfAnother(t *testing.T) {
	f := newHerd(t, -1)
	f.tell(2, herdEvents-1)
	a := f.join("a", nil)
	a.reach(herdEvents)
	file := filepath.Join(f.dir, staged+server.SnapshotEnding)
	var out bytes.Buffer
	if code := run([]string{"snapshot", staged, "-o", file, "--server", a.url}, cli.Streams{Out: &out, Err: &out}); code != cli.Good || !strings.Contains(out.String(), fmt.Sprint("-", herdEvents)) {
		t.Fatalf("exit %d: %s", code, out.String())
	}
	f.tell(herdEvents+1, 500)
	want := a.reach(herdEvents + 500)
	for name, from := range map[string]string{"by-file": f.dir, "by-url": a.url} {
		b := f.join(name, func(s *server.Options) { s.Bootstrap.From = from })
		if got := b.reach(herdEvents + 500); got != want {
			t.Errorf("%s: the digests differ:\n%s\n%s", name, got, want)
		}
		began, folded := herdEvents, "500"
		if from == a.url {
			began, folded = herdEvents+500, "0"
		}
		if b.figure("began_position") != fmt.Sprint(began) || b.figure("folded_events_total") != folded {
			t.Errorf("%s: it began at %s and folded %s", name, b.figure("began_position"), b.figure("folded_events_total"))
		}
		if b.root() != a.root() {
			t.Errorf("%s: another root", name)
		}
		if !strings.Contains(b.log.String(), "started from the views of another replica") {
			t.Errorf("%s: the log does not say so: %s", name, b.log)
		}
		b.stop() // and it goes on from there
		again := f.join(name, func(s *server.Options) { s.Bootstrap.From = from })
		if got := again.reach(herdEvents + 500); got != want || again.figure("began_position") != "0" {
			t.Errorf("%s: started again it began at %s", name, again.figure("began_position"))
		}
		if left, err := filepath.Glob(filepath.Join(b.data, "views", staged+".db?*")); err != nil || len(left) > 0 {
			t.Errorf("%s: left behind: %v %v", name, left, err)
		}
	}
	if code := run([]string{"audit", staged, "--server", a.url}, cli.Streams{Out: io.Discard, Err: io.Discard}); code != cli.Good {
		t.Errorf("audit: exit %d", code)
	}
}

func TestAReplicaThatCannotBeAskedCostsNothingButTime(t *testing.T) {
	f := newHerd(t, -1)
	f.tell(2, herdEvents-1)
	b := f.join("b", func(s *server.Options) {
		s.Bootstrap.From = fmt.Sprintf("http://127.0.0.1:%d", brokertest.FreePorts(t, 1)[0])
	})
	b.reach(herdEvents)
	if b.figure("folded_events_total") != fmt.Sprint(herdEvents) || !strings.Contains(b.log.String(), "no views could be fetched") {
		t.Errorf("it folded %s\n%s", b.figure("folded_events_total"), b.log)
	}
}

// forgeries are snapshots that must not be begun from, and what is to be said.
var forgeries = map[string]struct {
	do  func(g *forger)
	say string
}{
	"cut off":            {func(g *forger) { g.views = g.views[:len(g.views)/2] }, "signed"},
	"cut off in the tar": {func(g *forger) { g.write(filepath.Join(g.TempDir(), "x")); g.rewrite = g.rewrite[:len(g.rewrite)*2/3] }, "cut off"},
	"a bit flipped":      {func(g *forger) { g.views[len(g.views)/2] ^= 1 }, "SHA-256"},
	"no snapshot at all": {func(g *forger) { g.rewrite = []byte(strings.Repeat("nothing of the kind ", 100)) }, "tar"},
	"signed by another": {func(g *forger) {
		skey, _, err := merkle.GenerateKey(rand.Reader, "herd.example")
		g.must(err)
		g.sign(skey)
	}, "key"},
	"said of another log": {func(g *forger) { g.said.Origin = "herd.example/summits/other"; g.sign(g.skey) }, "key"},
	"a row changed": {func(g *forger) {
		g.edit(false, func(tx *viewdb.Tx) error {
			b := slices.Clone(tx.Get("facts", pair(50, 50)))
			b[len(b)-2] ^= 1
			return tx.Put("facts", pair(50, 50), b)
		})
	}, "the table facts"},
	"a table more": {func(g *forger) {
		g.edit(true, func(tx *viewdb.Tx) error { return tx.Put("more", []byte("a"), []byte("b")) })
	}, "it has an unknown table"},
	"a hash of the tree changed, and what is said of it": {func(g *forger) {
		g.edit(true, func(tx *viewdb.Tx) error {
			b := slices.Clone(tx.Get("tiles", pair(0, 3)))
			b[40] ^= 1
			return tx.Put("tiles", pair(0, 3), b)
		})
	}, "tree"},
	"another epoch": {func(g *forger) {
		g.said.Position.Epoch = "00000000"
		g.edit(true, g.cursor(func(c map[string]any) { c["epoch"] = "00000000" }))
	}, "epoch"},
	"another version": {func(g *forger) {
		g.said.Version = 77
		g.edit(true, g.cursor(func(c map[string]any) { c["version"] = 77 }))
	}, "version"},
	"another root in the checkpoint": {func(g *forger) { g.said.Root[0] ^= 1; g.sign(g.skey) }, "root"},
}

func TestASnapshotThatDoesNotVerifyIsPutAsideAndTheLogIsFolded(t *testing.T) {
	t.Parallel()
	f := newHerd(t, -1)
	f.tell(2, herdEvents-1)
	a := f.join("a", nil)
	want := a.reach(herdEvents)
	skey, err := keys.Read(filepath.Join(f.dir, "key"))
	f.must(err)
	good := filepath.Join(f.dir, "good")
	code, b := a.text("/v1/summits/" + staged + "/snapshot")
	if code != http.StatusOK {
		t.Fatalf("%d %s", code, b)
	}
	f.must(os.WriteFile(good, []byte(b), 0o600))
	for name, forged := range forgeries {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := openSnapshot(t, good, skey)
			forged.do(g)
			folder := t.TempDir()
			g.write(filepath.Join(folder, staged+server.SnapshotEnding))
			f.refuses(t, folder, forged.say, herdEvents, want)
		})
	}
	t.Run("of a log with other events", func(t *testing.T) {
		t.Parallel()
		other := newHerd(t, -1)
		other.must(os.WriteFile(filepath.Join(other.dir, "key"), []byte(skey+"\n"), 0o600))
		other.tell(herdEvents+2, herdEvents-1)
		x := other.join("x", nil)
		x.reach(herdEvents)
		f.refuses(t, x.url, "from another log", herdEvents, want)
	})
	t.Run("longer than the log", func(t *testing.T) {
		t.Parallel()
		other := newHerd(t, -1)
		other.must(os.WriteFile(filepath.Join(other.dir, "key"), []byte(skey+"\n"), 0o600))
		other.tell(2, herdEvents)
		x := other.join("x", nil)
		x.reach(herdEvents + 1)
		f.refuses(t, x.url, "but the log has", herdEvents, want)
	})
}

// refuses starts a replica that is offered a snapshot it must not take.
func (f *herd) refuses(t *testing.T, from, say string, events int, want string) {
	t.Helper()
	b := (&herd{TB: t, url: f.url, dir: f.dir}).join(strings.ReplaceAll(t.Name(), "/", "-"), func(s *server.Options) { s.Bootstrap.From = from })
	if got := b.reach(events); got != want {
		t.Errorf("the digests differ:\n%s\n%s", got, want)
	}
	if b.figure("began_position") != "0" || b.figure("folded_events_total") != fmt.Sprint(events) {
		t.Errorf("it began at %s and folded %s", b.figure("began_position"), b.figure("folded_events_total"))
	}
	_, line, _ := strings.Cut(b.log.String(), "a snapshot was refused")
	if line, _, _ = strings.Cut(line, "\n"); !strings.Contains(line, say) {
		t.Errorf("it does not say %q: %s", say, b.log)
	}
	if _, err := os.Stat(filepath.Join(b.data, "views", staged+".db.refused")); err != nil {
		t.Errorf("it was not kept: %v", err)
	}
	signed, err := os.ReadFile(filepath.Join(b.data, "views", staged+".db.refused.signed"))
	if byKey := say != "key" && say != "tar"; byKey != (err == nil && strings.Contains(string(signed), "/snapshot\n")) {
		t.Errorf("what was signed of it: %q, %v", signed, err)
	}
	b.stop()
}
