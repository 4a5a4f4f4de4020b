package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/limits"
	"github.com/summit-timeline/summit/cmd/internal/live"
	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/seeds"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/embedded"
	"github.com/summit-timeline/summit/store/merkle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recordedFrom is when the first event of a fixture is recorded; each next one
// comes a second later. The clock is read twice for each event.
var recordedFrom = time.Date(2025, 8, 14, 20, 0, 0, 0, time.UTC)

// fixture is a whole server in the process: broker, views, host and HTTP.
type fixture struct {
	testing.TB
	url     string
	client  *http.Client
	handler http.Handler
	host    *summits.Registry
	broker  *embedded.Server
	nats    *nats.Conn
	gate    *access.Gate // nil asks for no tokens
	rates   *limits.Rates
	proxies []netip.Prefix
	origins []string
	logger  *slog.Logger
	health  atomic.Pointer[error]
	yet     atomic.Pointer[string] // to do at the start
	ahead   atomic.Int64           // how far the readers' clock is ahead of the present
	stop    func()                 // begins to stop, as the server does: live streams end
	notary  *signing.Notary
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	return newFixtureWith(t, func(*store.Options, *summits.Options) {})
}

// newFixtureWith is newFixture with other options.
func newFixtureWith(t testing.TB, change func(*store.Options, *summits.Options)) *fixture {
	t.Helper()
	f := &fixture{TB: t}
	var err error
	f.broker, err = embedded.Start(embedded.Options{Dir: filepath.Join(t.TempDir(), "nats"), Secret: uuid.NewString(), Interval: time.Hour})
	f.must(err)
	f.Cleanup(func() { f.must(f.broker.Shutdown()) })
	f.join(change)
	return f
}

// replica is another server on the same broker, with views of its own.
func (f *fixture) replica(change func(*store.Options, *summits.Options)) *fixture {
	f.Helper()
	b := &fixture{TB: f.TB, broker: f.broker}
	b.join(change)
	return b
}

// join opens a host on the broker and serves it.
func (f *fixture) join(change func(*store.Options, *summits.Options)) {
	f.Helper()
	dir := f.TempDir()
	write, err := f.broker.Connect("append")
	f.must(err)
	f.Cleanup(write.Close)
	f.nats, err = f.broker.Connect("read")
	f.must(err)
	f.Cleanup(f.nats.Close)
	var recorded atomic.Int64
	so, ho := store.Options{}, summits.Options{
		Views: filepath.Join(dir, "views"), Logger: slog.New(slog.DiscardHandler),
		Clock: func() time.Time { return recordedFrom.Add(time.Duration((recorded.Add(1)-1)/2) * time.Second) },
		NewID: func() (string, error) { return uuid.NewString(), nil },
	}
	change(&so, &ho)
	logs, err := store.Open(store.Conns{Append: write, Read: f.nats}, so)
	f.must(err)
	f.host, err = summits.Open(context.Background(), logs, ho)
	f.must(err)
	f.Cleanup(func() { f.must(f.host.Close()) })
	skey, _, err := merkle.GenerateKey(rand.Reader, "host.example")
	f.must(err)
	f.notary, err = signing.Open(filepath.Join(dir, "checkpoints"), skey)
	f.must(err)
	f.run()
	f.serve()
}

// run runs the host until the test ends, and waits for it then.
func (f *fixture) run() {
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- f.host.Run(ctx) }()
	f.Cleanup(func() {
		cancel()
		f.must(<-ran)
	})
}

func (f *fixture) serve() {
	done, stopped := make(chan struct{}), atomic.Bool{}
	f.stop = func() {
		if !stopped.Swap(true) {
			close(done)
		}
	}
	var err error
	clock := func() time.Time { return time.Now().Add(time.Duration(f.ahead.Load())) }
	logger := f.logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	hub := live.New(live.Options{Clock: clock, Jitter: func() float64 { return 0 }, Logger: logger, Done: done})
	f.handler, err = New(f.host, Options{
		Clock: clock, Logger: logger, Loopback: f.proxies == nil, Live: hub,
		Durability: "always", Version: "test", Notary: f.notary, Gate: f.gate, Rates: f.rates, Proxies: f.proxies, Origins: f.origins,
		Health: func() error {
			if err := f.health.Load(); err != nil {
				return *err
			}
			return nil
		},
		Starting: func() string {
			if yet := f.yet.Load(); yet != nil {
				return *yet
			}
			return ""
		},
	})
	f.must(err)
	server := httptest.NewServer(f.handler)
	f.url, f.client = server.URL, server.Client()
	f.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	f.Cleanup(func() {
		f.stop()
		server.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		hub.Drain(ctx)
	})
}

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// reply is an answer that has been read.
type reply struct {
	f      *fixture
	what   string
	status int
	header http.Header
	body   string
}

