package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/summit-timeline/summit/cmd/internal/broker"
	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/keys"
	serving "github.com/summit-timeline/summit/cmd/internal/server"
	"github.com/summit-timeline/summit/events/eventstest"

	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
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

// tell appends notes to the log, which is opened first if it is not there.
func (f *herd) tell(from, count int) {
	f.Helper()
	logs, err := store.Open(store.Conns{Append: f.nc, Read: f.nc}, store.Options{})
	f.must(err)
	log, _, err := logs.Create(f.Context(), logtest.Opened(staged))
	f.must(err)
	for n := from; n < from+count; n += 500 {
		info, err := log.Info(f.Context())
		f.must(err)
		_, err = log.Append(f.Context(), logtest.Notes(staged, n, min(500, from+count-n)), store.After(info.Last))
		f.must(err)
	}
}

// member is a running replica.
type member struct {
	*herd
	data, url string
	log       *eventstest.Buffer
	stop      func()
}

// join runs a replica, with the key of the herd, until the test ends.
func (f *herd) join(name string, change func(*serving.Options)) *member {
	f.Helper()
	m := &member{herd: f, data: filepath.Join(f.dir, name), log: &eventstest.Buffer{}}
	flags := serving.Options{
		Data: m.data, Addr: "127.0.0.1:0", Key: filepath.Join(f.dir, "key"),
		Cluster: broker.ClusterOptions{URL: f.url, Replicas: 1, Durability: broker.Always}, NATS: broker.ListenOptions{Listen: broker.Off},
	}
	if _, err := os.Stat(flags.Key); errors.Is(err, os.ErrNotExist) {
		_, err := keys.Make(flags.Key, "herd.example")
		f.must(err)
	}
	if change != nil {
		change(&flags)
	}
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := serve(ctx, cli.Streams{Out: in, Err: m.log}, flags)
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
	eventually(m, m.log, fmt.Sprintf("position %d", seq), func() bool {
		_, b := m.text("/metrics")
		return strings.Contains(b, want)
	})
	_, digests := m.text("/v1/summits/" + staged + "/digests")
	return digests
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
