package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/cmd/internal/access"
	httpserver "github.com/summit-timeline/summit/cmd/internal/http"
	"github.com/summit-timeline/summit/cmd/internal/live"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/seeds"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/embedded"
)

const summit = "alaska-2025"

// story is a whole server in the process, whose clock is that of the story: it
// is the evening of 14 August 2025 in Anchorage, and each event is recorded
// three minutes after the one before.
type story struct {
	testing.TB
	url   string
	host  *summits.Registry
	facts []events.Event
	gate  *access.Gate // nil asks for no tokens
	clock atomic.Int64 // minutes since the beginning
}

var evening = time.Date(2025, 8, 15, 5, 0, 0, 0, time.UTC)

func (s *story) now() time.Time { return evening.Add(time.Duration(s.clock.Load()) * time.Minute) }

func tell(t testing.TB) *story {
	t.Helper()
	dir := t.TempDir()
	s := &story{TB: t}
	broker, err := embedded.Start(embedded.Options{Dir: filepath.Join(dir, "nats"), Secret: uuid.NewString(), Interval: time.Hour})
	s.must(err)
	t.Cleanup(func() { s.must(broker.Shutdown()) })
	conn, err := broker.Connect("append")
	s.must(err)
	t.Cleanup(conn.Close)
	logs, err := store.Open(store.Conns{Append: conn, Read: conn}, store.Options{})
	s.must(err)
	s.host, err = summits.Open(context.Background(), logs, summits.Options{
		Views: filepath.Join(dir, "views"), Logger: slog.New(slog.DiscardHandler),
		Clock: func() time.Time { s.clock.Add(3); return s.now() },
		NewID: func() (string, error) { return uuid.NewString(), nil },
	})
	s.must(err)
	t.Cleanup(func() { s.must(s.host.Close()) })
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- s.host.Run(ctx) }()
	t.Cleanup(func() { cancel(); s.must(<-ran) })
	s.serve()
	s.facts, err = seeds.Load(summit)
	s.must(err)
	x, _, err := s.host.OpenSummit(ctx, s.facts[0])
	s.must(err)
	out, err := x.Record(ctx, slices.Clone(s.facts[1:]), nil)
	s.must(err)
	s.must(x.Views.Wait(ctx, out[len(out)-1].Seq))
	return s
}

// undated hides the write deadlines of a connection: the story's clock is not
// the network's.
type undated struct{ http.ResponseWriter }

func (u undated) Flush() { u.ResponseWriter.(http.Flusher).Flush() }

func (s *story) serve() {
	done := make(chan struct{})
	logger := slog.New(slog.DiscardHandler)
	hub := live.New(live.Options{Clock: s.now, Jitter: func() float64 { return 0 }, Logger: logger, Done: done})
	handler, err := httpserver.New(s.host, httpserver.Options{
		Clock: s.now, Logger: logger, Loopback: true, Live: hub, Durability: "always", Version: "test", Gate: s.gate,
		Health: func() error { return nil },
	})
	s.must(err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(undated{w}, r) }))
	s.url = server.URL
	s.Cleanup(func() { close(done); server.CloseClientConnections(); server.Close() })
}

func (s *story) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// page is the address of the summit's page.
func (s *story) page(query string) string { return s.url + "/summits/" + summit + query }

// record records an event of the exercise.
func (s *story) record(typ, subject string, data map[string]any) string {
	s.Helper()
	return record(s, s.url, typ, subject, data)
}

func record(t testing.TB, url, typ, subject string, data map[string]any) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{"source": "/desks/exercise", "type": typ, "subject": subject, "data": data})
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Post(url+"/v1/summits/"+summit+"/facts", events.ContentType, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusCreated {
		t.Fatalf("record %s: %d %s %v", typ, res.StatusCode, body, err)
	}
	var a struct{ ID, Position string }
	if err := json.Unmarshal(body, &a); err != nil {
		t.Fatal(err)
	}
	res, err = http.Get(url + "/v1/summits/" + summit + "?min=" + a.Position) // until it is served
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("wait for %s: %v %v", a.Position, res, err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return a.ID
}

// fact is the id and the entity of the shipped event at a sequence.
func (s *story) fact(seq int) (id, entity string) {
	e := s.facts[seq-1]
	return e.ID, e.Subject.String()
}

// note records a note.
func (s *story) note(id, text string) string {
	return s.record(events.TypeNoteAdded, "note/"+id, map[string]any{"text": text, "sources": []any{map[string]any{"id": "d", "name": "The desk of the exercise"}}})
}

// amend records an amendment of a shipped event.
func (s *story) amend(seq int, typ string, data map[string]any) string {
	id, entity := s.fact(seq)
	data["target"] = id
	return s.record(typ, entity, data)
}

// amended plays what a desk does after the story: it corrects, corroborates,
// grades, disputes and retracts. What it says is an exercise and says so.
func (s *story) amended() {
	s.Helper()
	s.amend(3, events.TypeFactCorrected, map[string]any{
		"patch": map[string]any{"watchers": 20000, "headline": "More than 20,000 people watch the flight on Flightradar"}, "class": "corrected", "notice": "Exercise: the count was read again.",
	})
	s.amend(4, events.TypeFactCorroborated, map[string]any{
		"detail": "Exercise: seen from the perimeter road.", "sources": []any{map[string]any{"id": "w", "name": "A photographer at the base", "kind": "witness", "role": "witness"}},
	})
	s.amend(4, events.TypeFactGraded, map[string]any{"grade": map[string]any{"source": "C", "info": 2}})
	s.amend(8, events.TypeFactRetracted, map[string]any{"reason": "exercise", "notice": "Exercise: it repeated the fact on security."})
	s.amend(17, events.TypeFactDisputed, map[string]any{
		"detail": "Exercise: another reading.", "sources": []any{map[string]any{"id": "a", "name": "An analyst", "kind": "witness"}},
	})
}

// position is a position of the story's log.
func (s *story) position(seq uint64) string {
	x, ok := s.host.Summit(summit)
	if !ok {
		s.Fatal("no summit")
	}
	return fmt.Sprintf("%s-%d", x.Views.Head().Epoch, seq)
}