// do sends a request; header has names and values by turns. The name Host is
// the host that is asked for.
func (f *fixture) do(method, path, body string, header ...string) reply {
	f.Helper()
	r, err := http.NewRequest(method, f.url+path, strings.NewReader(body))
	f.must(err)
	for pair := range slices.Chunk(header, 2) {
		if pair[0] == "Host" {
			r.Host = pair[1]
		}
		r.Header.Set(pair[0], pair[1])
	}
	res, err := f.client.Do(r)
	f.must(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	f.must(err)
	return reply{f, method + " " + path, res.StatusCode, res.Header, string(b)}
}

func (f *fixture) get(path string, header ...string) reply {
	f.Helper()
	return f.do(http.MethodGet, path, "", header...)
}

func (f *fixture) post(path, contentType, body string, header ...string) reply {
	f.Helper()
	return f.do(http.MethodPost, path, body, append([]string{"Content-Type", contentType}, header...)...)
}

// want ends the test where the status is another.
func (r reply) want(status int) reply {
	r.f.Helper()
	if r.status != status {
		r.f.Fatalf("%s: %d, want %d: %s", r.what, r.status, status, r.body)
	}
	return r
}

func (r reply) into(v any) {
	r.f.Helper()
	if err := json.Unmarshal([]byte(r.body), v); err != nil {
		r.f.Fatalf("%s: %v: %s", r.what, err, r.body)
	}
}

// problem checks that the answer is a whole RFC 9457 problem.
func (r reply) problem(status int) Problem {
	r.f.Helper()
	r.want(status)
	var p Problem
	r.into(&p)
	if r.header.Get("Content-Type") != "application/problem+json" || p.Type == "" || p.Title != http.StatusText(status) || p.Status != status || p.Detail == "" {
		r.f.Errorf("%s: %s is no whole problem: %s", r.what, r.header.Get("Content-Type"), r.body)
	}
	return p
}

// pointers are what the faults point at, sorted.
func (p Problem) pointers() string {
	var list []string
	for _, e := range p.Errors {
		list = append(list, e.Pointer)
		if e.Detail == "" {
			list = append(list, "(no detail)")
		}
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// open opens a summit and gives its position.
func (f *fixture) open(id string) {
	f.Helper()
	f.post("/v1/summits", JSONType, fmt.Sprintf(`{"id":%q,"title":"Summit %s","zone":"Europe/Zurich","parties":[{"id":"a","name":"A"},{"id":"b","name":"B"}]}`, id, id)).want(http.StatusCreated)
}

// alaska opens the shipped story: event n of the log is event n-1 of the list.
func (f *fixture) alaska() []events.Event {
	f.Helper()
	story, err := seeds.Load("alaska-2025")
	f.must(err)
	s, _, err := f.host.OpenSummit(context.Background(), story[0])
	f.must(err)
	for _, e := range story[1:] { // one at a time: each has a recorded time of its own
		out, err := s.Record(context.Background(), []events.Event{e}, nil)
		f.must(err)
		f.must(s.Views.Wait(context.Background(), out[0].Seq))
	}
	return story
}

// record records an event that must be taken, and waits until it is served.
func (f *fixture) record(summit, event string, header ...string) Recorded {
	f.Helper()
	var a Recorded
	f.post("/v1/summits/"+summit+"/facts", events.ContentType, event, header...).want(http.StatusCreated).into(&a)
	s, _ := f.host.Summit(summit)
	f.must(s.Views.Wait(context.Background(), a.Seq))
	return a
}

// head is the position that is served.
func (f *fixture) head(summit string) events.Position {
	f.Helper()
	s, ok := f.host.Summit(summit)
	if !ok {
		f.Fatalf("no summit %s", summit)
	}
	return s.Views.Head()
}

// at is a position of a summit's log.
func (f *fixture) at(summit string, seq int) string {
	return fmt.Sprintf("%s-%d", f.head(summit).Epoch, seq)
}

// streams are the names of all streams of the broker.
func (f *fixture) streams() []string {
	f.Helper()
	js, err := jetstream.New(f.nats)
	f.must(err)
	lister := js.StreamNames(context.Background())
	var names []string
	for n := range lister.Name() {
		names = append(names, n)
	}
	f.must(lister.Err())
	slices.Sort(names)
	return names
}

// event writes an event; members come as names and JSON values by turns and
// override the others.
func event(typ, subject, data string, members ...string) string {
	m := map[string]json.RawMessage{
		"source": json.RawMessage(`"/desks/test"`), "type": quoted(typ), "subject": quoted(subject), "data": json.RawMessage(data),
	}
	for pair := range slices.Chunk(members, 2) {
		m[pair[0]] = json.RawMessage(pair[1])
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		panic(err) // the test wrote no JSON
	}
	return strings.TrimSpace(b.String())
}

func quoted(s string) json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a text always encodes
	}
	return b
}

func note(id, text string, members ...string) string {
	return event("note.added", "note/"+id, fmt.Sprintf(`{"text":%s,"sources":[{"id":"s","name":"A reporter"}]}`, quoted(text)), members...)
}

func retraction(subject, target string, members ...string) string {
	return event("fact.retracted", subject, fmt.Sprintf(`{"target":%q,"reason":"it was wrong"}`, target), members...)
}

func batch(list ...string) string { return "[" + strings.Join(list, ",") + "]" }

// id is a UUID of its own for each number.
func id(n int) string { return fmt.Sprintf("0198a9f2-7c1e-7000-8000-%012d", n) }

// page is a page of the timeline, as a reader sees it.
type page struct {
	Summit, Position, Known string
	Complete                bool
	Quarantined             []struct {
		Seq    uint64
		Reason string
	}
	Items []item
	Next  *string
}

type item struct {
	Fact, Type, Entity, Headline, Attribution, Standing, Position string
	Seq                                                           uint64
	Recorded                                                      string
	Grade                                                         *string
	Roots, Revision                                               int
	Amendments                                                    []struct{ ID, Type, Notice string }
	Data                                                          json.RawMessage
}

func (f *fixture) timeline(summit, query string) page {
	f.Helper()
	var p page
	f.get("/v1/summits/" + summit + "/timeline" + query).want(http.StatusOK).into(&p)
	return p
}

func (p page) seqs() []uint64 {
	list := make([]uint64, 0, len(p.Items))
	for _, i := range p.Items {
		list = append(list, i.Seq)
	}
	return list
}
