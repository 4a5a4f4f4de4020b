package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"golang.org/x/mod/sumdb/note"

	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/snapshot"
	"github.com/summit-timeline/summit/store/storetest"
	"github.com/summit-timeline/summit/store/viewdb"
)

// herd is a NATS server, and the replicas on it.
type herd struct {
	testing.TB
	url, dir string
	nc       *nats.Conn
}

func newHerd(t testing.TB, port int) *herd {
	t.Helper()
	f := &herd{TB: t, dir: t.TempDir()}
	ns, err := server.NewServer(&server.Options{JetStream: true, StoreDir: filepath.Join(f.dir, "nats"), Host: "127.0.0.1", Port: port, NoSigs: true, NoLog: true, SyncInterval: time.Hour})
	f.must(err)
	ns.Start()
	t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
	if !ns.ReadyForConnections(time.Minute) {
		t.Fatal("the NATS server did not come up")
	}
	f.url = ns.ClientURL()
	f.nc, err = nats.Connect(f.url)
	f.must(err)
	t.Cleanup(f.nc.Close)
	return f
}

func (f *herd) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// tell appends notes to the log, which is opened first where it is not there.
func (f *herd) tell(from, count int) {
	f.Helper()
	logs, err := store.Open(store.Conns{Append: f.nc, Read: f.nc}, store.Options{})
	f.must(err)
	log, _, err := logs.Create(f.Context(), storetest.Opened(staged))
	f.must(err)
	for n := from; n < from+count; n += 500 {
		_, err := log.Append(f.Context(), storetest.Notes(staged, n, min(500, from+count-n)), store.Anywhere())
		f.must(err)
	}
}

// member is a running replica.
type member struct {
	*herd
	data, url string
	log       *safeBuffer
	stop      func()
}

// join runs a replica, with the key of the herd, until the test ends.
func (f *herd) join(name string, change func(*serveFlags)) *member {
	f.Helper()
	m := &member{herd: f, data: filepath.Join(f.dir, name), log: &safeBuffer{}}
	flags := serveFlags{data: m.data, addr: "127.0.0.1:0", key: filepath.Join(f.dir, "key"), broker: brokerFlags{url: f.url, replicas: 1, durability: durable}, nats: natsFlags{listen: natsOff}}
	if _, err := os.Stat(flags.key); errors.Is(err, os.ErrNotExist) {
		_, err := makeKey(flags.key, "herd.example")
		f.must(err)
	}
	if change != nil {
		change(&flags)
	}
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := serve(ctx, streams{out: in, err: m.log}, flags)
		ended <- errors.Join(err, in.CloseWithError(io.EOF))
	}()
	lines := bufio.NewScanner(out)
	for m.url == "" && lines.Scan() {
		m.url, _ = strings.CutPrefix(lines.Text(), "HTTP   ")
	}
	if m.url == "" {
		f.Fatalf("the replica did not come up: %v\n%s", <-ended, m.log)
	}
	go io.Copy(io.Discard, out) //nolint:errcheck // it ends with the server
	stopped := false
	m.stop = func() {
		if !stopped {
			stopped = true
			cancel()
			f.must(<-ended)
		}
	}
	f.Cleanup(m.stop)
	return m
}

func (m *member) text(path string) (int, string) {
	m.Helper()
	res, err := http.Get(m.url + path)
	m.must(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	m.must(err)
	return res.StatusCode, string(b)
}

// reach waits until the replica serves a sequence, and gives its digests.
func (m *member) reach(seq int) string {
	m.Helper()
	want := fmt.Sprintf("\nsummit_position{summit=%q} %d\n", staged, seq)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) { // the pace of polling
		if _, b := m.text("/metrics"); strings.Contains(b, want) {
			_, digests := m.text("/v1/summits/" + staged + "/digests")
			return digests
		}
	}
	m.Fatalf("position %d was not reached\n%s", seq, m.log)
	return ""
}

// figure reads one of the summit's figures.
func (m *member) figure(name string) string {
	m.Helper()
	_, b := m.text("/metrics")
	_, rest, found := strings.Cut(b, fmt.Sprintf("\nsummit_%s{summit=%q} ", name, staged))
	if !found {
		m.Fatalf("no figure %s in\n%s", name, b)
	}
	value, _, _ := strings.Cut(rest, "\n")
	return value
}

