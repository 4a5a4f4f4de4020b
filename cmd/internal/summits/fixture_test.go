package summits

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/embedded"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// broker is a broker that hosts of one or more processes share.
type broker struct {
	testing.TB
	server *embedded.Server
	logs   *store.Logs
	js     jetstream.JetStream
	dir    string
}

func newBroker(t testing.TB) *broker {
	t.Helper()
	b := &broker{TB: t, dir: t.TempDir()}
	var err error
	b.server, err = embedded.Start(embedded.Options{Dir: filepath.Join(b.dir, "nats"), Secret: uuid.NewString(), Interval: time.Hour})
	b.must(err)
	t.Cleanup(func() { b.must(b.server.Shutdown()) })
	conn := b.connect("test")
	b.js, err = jetstream.New(conn)
	b.must(err)
	b.logs, err = store.Open(store.Conns{Append: conn, Read: conn}, store.Options{})
	b.must(err)
	return b
}

func (b *broker) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *broker) connect(name string) *nats.Conn {
	b.Helper()
	c, err := b.server.Connect(name)
	b.must(err)
	b.Cleanup(c.Close)
	return c
}

// recordedAt is when everything here is recorded: equal times must make
// nothing equal.
var recordedAt = time.Date(2025, 8, 14, 20, 0, 0, 0, time.UTC)

// open opens a host on the broker, as one process does; views names its
// folder, set changes its options.
func (b *broker) open(views string, set ...func(*Options)) *Registry {
	b.Helper()
	return b.openOver(b.connect(views+" append"), views, set...)
}

// openOver is open with a connection that appends.
func (b *broker) openOver(appends *nats.Conn, views string, set ...func(*Options)) *Registry {
	b.Helper()
	return b.openConns(store.Conns{Append: appends, Read: b.connect(views + " read")}, views, set...)
}

// openConns is open with connections of the test's.
func (b *broker) openConns(conns store.Conns, views string, set ...func(*Options)) *Registry {
	b.Helper()
	logs, err := store.Open(conns, store.Options{})
	b.must(err)
	var ids atomic.Int64
	o := Options{
		Views: filepath.Join(b.dir, views), Clock: func() time.Time { return recordedAt }, Logger: slog.New(slog.DiscardHandler),
		NewID: func() (string, error) {
			return uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "%s %d", views, ids.Add(1))).String(), nil
		},
	}
	for _, change := range set {
		change(&o)
	}
	h, err := Open(b.Context(), logs, o)
	b.must(err)
	b.Cleanup(func() { b.must(h.Close()) })
	return h
}

// run opens a host and runs it until the test ends.
func (b *broker) run(views string, set ...func(*Options)) *Registry {
	b.Helper()
	h := b.open(views, set...)
	b.running(h)
	return h
}

func (b *broker) running(h *Registry) {
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- h.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		b.must(<-ran)
	})
}

// opened is the opening of a summit; "" is one without an id.
func opened(summit, id, title string) events.Event {
	return events.Event{
		ID: id, Source: "/desks/test", Type: events.TypeSummitOpened, Summit: summit,
		Subject: events.Entity{Kind: events.KindSummit, ID: summit},
		Data:    &events.SummitOpened{Title: title, Zone: "UTC", Parties: []events.Party{{ID: "a", Name: "A"}}},
	}
}

func (b *broker) summit(h *Registry, id string) *Summit {
	b.Helper()
	s, outcome, err := h.OpenSummit(b.Context(), opened(id, uuid.NewString(), id))
	b.must(err)
	if outcome.Outcome != store.Created || outcome.Seq != 1 {
		b.Errorf("opening %s: %+v", id, outcome)
	}
	return s
}

// numbered is a UUID of its own for each name.
func numbered(name string, n int) string {
	return uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "%s %d", name, n)).String()
}

func note(summit, id, text string) events.Event {
	return events.Event{
		ID: id, Source: "/desks/test", Type: events.TypeNoteAdded, Summit: summit, Subject: events.Entity{Kind: events.KindNote, ID: "n"},
		Data: &events.NoteAdded{Common: events.Common{Sources: events.Sources{{ID: "s", Name: "Somebody"}}}, Text: text},
	}
}

func retraction(summit, id, target string) events.Event {
	return events.Event{
		ID: id, Source: "/desks/test", Type: events.TypeFactRetracted, Summit: summit, Subject: events.Entity{Kind: events.KindNote, ID: "n"},
		Data: &events.FactRetracted{Target: events.Target{Target: target}, Reason: "it was wrong"},
	}
}

// stored counts the events of a log by id; their sequences have no gap.
func (b *broker) stored(s *Summit) map[string]int {
	b.Helper()
	ids, next := map[string]int{}, uint64(1)
	for rec, err := range s.Log.Read(b.Context(), 1, 0) {
		b.must(err)
		b.must(rec.Err)
		if rec.Seq != next {
			b.Errorf("event %d comes after %d", rec.Seq, next-1)
		}
		next = rec.Seq + 1
		ids[rec.Event.ID]++
	}
	return ids
}
