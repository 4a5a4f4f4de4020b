// Package servertest runs a whole server in a test: broker, views, registry and
// HTTP.
package servertest

import (
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

	"github.com/summit-timeline/summit/cmd/internal/access"
	httpserver "github.com/summit-timeline/summit/cmd/internal/http"
	"github.com/summit-timeline/summit/cmd/internal/http/api"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
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

// RecordedFrom is when the first event of an instance is recorded. Each next one
// is recorded a second later.
var RecordedFrom = time.Date(2025, 8, 14, 20, 0, 0, 0, time.UTC)

// Instance is a whole server in the process: broker, views, registry and HTTP.
type Instance struct {
	testing.TB
	URL      string
	Client   *http.Client
	Handler  http.Handler
	Registry *summits.Registry
	broker   *embedded.Server
	NATS     *nats.Conn
	Gate     *access.Gate // nil asks for no tokens
	Rates    *limits.Rates
	Proxies  []netip.Prefix
	Origins  []string
	Logger   *slog.Logger
	appends  atomic.Int64 // that were begun: the clock of what is recorded
	Health   atomic.Pointer[error]
	Yet      atomic.Pointer[string] // to do at the start
	Ahead    atomic.Int64           // how far the readers' clock is ahead of the present
	Stop     func()                 // begins to stop, as the server does: live streams end
	Notary   *signing.Notary
}

// Start starts an instance.
func Start(t testing.TB) *Instance {
	t.Helper()
	return StartWith(t, func(*store.Options, *summits.Options) {})
}

// StartWith is Start with other options.
func StartWith(t testing.TB, change func(*store.Options, *summits.Options)) *Instance {
	t.Helper()
	f := &Instance{TB: t}
	var err error
	f.broker, err = embedded.Start(embedded.Options{Dir: filepath.Join(t.TempDir(), "nats"), Secret: uuid.NewString(), Interval: time.Hour})
	f.Must(err)
	f.Cleanup(func() { f.Must(f.broker.Shutdown()) })
	f.join(change)
	return f
}

// Replica is another server on the same broker, with views of its own.
func (f *Instance) Replica(change func(*store.Options, *summits.Options)) *Instance {
	f.Helper()
	b := &Instance{TB: f.TB, broker: f.broker}
	b.join(change)
	return b
}

// join opens a host on the broker and serves it.
func (f *Instance) join(change func(*store.Options, *summits.Options)) {
	f.Helper()
	dir := f.TempDir()
	write, err := f.broker.Connect("append")
	f.Must(err)
	f.Cleanup(write.Close)
	f.NATS, err = f.broker.Connect("read")
	f.Must(err)
	f.Cleanup(f.NATS.Close)
	so, ho := store.Options{}, summits.Options{
		Views: filepath.Join(dir, "views"), Logger: slog.New(slog.DiscardHandler),
		Clock: func() time.Time { return RecordedFrom.Add(time.Duration(f.appends.Load()) * time.Second) },
		NewID: func() (string, error) { return uuid.NewString(), nil },
		Append: func(string, []context.Context, [][]string) func(error) {
			f.appends.Add(1)
			return func(error) {}
		},
	}
	change(&so, &ho)
	logs, err := store.Open(store.Conns{Append: write, Read: f.NATS}, so)
	f.Must(err)
	f.Registry, err = summits.Open(context.Background(), logs, ho)
	f.Must(err)
	f.Cleanup(func() { f.Must(f.Registry.Close()) })
	skey, _, err := merkle.GenerateKey(rand.Reader, "host.example")
	f.Must(err)
	f.Notary, err = signing.Open(filepath.Join(dir, "checkpoints"), skey)
	f.Must(err)
	f.run()
	f.Serve()
}

// run runs the host until the test ends, and waits for it then.
func (f *Instance) run() {
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- f.Registry.Run(ctx) }()
	f.Cleanup(func() {
		cancel()
		f.Must(<-ran)
	})
}

// Serve makes the handler from the fields of the instance, and serves it. A test
// calls it again after changing them.
func (f *Instance) Serve() {
	done, stopped := make(chan struct{}), atomic.Bool{}
	f.Stop = func() {
		if !stopped.Swap(true) {
			close(done)
		}
	}
	var err error
	clock := func() time.Time { return time.Now().Add(time.Duration(f.Ahead.Load())) }
	logger := f.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	hub := live.New(live.Options{Clock: clock, Jitter: func() float64 { return 0 }, Logger: logger, Done: done})
	f.Handler, err = httpserver.New(f.Registry, httpserver.Options{
		Clock: clock, Logger: logger, Loopback: f.Proxies == nil, Live: hub,
		Durability: "always", Version: "test", Notary: f.Notary, Gate: f.Gate, Rates: f.Rates, Proxies: f.Proxies, Origins: f.Origins,
		Health: func() error {
			if err := f.Health.Load(); err != nil {
				return *err
			}
			return nil
		},
		Starting: func() string {
			if yet := f.Yet.Load(); yet != nil {
				return *yet
			}
			return ""
		},
	})
	f.Must(err)
	server := httptest.NewServer(f.Handler)
	f.URL, f.Client = server.URL, server.Client()
	f.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	f.Cleanup(func() {
		f.Stop()
		server.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		hub.Drain(ctx)
	})
}

