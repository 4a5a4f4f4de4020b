package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/cmd/internal/audit"
	"github.com/summit-timeline/summit/cmd/internal/broker"
	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/server"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/eventstest"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/embedded"
	"github.com/summit-timeline/summit/store/logtest"
)

const staged = "geneva"

// stage is the data folder of a server that does not run: files that can be
// tampered with.
type stage struct {
	testing.TB
	dir string
}

// newStage makes a folder with a log of so many events, and the views of it.
func newStage(t testing.TB, count int, maxBytes int64) *stage {
	t.Helper()
	s := &stage{t, t.TempDir()}
	s.broker(func(js jetstream.JetStream, logs func(store.Options) *store.Logs) {
		log, _, err := logs(store.Options{MaxBytes: maxBytes}).Create(t.Context(), logtest.Opened(staged))
		s.must(err)
		for n := 2; n <= count; n += stagedAtOnce { // a rebuild at scale stages a million
			s.append(log, logtest.Notes(staged, n, min(stagedAtOnce, count+1-n)))
		}
	})
	s.serve(server.ScrubOptions{}, func(x *served) {
		x.reach(count)
	})
	return s
}

// stagedAtOnce is how many events are made before they are appended.
const stagedAtOnce = 10_000

func (s *stage) append(log *store.Log, list []events.Event) {
	s.Helper()
	for len(list) > 0 {
		n := min(len(list), 500)
		info, err := log.Info(s.Context())
		s.must(err)
		_, err = log.Append(s.Context(), list[:n], store.After(info.Last))
		s.must(err)
		list = list[n:]
	}
}

func (s *stage) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// copy is the same folder again, for a test of its own.
func (s *stage) copy(t testing.TB) *stage {
	t.Helper()
	c := &stage{t, t.TempDir()}
	c.must(os.CopyFS(c.dir, os.DirFS(s.dir)))
	c.settle()
	return c
}

func (s *stage) views() string { return filepath.Join(s.dir, "views", staged+".db") }

func (s *stage) stream() string {
	return filepath.Join(s.dir, "nats", "jetstream", "$G", "streams", "SUMMIT_"+staged)
}

// broker runs a broker alone on the folder, for as long as fn takes.
func (s *stage) broker(fn func(js jetstream.JetStream, logs func(store.Options) *store.Logs)) {
	s.Helper()
	b, err := embedded.Start(embedded.Options{Dir: filepath.Join(s.dir, "nats"), Secret: "test", Interval: time.Hour})
	s.must(err)
	c, err := b.Connect("test")
	s.must(err)
	js, err := jetstream.New(c)
	s.must(err)
	fn(js, func(o store.Options) *store.Logs {
		logs, err := store.Open(store.Conns{Append: c, Read: c}, o)
		s.must(err)
		return logs
	})
	c.Close()
	s.must(b.Shutdown())
}

// served is a running server on a stage.
type served struct {
	*stage
	url string
	log *eventstest.Buffer
}

// serve runs a server until ctx ends.
func serve(ctx context.Context, std cli.Streams, o server.Options) error {
	s, err := server.New(o, std.Out, std.Err)
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

// serve runs a server on the folder, for as long as fn takes.
func (s *stage) serve(scrub server.ScrubOptions, fn func(x *served)) {
	s.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	out, in := io.Pipe()
	x := &served{stage: s, log: &eventstest.Buffer{}}
	ended := make(chan error, 1)
	go func() {
		err := serve(ctx, cli.Streams{Out: in, Err: x.log}, server.Options{Data: s.dir, Addr: "127.0.0.1:0", NATS: broker.ListenOptions{Listen: broker.Off}, Cluster: broker.ClusterOptions{Durability: broker.Always}, Scrub: scrub})
		ended <- errors.Join(err, in.CloseWithError(io.EOF))
	}()
	lines := bufio.NewScanner(out)
	for x.url == "" && lines.Scan() {
		if url, found := strings.CutPrefix(lines.Text(), "HTTP   "); found {
			x.url = url
		}
	}
	if x.url == "" {
		s.Fatalf("the server did not come up: %v\n%s", <-ended, x.log)
	}
	go io.Copy(io.Discard, out) //nolint:errcheck // it ends with the server
	defer func() {
		cancel()
		s.must(<-ended)
	}()
	x.until("the end of the start", x.started)
	fn(x)
}

// started reports whether the server has looked for a demo: until then /readyz is red
// whatever else it has to tell.
func (x *served) started() bool {
	x.Helper()
	var r struct{ Reasons []string }
	x.ask(http.MethodGet, "/readyz", "", "", &r)
	return !slices.Contains(r.Reasons, "the demo is being recorded")
}

// ask sends a request; into takes the JSON of the answer.
func (x *served) ask(method, path, contentType, body string, into any) int {
	x.Helper()
	r, err := http.NewRequest(method, x.url+path, strings.NewReader(body))
	x.must(err)
	r.Header.Set("Content-Type", contentType)
	res, err := http.DefaultClient.Do(r)
	x.must(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	x.must(err)
	if err := json.Unmarshal(b, into); err != nil {
		x.Fatalf("%s %s: %v: %s", method, path, err, b)
	}
	return res.StatusCode
}

// until waits until what is awaited has come.
func (x *served) until(what string, come func() bool) {
	x.Helper()
	eventually(x, x.log, what, come)
}

// eventually is eventstest.Eventually; if it fails it shows a log.
func eventually(t testing.TB, log *eventstest.Buffer, what string, come func() bool) {
	t.Helper()
	came := false
	defer func() {
		if !came {
			t.Log(log)
		}
	}()
	eventstest.Eventually(t, what, come)
	came = true
}

func (x *served) report() (r summits.Report) {
	x.Helper()
	x.ask(http.MethodGet, "/v1/doctor", "", "", &r)
	return r
}

// reach waits until the views are at a sequence: for very many events in steps, as
// long as each comes in time.
func (x *served) reach(seq int) {
	x.Helper()
	for at := 0; at < seq; {
		at = min(at+stagedAtOnce, seq)
		x.until(fmt.Sprintf("position %d", at), func() bool { return x.position() >= at })
	}
	if at := x.position(); at != seq {
		x.Fatalf("the views are at %d, want %d\n%s", at, seq, x.log)
	}
}

// position is where the views of the one summit are, or -1 if there is none.
func (x *served) position() int {
	x.Helper()
	r := x.report()
	if len(r.Summits) != 1 {
		return -1
	}
	_, seq, _ := strings.Cut(r.Summits[0].Position, "-")
	at, err := strconv.Atoi(seq)
	if err != nil {
		return -1 // nothing is served yet
	}
	return at
}

// verb runs a verb against the server.
func (x *served) verb(args ...string) (code int, out string) {
	x.Helper()
	var b, errs bytes.Buffer
	code = run(append(args, "--server", x.url), cli.Streams{In: strings.NewReader(""), Out: &b, Err: &errs})
	if code > cli.Bad {
		x.Errorf("%v: exit %d: %s", args, code, errs.String())
	}
	return code, b.String()
}

// audit audits the summit and wants a verdict.
func (x *served) audit(sound bool, args ...string) (r audit.Report) {
	x.Helper()
	code, out := x.verb(append([]string{"audit", staged, "--json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		x.Fatalf("audit: exit %d, %v: %s", code, err, out)
	}
	if r.Sound != sound || code != map[bool]int{true: cli.Good, false: cli.Bad}[sound] {
		x.Fatalf("audit: sound %t, exit %d, want %t: %+v", r.Sound, code, sound, r.Findings)
	}
	return r
}