func (m *member) root() (root string) {
	m.Helper()
	code, b := m.text("/v1/summits/" + staged + "/checkpoint")
	if code != http.StatusOK {
		m.Fatalf("checkpoint: %d %s", code, b)
	}
	return strings.Split(b, "\n")[2]
}

const herdEvents = 3000

func TestANewReplicaBeginsFromTheSnapshotOfAnother(t *testing.T) {
	f := newHerd(t, server.RANDOM_PORT)
	f.tell(2, herdEvents-1)
	a := f.join("a", nil)
	a.reach(herdEvents)
	file := filepath.Join(f.dir, staged+endingSnapshot)
	var out bytes.Buffer
	if code := run([]string{"snapshot", staged, "-o", file, "--server", a.url}, streams{out: &out, err: &out}); code != exitGood || !strings.Contains(out.String(), fmt.Sprint("-", herdEvents)) {
		t.Fatalf("exit %d: %s", code, out.String())
	}
	f.tell(herdEvents+1, 500)
	want := a.reach(herdEvents + 500)
	for name, from := range map[string]string{"by-file": f.dir, "by-url": a.url} {
		b := f.join(name, func(s *serveFlags) { s.snapshot.from = from })
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
		if !strings.Contains(b.log.String(), "began from the views of another replica") {
			t.Errorf("%s: the log does not say so: %s", name, b.log)
		}
		b.stop() // and it goes on from there
		again := f.join(name, func(s *serveFlags) { s.snapshot.from = from })
		if got := again.reach(herdEvents + 500); got != want || again.figure("began_position") != "0" {
			t.Errorf("%s: started again it began at %s", name, again.figure("began_position"))
		}
		if left, err := filepath.Glob(filepath.Join(b.data, "views", staged+".db?*")); err != nil || len(left) > 0 {
			t.Errorf("%s: left behind: %v %v", name, left, err)
		}
	}
	if code := run([]string{"audit", staged, "--server", a.url}, streams{out: io.Discard, err: io.Discard}); code != exitGood {
		t.Errorf("audit: exit %d", code)
	}
}

func TestAReplicaThatCannotBeAskedCostsNothingButTime(t *testing.T) {
	f := newHerd(t, server.RANDOM_PORT)
	f.tell(2, herdEvents-1)
	b := f.join("b", func(s *serveFlags) { s.snapshot.from = fmt.Sprintf("http://127.0.0.1:%d", freePorts(t, 1)[0]) })
	b.reach(herdEvents)
	if b.figure("folded_events_total") != fmt.Sprint(herdEvents) || !strings.Contains(b.log.String(), "no views could be fetched") {
		t.Errorf("it folded %s\n%s", b.figure("folded_events_total"), b.log)
	}
}

// forger takes a snapshot apart and puts it together again.
type forger struct {
	testing.TB
	skey               string
	said               snapshot.Statement
	checkpoint, views  []byte
	statement, rewrite []byte // where rewrite is given, it is sent as it is
}

func openSnapshot(t testing.TB, file, skey string) *forger {
	t.Helper()
	g := &forger{TB: t, skey: skey}
	in, err := os.Open(file)
	g.must(err)
	defer in.Close()
	vkey, err := merkle.VerifierKey(skey)
	g.must(err)
	verifier, err := logVerifier(vkey, staged)
	g.must(err)
	var views bytes.Buffer
	g.said, err = snapshot.Read(in, verifier, &views, nil)
	g.must(err)
	g.views = views.Bytes()
	_, err = in.Seek(0, io.SeekStart)
	g.must(err)
	for members := tar.NewReader(in); ; {
		h, err := members.Next()
		if errors.Is(err, io.EOF) {
			return g
		}
		g.must(err)
		switch h.Name {
		case "statement":
			g.statement, err = io.ReadAll(members)
		case "checkpoint":
			g.checkpoint, err = io.ReadAll(members)
		}
		g.must(err)
	}
}

func (g *forger) must(err error) {
	g.Helper()
	if err != nil {
		g.Fatal(err)
	}
}