// Must ends the test if there is an error.
func (f *Instance) Must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// Reply is an answer that has been read.
type Reply struct {
	f      *Instance
	What   string
	Status int
	Header http.Header
	Body   string
}

// ReplyOf returns what a handler wrote.
func (f *Instance) ReplyOf(what string, w *httptest.ResponseRecorder) Reply {
	return Reply{f, what, w.Code, w.Header(), w.Body.String()}
}

// Do sends a request; header has names and values by turns. The name Host is
// the host that is asked for.
func (f *Instance) Do(method, path, body string, header ...string) Reply {
	f.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, f.URL+path, strings.NewReader(body))
	f.Must(err)
	for pair := range slices.Chunk(header, 2) {
		if pair[0] == "Host" {
			r.Host = pair[1]
		}
		r.Header.Set(pair[0], pair[1])
	}
	res, err := f.Client.Do(r)
	f.Must(err)
	defer res.Body.Close()
	if method == http.MethodPost && path == "/v1/summits" {
		f.appends.Add(1) // an opening is no append of the recorder
	}
	b, err := io.ReadAll(res.Body)
	f.Must(err)
	return Reply{f, method + " " + path, res.StatusCode, res.Header, string(b)}
}

// Get sends a GET.
func (f *Instance) Get(path string, header ...string) Reply {
	f.Helper()
	return f.Do(http.MethodGet, path, "", header...)
}

// Post sends a POST.
func (f *Instance) Post(path, contentType, body string, header ...string) Reply {
	f.Helper()
	return f.Do(http.MethodPost, path, body, append([]string{"Content-Type", contentType}, header...)...)
}

// Want ends the test where the status is another.
func (r Reply) Want(status int) Reply {
	r.f.Helper()
	if r.Status != status {
		r.f.Fatalf("%s: %d, want %d: %s", r.What, r.Status, status, r.Body)
	}
	return r
}

// Into decodes the JSON of the answer.
func (r Reply) Into(v any) {
	r.f.Helper()
	if err := json.Unmarshal([]byte(r.Body), v); err != nil {
		r.f.Fatalf("%s: %v: %s", r.What, err, r.Body)
	}
}

// Problem checks that the answer is a whole RFC 9457 problem.
func (r Reply) Problem(status int) Refusal {
	r.f.Helper()
	r.Want(status)
	var p Refusal
	r.Into(&p.Problem)
	if r.Header.Get("Content-Type") != "application/problem+json" || p.Type == "" || p.Title != http.StatusText(status) || p.Status != status || p.Detail == "" {
		r.f.Errorf("%s: %s is no whole problem: %s", r.What, r.Header.Get("Content-Type"), r.Body)
	}
	return p
}

// Refusal is a problem that a test looks into.
type Refusal struct{ respond.Problem }

// Pointers returns what the faults point at, sorted.
func (p Refusal) Pointers() string {
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

// Open opens a summit.
func (f *Instance) Open(id string) {
	f.Helper()
	f.Post("/v1/summits", respond.JSONType, fmt.Sprintf(`{"id":%q,"title":"Summit %s","zone":"Europe/Zurich","parties":[{"id":"a","name":"A"},{"id":"b","name":"B"}]}`, id, id)).Want(http.StatusCreated)
}

// Alaska opens the shipped story: event n of the log is event n-1 of the list.
func (f *Instance) Alaska() []events.Event {
	f.Helper()
	story, err := seeds.Load("alaska-2025")
	f.Must(err)
	s, _, err := f.Registry.OpenSummit(context.Background(), story[0])
	f.Must(err)
	f.appends.Add(1)
	for _, e := range story[1:] { // one at a time: each has a recorded time of its own
		out, err := s.Record(context.Background(), []events.Event{e}, nil)
		f.Must(err)
		f.Must(s.Views.Wait(context.Background(), out[0].Seq))
	}
	return story
}

// Record records an event that must be taken, and waits until it is served.
func (f *Instance) Record(summit, event string, header ...string) api.Recorded {
	f.Helper()
	var a api.Recorded
	f.Post("/v1/summits/"+summit+"/facts", events.ContentType, event, header...).Want(http.StatusCreated).Into(&a)
	s, _ := f.Registry.Summit(summit)
	f.Must(s.Views.Wait(context.Background(), a.Seq))
	return a
}

// Head is the position that is served.
func (f *Instance) Head(summit string) events.Position {
	f.Helper()
	s, ok := f.Registry.Summit(summit)
	if !ok {
		f.Fatalf("no summit %s", summit)
	}
	return s.Views.Head()
}

// At is a position of a summit's log.
func (f *Instance) At(summit string, seq int) string {
	return fmt.Sprintf("%s-%d", f.Head(summit).Epoch, seq)
}

// Streams are the names of all streams of the broker.
func (f *Instance) Streams() []string {
	f.Helper()
	js, err := jetstream.New(f.NATS)
	f.Must(err)
	lister := js.StreamNames(context.Background())
	var names []string
	for n := range lister.Name() {
		names = append(names, n)
	}
	f.Must(lister.Err())
	slices.Sort(names)
	return names
}