// edit changes the view file, and what is said of it so that it fits; rows says
// whether that goes for the digests too.
func (g *forger) edit(rows bool, fn func(tx *viewdb.Tx) error) {
	g.Helper()
	path := filepath.Join(g.TempDir(), "views.db")
	g.must(os.WriteFile(path, g.views, 0o600))
	db, err := viewdb.Open(path, viewdb.Options{})
	g.must(err)
	g.must(errors.Join(db.Update(fn), db.Close()))
	g.views, err = os.ReadFile(path)
	g.must(err)
	g.said.Bytes, g.said.Sum = int64(len(g.views)), sha256.Sum256(g.views)
	if rows {
		a, err := projections.AccountOf(g.Context(), path)
		g.must(err)
		for i, t := range a.Tables {
			g.said.Tables[i] = snapshot.Table{Name: t.Table, Rows: t.Rows, Sum: t.Sum}
		}
	}
	g.sign(g.skey)
}

func (g *forger) cursor(change func(c map[string]any)) func(tx *viewdb.Tx) error {
	return func(tx *viewdb.Tx) error {
		var c map[string]any
		g.must(json.Unmarshal(tx.Get("meta", []byte("cursor")), &c))
		change(c)
		b, err := json.Marshal(c)
		g.must(err)
		return tx.Put("meta", []byte("cursor"), b)
	}
}

// sign signs what is said, and the checkpoint, with a key.
func (g *forger) sign(skey string) {
	g.Helper()
	signer, err := merkle.NewLogSigner(skey, g.said.Origin)
	g.must(err)
	g.statement, err = note.Sign(&note.Note{Text: string(g.said.Format())}, signer)
	g.must(err)
	g.checkpoint, err = merkle.Sign(merkle.Checkpoint{Origin: g.said.Origin, Size: int64(g.said.Position.Seq), Root: g.said.Root}, signer)
	g.must(err)
}

func (g *forger) write(file string) {
	g.Helper()
	var b bytes.Buffer
	g.must(snapshot.Write(&b, snapshot.Content{Statement: g.statement, Checkpoint: g.checkpoint, Views: bytes.NewReader(g.views), Bytes: int64(len(g.views))}))
	if g.rewrite == nil {
		g.rewrite = b.Bytes()
	}
	g.must(os.WriteFile(file, g.rewrite, 0o600))
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
	}, "none of the views"},
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
	f := newHerd(t, server.RANDOM_PORT)
	f.tell(2, herdEvents-1)
	a := f.join("a", nil)
	want := a.reach(herdEvents)
	skey, err := readKey(filepath.Join(f.dir, "key"))
	f.must(err)
	good := filepath.Join(f.dir, "good")
	code, b := a.text("/v1/summits/" + staged + "/snapshot")
	if code != http.StatusOK {
		t.Fatalf("%d %s", code, b)
	}
	f.must(os.WriteFile(good, []byte(b), 0o600))
	for name, forged := range forgeries {
		t.Run(name, func(t *testing.T) {
			g := openSnapshot(t, good, skey)
			forged.do(g)
			folder := t.TempDir()
			g.write(filepath.Join(folder, staged+endingSnapshot))
			f.refuses(t, folder, forged.say, herdEvents, want)
		})
	}
	t.Run("of a log with other events", func(t *testing.T) {
		other := newHerd(t, server.RANDOM_PORT)
		f.must(os.WriteFile(filepath.Join(other.dir, "key"), []byte(skey+"\n"), 0o600))
		other.tell(herdEvents+2, herdEvents-1)
		x := other.join("x", nil)
		x.reach(herdEvents)
		f.refuses(t, x.url, "of another log", herdEvents, want)
	})
	t.Run("longer than the log", func(t *testing.T) {
		other := newHerd(t, server.RANDOM_PORT)
		f.must(os.WriteFile(filepath.Join(other.dir, "key"), []byte(skey+"\n"), 0o600))
		other.tell(2, herdEvents)
		x := other.join("x", nil)
		x.reach(herdEvents + 1)
		f.refuses(t, x.url, "and the log has", herdEvents, want)
	})
}

// refuses starts a replica that is offered a snapshot it must not take.
func (f *herd) refuses(t *testing.T, from, say string, events int, want string) {
	t.Helper()
	b := (&herd{TB: t, url: f.url, dir: f.dir}).join(strings.ReplaceAll(t.Name(), "/", "-"), func(s *serveFlags) { s.snapshot.from = from })
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
